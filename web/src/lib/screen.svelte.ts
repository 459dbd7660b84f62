// The state of the screen: the address says what is wanted, resources hold what has arrived, and
// everything else is derived from the two.

import { formatAddress, parseAddress, type Address, type Tab } from './address';
import {
  Api,
  ApiError,
  asApiError,
  type CustomerDashboard,
  type CustomerId,
  type Distribution,
  type InputValue,
  type ModelCard,
  type Points,
  type Waiting,
} from './api';
import { Cache } from './cache';
import { Resource } from './resource.svelte';
import { CustomerIndex, wholeNumber } from './search';

export interface Customer {
  id: CustomerId;
  dashboard: CustomerDashboard;
  /** Every input as prepared for the model; null where the server does not give them. */
  inputs: Record<string, InputValue> | null;
}

export type Service =
  | { phase: 'connecting' }
  | ({ phase: 'starting' } & Waiting)
  | { phase: 'gone' }
  | { phase: 'failed'; error: ApiError }
  | { phase: 'up' };

/** The features that the charts show. */
export type Choice = Record<'distribution' | 'x' | 'y', string | undefined>;

const STARTING_POLL_MS = 200;
const GONE_POLL_MS = 1000;
const CHECKING_POLL_MS = 2000;
/** Between two looks whether other assets are served than those on the screen. */
const VERSION_POLL_MS = 15_000;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const pairKey = (x: string, y: string): string => JSON.stringify([x, y]);

export class Screen {
  service = $state.raw<Service>({ phase: 'connecting' });
  customers = $state.raw<CustomerIndex | null>(null);
  model = $state.raw<ModelCard | null>(null);
  /** Other assets are served by now than those on the screen. */
  outdated = $state(false);
  address = $state.raw<Address>(parseAddress(''));
  /** Medians of the main features, as their distributions arrive. */
  medians = $state.raw<ReadonlyMap<string, number>>(new Map());
  /** The picture of global importance has arrived, or will not. */
  globalImageSettled = $state(false);

  readonly customer: Resource<Customer>;
  readonly distribution: Resource<Distribution>;
  readonly points: Resource<Points>;

  private readonly customerCache: Cache<Customer>;
  private readonly distributionCache: Cache<Distribution>;
  private readonly pointsCache: Cache<Points>;
  private mediansSettled = $state(false);
  private connecting = false;
  private watching = false;

  constructor(
    private readonly api: Api,
    /** Called the moment the address changes, before anything on the screen does. */
    private readonly onChange: () => void,
  ) {
    this.customerCache = new Cache(
      (id, signal, ahead) => this.fetchCustomer(id, signal, ahead),
      64,
    );
    this.distributionCache = new Cache(
      (feature, signal, ahead) => api.distribution(feature, { signal, ahead }),
      128,
    );
    this.pointsCache = new Cache((key, signal, ahead) => {
      const [x, y] = JSON.parse(key) as [string, string];
      return api.bivariate(x, y, { signal, ahead });
    }, 8);
    const failed = (error: ApiError): void => this.onFailure(error);
    this.customer = new Resource(this.customerCache, failed);
    this.distribution = new Resource(this.distributionCache, failed);
    this.points = new Resource(this.pointsCache, failed);
  }

  /** Main features that can be plotted first, then the others. */
  get plottable(): { main: string[]; others: string[] } {
    if (!this.model) return { main: [], others: [] };
    const { plottable, main_features } = this.model;
    const possible = new Set(plottable);
    const main = main_features.filter((name) => possible.has(name));
    const first = new Set(main);
    return { main, others: plottable.filter((name) => !first.has(name)) };
  }

  /** What the charts show when the address does not say. */
  get defaults(): Choice {
    const { main, others } = this.plottable;
    const all = [...main, ...others];
    return { distribution: all[0], x: all[0], y: all[1] ?? all[0] };
  }

