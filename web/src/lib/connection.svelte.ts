// Whether the service answers, and what is fetched of it whole: the list of customers, the model card
// and the dictionary. A service that starts or is gone is waited for as long as that takes.

import { BORDERLINE, worklistQuery } from './address';
import { ApiError, asApiError, type Api, type Waiting } from './api';
import type { ModelCard } from './api-types';
import { book } from './dictionary.svelte';
import { CustomerIndex } from './search';
import { plausible, token } from './token.svelte';

export type Service =
  | { phase: 'connecting' }
  | ({ phase: 'starting' } & Waiting)
  | { phase: 'gone' }
  /** A token is asked for; `trying`: one was given and is being tried. */
  | { phase: 'locked'; why: 'missing' | 'unknown' | 'forbidden'; trying: boolean }
  | { phase: 'failed'; error: ApiError }
  | { phase: 'up' };

/** Who is told what happens. */
export interface Listener {
  /** The list or the card has come. */
  arrived(): void;
  /** It answers, perhaps again: what failed can be asked for again. */
  up(): void;
  /** A token is asked for. */
  locked(): void;
  /** Contributions come by another method now; what was fetched of a customer is of the past. */
  explainedAnew(): void;
  /** So is everything else that was fetched. */
  forgotten(): void;
}

const STARTING_POLL_MS = 200;
const GONE_POLL_MS = 1000;
const CHECKING_POLL_MS = 2000;
/** Between two looks whether what is computed after the start is there. */
export const COMPUTING_POLL_MS = 1500;
/** Between two looks whether other assets are served than those on the screen. */
const VERSION_POLL_MS = 15_000;

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Connection {
  service = $state.raw<Service>({ phase: 'connecting' });
  customers = $state.raw<CustomerIndex | null>(null);
  model = $state.raw<ModelCard | null>(null);
  /** How many files are near the threshold. */
  borderline = $state<number | null>(null);

  /** What the service said last that it serves. */
  private served = $state<string | null>(null);
  private connecting = false;
  private watching = false;

  constructor(
    private readonly api: Api,
    private readonly listener: Listener,
  ) {}

  /** Other assets are served by now than those on the screen. */
  get outdated(): boolean {
    return this.model !== null && this.served !== null && this.served !== this.model.version;
  }

  /** Connects, and looks for newer assets until the answer is called. */
  start(): () => void {
    void this.connect();
    const watch = setInterval(() => void this.lookForNewer(), VERSION_POLL_MS);
    return () => clearInterval(watch);
  }

  /** Tries a token: with it everything goes on, or `service` says what is wrong with it. */
  async unlock(text: string): Promise<void> {
    if (this.service.phase !== 'locked') return;
    const given = text.trim();
    if (!plausible(given)) {
      this.service = { phase: 'locked', why: 'unknown', trying: false };
      return;
    }
    this.service = { ...this.service, trying: true };
    token.keep(given);
    try {
      await this.api.model();
    } catch (reason) {
      const error = asApiError(reason);
      if (error.kind === 'locked' || error.kind === 'forbidden') {
        this.lock(error);
        return;
      }
    }
    this.service = { phase: 'connecting' };
    void this.connect();
  }

  /** Ends the use of the token: nothing of what was fetched with it stays. */
  forgetToken(): void {
    token.forget();
    this.forget();
    this.listener.locked();
    this.service = { phase: 'locked', why: 'missing', trying: false };
  }

  /** Begins again after an answer that nothing can be made of. */
  retry(): void {
    if (this.service.phase === 'failed') void this.connect();
  }

  /** Fetches what is served now. */
  refresh(): void {
    this.forget();
    void this.connect();
  }

  /** Asks until what the service computes after its start is there. */
  async computed<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (reason) {
        const error = asApiError(reason);
        if (error.kind !== 'unavailable' || signal.aborted) throw error;
        const readiness = await this.api.readiness({ signal });
        if (!readiness.ready) throw error;
        await pause(COMPUTING_POLL_MS);
      }
    }
  }

  /** A request has failed: what that says of the service. */
  failed(error: ApiError): void {
    if (this.service.phase !== 'up') return;
    if (error.kind === 'locked' || error.kind === 'forbidden') {
      this.lock(error);
    } else if (error.kind === 'network' || error.kind === 'unavailable') {
      this.lose(error);
      void this.connect();
    }
  }

  /** Asks for a token, or for another; unless none would help. */
  private lock(error: ApiError): void {
    const sent = token.value !== null;
    token.forget();
    if (error.kind === 'forbidden' && !sent) {
      this.service = { phase: 'failed', error };
      return;
    }
    this.listener.locked();
    const why = error.kind === 'forbidden' ? 'forbidden' : sent ? 'unknown' : 'missing';
    this.service = { phase: 'locked', why, trying: false };
  }

  private lose(error: ApiError): void {
    this.service =
      error.kind === 'network'
        ? { phase: 'gone' }
        : { phase: 'starting', step: '', download: null, problem: '', refused: '' };
  }

  /** Fetches the list, the model card and the dictionary, waiting for the service as long as it takes. */
  private async connect(): Promise<void> {
    if (this.connecting) return;
    this.connecting = true;
    if (this.customers && this.model) {
      const version = await this.untilReady();
      if (version === this.model.version) {
        this.connecting = false;
        this.service = { phase: 'up' };
        this.listener.up();
        return;
      }
      // After an outage the data may be other data.
      this.forget();
    }
    for (;;) {
      try {
        await Promise.all([this.fetchCustomers(), this.fetchModel(), this.fetchDictionary()]);
        this.service = { phase: 'up' };
        break;
      } catch (reason) {
        const error = asApiError(reason);
        if (error.kind === 'locked' || error.kind === 'forbidden') {
          this.lock(error);
          break;
        }
        if (error.kind !== 'network' && error.kind !== 'unavailable') {
          this.service = { phase: 'failed', error };
          break;
        }
        this.lose(error);
        await pause(STARTING_POLL_MS);
        await this.untilReady();
      }
    }
    this.connecting = false;
    if (this.service.phase !== 'up') return;
    this.listener.up();
    void this.watchExplanations();
    void this.countBorderline();
  }

  private async fetchCustomers(): Promise<void> {
    this.customers = new CustomerIndex(await this.api.customers());
    this.listener.arrived();
  }

  private async fetchModel(): Promise<void> {
    this.model = await this.api.model();
    this.listener.arrived();
  }

  private async fetchDictionary(): Promise<void> {
    book.dictionary = await this.api.dictionary();
  }

  private async countBorderline(): Promise<void> {
    try {
      this.borderline = (await this.api.page(worklistQuery(BORDERLINE), 0, 0)).total;
    } catch {
      this.borderline = null;
    }
  }

  /** While the server still compares the shipped explanations with its own, it may serve the others. */
  private async watchExplanations(): Promise<void> {
    if (this.watching) return;
    this.watching = true;
    while (this.model?.explanations.shipped_file.checking) {
      const { served } = this.model.explanations;
      await pause(CHECKING_POLL_MS);
      try {
        this.model = await this.api.model();
      } catch (error) {
        this.failed(asApiError(error));
        if (this.service.phase === 'locked') break;
        continue;
      }
      if (this.model.explanations.served !== served) this.listener.explainedAnew();
    }
    this.watching = false;
  }

  private forget(): void {
    this.customers = null;
    this.model = null;
    this.served = null;
    this.borderline = null;
    book.dictionary = null;
    this.listener.forgotten();
  }

  /** The version served, when /readyz says so; tells meanwhile at which step the service is. */
  private async untilReady(): Promise<string> {
    for (;;) {
      let milliseconds = STARTING_POLL_MS;
      try {
        const readiness = await this.api.readiness();
        if (readiness.ready) return readiness.version;
        const { step, download, problem, refused } = readiness;
        this.service = { phase: 'starting', step, download, problem, refused };
      } catch {
        this.service = { phase: 'gone' };
        milliseconds = GONE_POLL_MS;
      }
      await pause(milliseconds);
    }
  }

  private async lookForNewer(): Promise<void> {
    if (this.service.phase !== 'up' || !this.model || document.hidden) return;
    const { version } = this.model;
    try {
      const readiness = await this.api.readiness();
      // What was shown meanwhile may be other assets.
      if (readiness.ready && this.model?.version === version) this.served = readiness.version;
    } catch (error) {
      this.failed(asApiError(error));
    }
  }
}
