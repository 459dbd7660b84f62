// The state of the screen: the address says what is wanted, resources hold what has arrived, and
// everything else is derived from the two.

import {
  BORDERLINE,
  EVERYBODY,
  formatAddress,
  parseAddress,
  worklistQuery,
  type Address,
  type Section,
  type Worklist,
} from './address';
import { Api, type CustomerId, type InputValue, type Points } from './api';
import type {
  Customer,
  CustomerList,
  Importance,
  InputDependence,
  InputDistribution,
  ModelCard,
} from './api-types';
import { Cache } from './cache';
import { COMPUTING_POLL_MS, Connection, pause, type Service } from './connection.svelte';
import { book } from './dictionary.svelte';
import { locale, type Language } from './language.svelte';
import { Part } from './part.svelte';
import { Resource } from './resource.svelte';
import { CustomerIndex, wholeNumber } from './search';

/** The inputs that the charts show. */
export type Choice = Record<'distribution' | 'dependence' | 'x' | 'y', string | undefined>;

export const PAGE = 20;

const pairKey = (x: string, y: string): string => JSON.stringify([x, y]);

export class Screen {
  address = $state.raw<Address>(parseAddress(''));
  /** The shipped picture of global importance has been drawn. */
  pictureDrawn = $state(false);

  /** What the first page does without. */
  readonly parts = {
    panels: new Part(() => import('../components/panels')),
    worklist: new Part(() => import('../components/WorklistPanel.svelte')),
    locked: new Part(() => import('../components/Locked.svelte')),
  };

  readonly connection: Connection;
  readonly customer: Resource<Customer>;
  readonly distribution: Resource<InputDistribution>;
  readonly dependence: Resource<InputDependence>;
  readonly importance: Resource<Importance>;
  readonly picture: Resource<Blob>;
  readonly points: Resource<Points>;
  /** The identifiers of the list that the address asks for. */
  readonly list: Resource<CustomerIndex>;
  readonly page: Resource<CustomerList>;

  private readonly customerCache: Cache<Customer>;
  private readonly distributionCache: Cache<InputDistribution>;
  private readonly caches: Cache<unknown>[];
  private readonly resources: Resource<unknown>[];
  private waitingForSimilar = false;

  constructor(
    private readonly api: Api,
    /** Called the moment the address changes, before anything on the screen does. */
    private readonly onChange: () => void,
  ) {
    const connection = new Connection(api, {
      arrived: () => this.load(),
      up: () => this.askAgain(),
      locked: () => this.parts.locked.load(),
      explainedAnew: () => {
        this.customerCache.clear();
        this.customer.reset();
        this.load();
      },
      forgotten: () => {
        for (const one of this.caches) one.clear();
        for (const one of this.resources) one.reset();
      },
    });
    this.connection = connection;
    const caches: Cache<unknown>[] = [];
    const resources: Resource<unknown>[] = [];
    const cache = <T>(...parts: ConstructorParameters<typeof Cache<T>>): Cache<T> => {
      const made = new Cache<T>(...parts);
      caches.push(made as Cache<unknown>);
      return made;
    };
    const resource = <T>(from: Cache<T>, onReady?: (value: T) => void): Resource<T> => {
      const made = new Resource<T>(from, (error) => this.connection.failed(error), onReady);
      resources.push(made as Resource<unknown>);
      return made;
    };
    this.customerCache = cache((id, signal, ahead) => api.customer(id, { signal, ahead }), 64);
    this.customer = resource(this.customerCache, () => this.showDistribution());
    this.distributionCache = cache(
      (input, signal, ahead) => api.distribution(input, { signal, ahead }),
      128,
    );
    this.distribution = resource(this.distributionCache);
    this.dependence = resource(
      cache(
        (input, signal) => connection.computed(() => api.dependence(input, { signal }), signal),
        32,
      ),
    );
    this.importance = resource(
      cache((_, signal) => connection.computed(() => api.importance({ signal }), signal), 1),
    );
    this.picture = resource(
      cache(
        (language, signal) => connection.computed(() => api.picture(language, { signal }), signal),
        2,
      ),
    );
    this.points = resource(
      cache((key, signal, ahead) => {
        const [x, y] = JSON.parse(key) as [string, string];
        return api.bivariate(x, y, { signal, ahead });
      }, 8),
    );
    this.list = resource(
      cache(async (query, signal) => new CustomerIndex(await api.listed(query, { signal })), 8),
    );
    this.page = resource(
      cache((key, signal) => {
        const [offset, query] = JSON.parse(key) as [number, string];
        return api.page(query, offset, PAGE, { signal });
      }, 16),
    );
    this.caches = caches;
    this.resources = resources;
  }

  get service(): Service {
    return this.connection.service;
  }

  get customers(): CustomerIndex | null {
    return this.connection.customers;
  }

