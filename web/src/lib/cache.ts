// A small keyed cache of promises: each value is fetched once, kept while recently used, and can be
// read at once when it is there. A failure is not kept.

interface Entry<T> {
  promise: Promise<T>;
  controller: AbortController;
  settled: boolean;
  value?: T;
}

export class Cache<T> {
  // A Map iterates in the order of insertion: re-inserting on use makes the first the oldest.
  private readonly entries = new Map<string, Entry<T>>();

  constructor(
    private readonly fetch: (key: string, signal: AbortSignal, ahead: boolean) => Promise<T>,
    private readonly capacity: number,
  ) {}

  /** The value if it has arrived. */
  peek(key: string): T | undefined {
    return this.entries.get(key)?.value;
  }

  get(key: string, ahead = false): Promise<T> {
    const known = this.entries.get(key);
    if (known) {
      this.entries.delete(key);
      this.entries.set(key, known);
      return known.promise;
    }
    const controller = new AbortController();
    const entry: Entry<T> = {
      controller,
      settled: false,
      promise: this.fetch(key, controller.signal, ahead).then(
        (value) => {
          entry.value = value;
          entry.settled = true;
          return value;
        },
        (error: unknown) => {
          entry.settled = true;
          if (this.entries.get(key) === entry) this.entries.delete(key);
          throw error;
        },
      ),
    };
    this.entries.set(key, entry);
    this.evict();
    return entry.promise;
  }

  /** Fetches for later; nobody waits for it, so a failure is forgotten. */
  prefetch(key: string): void {
    if (!this.entries.has(key)) this.get(key, true).catch(() => undefined);
  }

  /** Aborts whatever is still on its way and is not among `keys`. */
  abortExcept(keys: Iterable<string>): void {
    const wanted = new Set(keys);
    for (const [key, entry] of this.entries) {
      if (entry.settled || wanted.has(key)) continue;
      this.entries.delete(key);
      entry.controller.abort();
    }
  }

  /** Forgets one value, so that the next `get` asks again. */
  forget(key: string): void {
    this.entries.delete(key);
  }

  clear(): void {
    this.abortExcept([]);
    this.entries.clear();
  }

  private evict(): void {
    for (const [key, entry] of this.entries) {
      if (this.entries.size <= this.capacity) return;
      if (entry.settled) this.entries.delete(key);
    }
  }
}