  get selected(): Choice {
    const { distribution, x, y } = this.defaults;
    return {
      distribution: this.address.distribution ?? distribution,
      x: this.address.x ?? x,
      y: this.address.y ?? y,
    };
  }

  /** Everything this address asks for is on the screen. */
  get complete(): boolean {
    return (
      this.service.phase === 'up' &&
      this.mediansSettled &&
      this.customer.settled &&
      this.customer.shown.phase === 'ready' &&
      (this.selected.distribution === undefined || this.distribution.settled) &&
      (this.selected.x === undefined || this.points.settled) &&
      (this.address.tab === 'local' || this.globalImageSettled)
    );
  }

  /** The value of an input for the customer shown: undefined where the server does not give it. */
  valueOf(input: string): InputValue | undefined {
    const customer = this.customer.value;
    if (!customer) return undefined;
    const main = customer.dashboard.features;
    if (Object.hasOwn(main, input)) return main[input];
    return customer.inputs && Object.hasOwn(customer.inputs, input)
      ? customer.inputs[input]
      : undefined;
  }

  /** Reads the address, connects, and follows the browser's back and forward buttons. */
  start(): () => void {
    const read = (): void => {
      this.onChange();
      this.address = parseAddress(location.search);
      this.load();
    };
    read();
    addEventListener('popstate', read);
    void this.connect();
    const watch = setInterval(() => void this.lookForNewer(), VERSION_POLL_MS);
    return () => {
      clearInterval(watch);
      removeEventListener('popstate', read);
    };
  }

  openCustomer(id: CustomerId, how: 'push' | 'replace' = 'push'): void {
    if (id !== this.address.client) this.go({ client: id }, how);
  }

  step(by: number, how: 'push' | 'replace' = 'push'): void {
    if (!this.customers || this.address.client === null) return;
    const id = this.customers.neighbour(this.address.client, by);
    if (id !== undefined) this.openCustomer(id, how);
  }

  openTab(tab: Tab): void {
    this.go({ tab }, 'replace');
  }

  choose(part: keyof Choice, feature: string): void {
    this.go({ [part]: feature === this.defaults[part] ? null : feature }, 'replace');
  }

  retry(): void {
    if (this.service.phase === 'failed') void this.connect();
    for (const resource of [this.customer, this.distribution, this.points]) {
      if (resource.shown.phase === 'failed') resource.retry();
    }
  }

  /** Shows what is served now. */
  refresh(): void {
    this.onChange();
    this.outdated = false;
    this.forget();
    void this.connect();
  }

  /** Fetches the customers before and after the one shown, so that stepping is immediate. */
  prefetchNeighbours(): void {
    for (const id of this.neighbours()) this.customerCache.prefetch(id);
  }

  private go(change: Partial<Address>, how: 'push' | 'replace'): void {
    this.onChange();
    this.address = { ...this.address, ...change };
    const url = formatAddress(this.address);
    if (how === 'push') history.pushState(null, '', url);
    else history.replaceState(null, '', url);
    this.load();
  }

  /** Asks for what the address names, as far as it is known yet. */
  private load(): void {
    this.settleCustomer();
    const { client } = this.address;
    // Without the list, only an identifier that can mean nothing else is asked for.
    if (client !== null && (this.customers || wholeNumber(client) === client)) {
      this.customerCache.abortExcept([client, ...this.neighbours()]);
      this.customer.show(client);
    }
    const { distribution, x, y } = this.selected;
    if (!this.model) return;
    if (distribution !== undefined) this.distribution.show(distribution);
    if (x !== undefined && y !== undefined) this.points.show(pairKey(x, y));
  }

  /** No customer means the first; and an identifier is written as the list has it. */
  private settleCustomer(): void {
    if (!this.customers) return;
    const { client } = this.address;
    const meant = client === null ? this.customers.at(0) : this.customers.meant(client);
    if (meant === undefined || meant === client) return;
    this.address = { ...this.address, client: meant };
    history.replaceState(null, '', formatAddress(this.address));
  }