  get model(): ModelCard | null {
    return this.connection.model;
  }

  /** Inputs that can be plotted against each other: the main ones first. */
  get plottable(): { main: string[]; others: string[] } {
    return this.ordered(this.model?.plottable ?? []);
  }

  /** Every input, the main ones first. */
  get inputs(): { main: string[]; others: string[] } {
    return this.ordered(this.model?.model.inputs.map((input) => input.name) ?? []);
  }

  /** What the charts show when the address does not say. */
  get defaults(): Choice {
    const { main, others } = this.plottable;
    const all = [...main, ...others];
    const first = all[0] ?? this.model?.model.inputs[0]?.name;
    const customer = this.customer.value;
    return {
      // Where this customer stands in what weighs most. Between two customers, what is shown stays.
      distribution: customer
        ? (customer.reasons.strongest ?? first)
        : this.distribution.wanted || undefined,
      dependence: first,
      x: all[0],
      y: all[1] ?? all[0],
    };
  }

  get selected(): Choice {
    const { distribution, dependence, x, y } = this.defaults;
    return {
      distribution: this.address.distribution ?? distribution,
      dependence: this.address.dependence ?? dependence,
      x: this.address.x ?? x,
      y: this.address.y ?? y,
    };
  }

  /** What the address asks the list to hold; empty for everybody. */
  get query(): string {
    return worklistQuery(this.address.worklist);
  }

  /** The customers that the arrows and the picker go through. */
  get followed(): CustomerIndex | null {
    return this.query === '' ? this.customers : (this.list.value ?? null);
  }

  /** Everything this address asks for is on the screen. */
  get complete(): boolean {
    const { open, listed, picture } = this.address;
    const { selected } = this;
    return (
      this.service.phase === 'up' &&
      book.dictionary !== null &&
      this.customer.settled &&
      this.customer.shown.phase === 'ready' &&
      (selected.distribution === undefined ||
        (this.distribution.settled && this.distribution.wanted === selected.distribution)) &&
      (!open.has('bivariate') || selected.x === undefined || this.points.settled) &&
      (!open.has('dependence') || selected.dependence === undefined || this.dependence.settled) &&
      (!open.has('importance') || (picture ? this.pictureSettled : this.importance.settled)) &&
      (!this.unfolded || this.parts.panels.value !== null) &&
      (this.query === '' || this.list.settled) &&
      (!listed || (this.page.settled && this.parts.worklist.value !== null))
    );
  }

  /** Something of what the first page does without is open. */
  get unfolded(): boolean {
    return [...this.address.open].some((section) => section !== 'gauge');
  }

  /** The shipped picture is on the screen, or known to be absent. */
  private get pictureSettled(): boolean {
    return this.picture.settled && (this.picture.shown.phase === 'failed' || this.pictureDrawn);
  }

  /** The value of an input for the customer shown: undefined where there is none to say. */
  valueOf(input: string): InputValue | undefined {
    return this.customer.value?.inputs.find((one) => one.input === input)?.value;
  }

  /** Reads the address, connects, and follows the browser's back and forward buttons. */
  start(): () => void {
    const read = (): void => {
      this.onChange();
      this.address = parseAddress(location.search);
      void locale.speak(locale.meant(this.address.language));
      this.load();
    };
    read();
    addEventListener('popstate', read);
    const disconnect = this.connection.start();
    return () => {
      disconnect();
      removeEventListener('popstate', read);
    };
  }

  /** When the first view is complete, or the service says that it will not be soon. */
  firstView(): Promise<void> {
    return new Promise((resolve) => {
      const stop = $effect.root(() => {
        $effect(() => {
          const { phase } = this.service;
          if (!this.complete && (phase === 'connecting' || phase === 'up')) return;
          resolve();
          queueMicrotask(() => stop());
        });
      });
    });
  }

  /** Ends the use of the token, and with it all that is shown. */
  forgetToken(): void {
    this.onChange();
    this.connection.forgetToken();
  }

  openCustomer(id: CustomerId, how: 'push' | 'replace' = 'push'): void {
    if (id !== this.address.client) this.go({ client: id }, how);
  }

  /** To the customer before or after the one shown; from outside the list, to its first. */
  step(by: number, how: 'push' | 'replace' = 'push'): void {
    const { followed } = this;
    const { client } = this.address;
    if (!followed || client === null) return;
    const inside = followed.positionOf(client) !== undefined;
    const id = inside ? followed.neighbour(client, by) : followed.at(0);
    if (id !== undefined) this.openCustomer(id, how);
  }

  toggle(section: Section, open: boolean): void {
    if (this.address.open.has(section) === open) return;
    const sections = new Set(this.address.open);
    if (open) sections.add(section);
    else sections.delete(section);
    this.go({ open: sections }, 'replace');
  }

