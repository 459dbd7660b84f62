// A part of the program that is fetched when it is needed, or before, when nothing else is to do.

export class Part<T> {
  value = $state.raw<T | null>(null);
  failed = $state(false);

  private loading = false;

  constructor(private readonly fetch: () => Promise<T>) {}

  load(): void {
    if (this.loading || this.value !== null) return;
    this.loading = true;
    this.failed = false;
    this.fetch()
      .then(
        (value) => (this.value = value),
        () => (this.failed = true),
      )
      .finally(() => (this.loading = false));
  }
}
