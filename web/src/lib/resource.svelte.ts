// What one part of the screen shows of one key: the value, the wait for it, or the failure. While the
// next value is on its way the present one stays, for a moment only: a quick server causes no flicker,
// and a slow one never leaves a stale value under a new heading for long.

import { asApiError, type ApiError } from './api';
import type { Cache } from './cache';

export type Shown<T> =
  | { phase: 'loading'; key: string }
  | { phase: 'ready'; key: string; value: T }
  | { phase: 'failed'; key: string; error: ApiError };

const GRACE_MS = 150;

/** What may be otherwise when the server is back, or a token given: what is shown stays. */
const passing = ({ kind }: ApiError): boolean =>
  kind === 'network' || kind === 'unavailable' || kind === 'locked' || kind === 'forbidden';

export class Resource<T> {
  /** What is on the screen. */
  shown = $state.raw<Shown<T>>({ phase: 'loading', key: '' });
  /** What was asked for last. */
  wanted = $state.raw('');
  /** What was asked for last did not come, for a while; what was shown stays. */
  stalled = $state(false);

  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly cache: Cache<T>,
    private readonly onFailure: (error: ApiError) => void,
    /** Called the moment a value is on the screen, before the screen is drawn. */
    private readonly onReady: (value: T) => void = () => undefined,
  ) {}

  /** True when what is on the screen is what was asked for last, or the reason why it is not there. */
  get settled(): boolean {
    return this.shown.key === this.wanted && this.shown.phase !== 'loading';
  }

  get value(): T | undefined {
    return this.shown.phase === 'ready' ? this.shown.value : undefined;
  }

  show(key: string): void {
    if (key === this.wanted && this.shown.phase !== 'failed' && !this.stalled) return;
    this.wanted = key;
    this.stalled = false;
    clearTimeout(this.timer);
    const value = this.cache.peek(key);
    // Asking also marks the value as recently used.
    const promise = this.cache.get(key);
    if (value !== undefined) {
      this.ready(key, value);
      return;
    }
    if (this.shown.phase === 'ready') {
      this.timer = setTimeout(() => this.wait(key), GRACE_MS);
    } else {
      this.wait(key);
    }
    promise.then(
      (arrived) => {
        if (this.wanted !== key) return;
        clearTimeout(this.timer);
        this.ready(key, arrived);
      },
      (reason: unknown) => {
        const error = asApiError(reason);
        if (error.kind === 'aborted') return;
        if (this.wanted !== key) return;
        if (passing(error) && this.shown.phase === 'ready') {
          clearTimeout(this.timer);
          this.stalled = true;
        } else {
          clearTimeout(this.timer);
          this.shown = { phase: 'failed', key, error };
        }
        this.onFailure(error);
      },
    );
  }

  /** Calls `then` once the value of this key is there, if it still is what was asked for last. */
  arrived(key: string, then: (value: T) => void): void {
    void this.cache.get(key).then(
      (value) => {
        if (this.wanted === key) then(value);
      },
      () => undefined,
    );
  }

  /** Another value for what is shown. */
  replace(key: string, value: T): void {
    if (this.shown.key === key && this.wanted === key) this.ready(key, value);
  }

  /** Asks again after a failure. */
  retry(): void {
    if (this.shown.phase !== 'failed' && !this.stalled) return;
    const key = this.wanted;
    this.wanted = '';
    this.show(key);
  }

  /** Forgets everything, as before the first `show`. */
  reset(): void {
    clearTimeout(this.timer);
    this.wanted = '';
    this.stalled = false;
    this.shown = { phase: 'loading', key: '' };
  }

  private wait(key: string): void {
    this.shown = { phase: 'loading', key };
  }

  private ready(key: string, value: T): void {
    this.shown = { phase: 'ready', key, value };
    this.onReady(value);
  }
}