  /** Of the distribution, an empty name is whatever weighs most for each customer. */
  choose(part: keyof Choice, input: string): void {
    const usual = part === 'distribution' ? '' : this.defaults[part];
    this.go({ [part]: input === usual ? null : input }, 'replace');
  }

  showPicture(picture: boolean): void {
    this.go({ picture }, 'replace');
  }

  showList(listed: boolean): void {
    this.go({ listed }, 'push');
  }

  /** Another list; the customer stays. */
  changeWorklist(change: Partial<Worklist>): void {
    const worklist = { ...this.address.worklist, ...change };
    this.go({ worklist, offset: 0, listed: true }, 'push');
  }

  /** The queue of files near the threshold, from its first; or back to everybody. */
  toggleQueue(): void {
    const queued = this.query === worklistQuery(BORDERLINE);
    const worklist = queued ? EVERYBODY : BORDERLINE;
    this.go({ worklist, offset: 0, listed: !queued }, 'push');
    if (queued) return;
    this.list.arrived(worklistQuery(BORDERLINE), (list) => {
      const first = list.at(0);
      if (first !== undefined) this.openCustomer(first, 'replace');
    });
  }

  /** The texts of an input, the most frequent first. */
  async textsOf(input: string): Promise<string[]> {
    try {
      const { categories = [] } = await this.distributionCache.get(input);
      return categories.map((category) => category.value);
    } catch {
      return [];
    }
  }

  /** The list from another of its customers on. */
  turnPage(offset: number): void {
    this.go({ offset }, 'push');
  }

  speak(language: Language): void {
    locale.choose(language);
    this.go({ language }, 'replace');
  }

  /** Asks again for all that failed. */
  retry(): void {
    this.connection.retry();
    this.askAgain();
  }

  /** Shows what is served now. */
  refresh(): void {
    this.onChange();
    this.connection.refresh();
  }

  /**
   * Fetches what is likely to be asked for next: the customers before and after the one shown, and
   * what the folds show, which may be opened when the server is gone.
   */
  prefetch(): void {
    for (const id of this.neighbours()) void this.prefetchFile(id);
    this.parts.panels.load();
    if (this.customer.value?.similar === null) void this.waitForSimilar();
  }

  /** A customer with the distribution that will be shown beside it. */
  private async prefetchFile(id: CustomerId): Promise<void> {
    try {
      const { strongest } = (await this.customerCache.get(id, true)).reasons;
      if (strongest !== null && this.address.distribution === null)
        this.distributionCache.prefetch(strongest);
    } catch {
      // Nobody waits for it.
    }
  }

  private askAgain(): void {
    for (const resource of this.resources) resource.retry();
  }

  private ordered(all: readonly string[]): { main: string[]; others: string[] } {
    const possible = new Set(all);
    const main = (this.model?.main_features ?? []).filter((name) => possible.has(name));
    const first = new Set(main);
    return { main, others: all.filter((name) => !first.has(name)) };
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
    const { client, open, listed, offset, picture } = this.address;
    const { query } = this;
    if (this.unfolded) this.parts.panels.load();
    if (listed) this.parts.worklist.load();
    // Without the list, only an identifier that can mean nothing else is asked for.
    if (client !== null && (this.customers || wholeNumber(client) === client)) {
      this.customerCache.abortExcept([client, ...this.neighbours()]);
      this.customer.show(client);
    }
    this.showDistribution();
    if (!this.model) return;
    const { dependence, x, y } = this.selected;
    if (open.has('bivariate') && x !== undefined && y !== undefined)
      this.points.show(pairKey(x, y));
    if (open.has('dependence') && dependence !== undefined) this.dependence.show(dependence);
    if (open.has('importance')) {
      if (picture) this.picture.show(locale.meant(this.address.language));
      else this.importance.show('all');
    }
    if (query !== '') this.list.show(query);
    if (listed) this.page.show(JSON.stringify([offset, query]));
  }

  private showDistribution(): void {
    const { distribution } = this.selected;
    if (distribution !== undefined) this.distribution.show(distribution);
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
    const { followed } = this;
    if (client === null || !followed) return [];
    const found = [followed.neighbour(client, 1), followed.neighbour(client, -1)];
    return found.filter((id) => id !== undefined);
  }

  /** Similar customers are known a while after the service's start: then the customer is asked again. */
  private async waitForSimilar(): Promise<void> {
    if (this.waitingForSimilar) return;
    this.waitingForSimilar = true;
    while (this.service.phase === 'up' && this.customer.value?.similar === null) {
      await pause(COMPUTING_POLL_MS);
      const id = this.customer.wanted;
      try {
        const customer = await this.api.customer(id);
        if (customer.similar === null) continue;
        this.customerCache.clear();
        this.customer.replace(id, customer);
      } catch {
        break;
      }
    }
    this.waitingForSimilar = false;
  }
}