  private neighbours(): CustomerId[] {
    const { client } = this.address;
    if (client === null || !this.customers) return [];
    const found = [this.customers.neighbour(client, 1), this.customers.neighbour(client, -1)];
    return found.filter((id) => id !== undefined);
  }

  private async fetchCustomer(id: CustomerId, signal: AbortSignal, ahead: boolean) {
    const call = { signal, ahead };
    const [dashboard, inputs] = await Promise.all([
      this.api.dashboard(id, call),
      // The screen can do without: a chart then says that the value is not available.
      this.api.inputs(id, call).catch((error: unknown) => {
        const { kind } = asApiError(error);
        if (kind === 'not-found' || kind === 'refused' || kind === 'server') return null;
        throw error;
      }),
    ]);
    return { id, dashboard, inputs };
  }

  private onFailure(error: ApiError): void {
    if (this.service.phase !== 'up') return;
    if (error.kind !== 'network' && error.kind !== 'unavailable') return;
    this.lose(error);
    void this.connect();
  }

  private lose(error: ApiError): void {
    this.service =
      error.kind === 'network'
        ? { phase: 'gone' }
        : { phase: 'starting', step: '', download: null, problem: '' };
  }

  /** Fetches the list and the model card, waiting for the service as long as it takes. */
  private async connect(): Promise<void> {
    if (this.connecting) return;
    this.connecting = true;
    if (this.customers) {
      await this.untilReady();
      // After an outage the data may be other data.
      this.forget();
    }
    for (;;) {
      try {
        await Promise.all([this.fetchCustomers(), this.fetchModel()]);
        this.service = { phase: 'up' };
        break;
      } catch (reason) {
        const error = asApiError(reason);
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
    this.retry();
    void this.watchExplanations();
  }

  private async fetchCustomers(): Promise<void> {
    this.customers = new CustomerIndex(await this.api.customers());
    this.load();
  }

  private async fetchModel(): Promise<void> {
    this.model = await this.api.model();
    this.load();
    void this.loadMedians();
  }

  /**
   * While the server still compares the shipped explanations with its own, it may come to serve the
   * others: then what was fetched before is fetched again.
   */
  private async watchExplanations(): Promise<void> {
    if (this.watching) return;
    this.watching = true;
    while (this.model?.explanations.shipped_file.checking) {
      const { served } = this.model.explanations;
      await pause(CHECKING_POLL_MS);
      try {
        this.model = await this.api.model();
      } catch {
        continue;
      }
      if (this.model.explanations.served === served) continue;
      this.customerCache.clear();
      this.customer.reset();
      this.load();
    }
    this.watching = false;
  }

  private forget(): void {
    for (const cache of [this.customerCache, this.distributionCache, this.pointsCache])
      cache.clear();
    for (const resource of [this.customer, this.distribution, this.points]) resource.reset();
    this.customers = null;
    this.model = null;
    this.medians = new Map();
  }

  /** Returns when /readyz says so; tells meanwhile at which step the service is. */
  private async untilReady(): Promise<void> {
    for (;;) {
      let milliseconds = STARTING_POLL_MS;
      try {
        const readiness = await this.api.readiness();
        if (readiness.ready) return;
        const { step, download, problem } = readiness;
        this.service = { phase: 'starting', step, download, problem };
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
      if (readiness.ready && this.model?.version === version)
        this.outdated = readiness.version !== version;
    } catch {
      // Whoever asks for something next will say so.
    }
  }

  private async loadMedians(): Promise<void> {
    this.mediansSettled = false;
    const { main } = this.plottable;
    const found = await Promise.allSettled(main.map((name) => this.distributionCache.get(name)));
    const medians = new Map<string, number>();
    found.forEach((result, i) => {
      const name = main[i];
      if (name !== undefined && result.status === 'fulfilled')
        medians.set(name, result.value.median);
    });
    this.medians = medians;
    this.mediansSettled = true;
  }
}
