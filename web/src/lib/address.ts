// What an address of the screen says: everything that a colleague who is sent it should see. Only what
// differs from the default is written, so that the usual address is /?client=100285.

import type { CustomerId } from './api';
import { asLanguage, type Language } from './language.svelte';

/** What may be unfolded. */
export const SECTIONS = [
  'gauge',
  'bivariate',
  'waterfall',
  'importance',
  'dependence',
  'model',
] as const;
export type Section = (typeof SECTIONS)[number];

export const ADVICE = ['favourable', 'unfavourable', 'review'] as const;
export const ORDERS = ['file', 'borderline', 'lowest', 'highest'] as const;

/** Which customers the list holds and in which order, in the API's words. */
export interface Worklist {
  advice: (typeof ADVICE)[number] | null;
  /** To the threshold at most, in points, either way. */
  distance: string;
  min: string;
  max: string;
  /** INPUT:VALUE each. */
  filters: readonly string[];
  order: (typeof ORDERS)[number];
}

export const EVERYBODY: Worklist = {
  advice: null,
  distance: '',
  min: '',
  max: '',
  filters: [],
  order: 'file',
};
/** Near the threshold, the nearest first. */
export const BORDERLINE: Worklist = { ...EVERYBODY, advice: 'review', order: 'borderline' };

export interface Address {
  /** null: the first customer. */
  client: CustomerId | null;
  worklist: Worklist;
  /** The list is on the screen, not only followed by the arrows. */
  listed: boolean;
  /** How many customers of the list come before those on the screen. */
  offset: number;
  open: ReadonlySet<Section>;
  /** Of the importance: the picture shipped with the data instead of our own chart. */
  picture: boolean;
  /** null: the strongest reason of the customer shown. */
  distribution: string | null;
  /** null: the first two main features that can be plotted. */
  x: string | null;
  y: string | null;
  /** null: the first main feature. */
  dependence: string | null;
  /** null: chosen before, or the browser's. */
  language: Language | null;
}

const oneOf = <T extends string>(known: readonly T[], text: string | null): T | null =>
  known.find((one) => one === text) ?? null;

/** A bound that is a number, else none: an address may hold anything. */
const bound = (text: string | null): string =>
  text !== null && text.trim() !== '' && Number.isFinite(Number(text)) ? text.trim() : '';

export function parseAddress(query: string): Address {
  const parameters = new URLSearchParams(query);
  const text = (name: string): string | null => parameters.get(name)?.trim() || null;
  const opened = (text('open') ?? '').split(',');
  return {
    client: text('client'),
    worklist: {
      advice: oneOf(ADVICE, text('advice')),
      distance: bound(text('max_distance')),
      min: bound(text('min_points')),
      max: bound(text('max_points')),
      filters: parameters.getAll('filter').filter((filter) => filter.includes(':')),
      order: oneOf(ORDERS, text('order')) ?? 'file',
    },
    listed: text('list') === 'open',
    offset: /^\d{1,9}$/.test(text('offset') ?? '') ? Number(text('offset')) : 0,
    open: new Set(SECTIONS.filter((section) => opened.includes(section))),
    picture: text('importance') === 'picture',
    distribution: text('distribution'),
    x: text('x'),
    y: text('y'),
    dependence: text('dependence'),
    language: asLanguage(text('lang')),
  };
}

/** The list's part of an address, which is also its part of the API's query. */
export function worklistQuery(list: Worklist): string {
  const parameters = new URLSearchParams();
  if (list.advice) parameters.set('advice', list.advice);
  if (list.distance !== '') parameters.set('max_distance', list.distance);
  if (list.min !== '') parameters.set('min_points', list.min);
  if (list.max !== '') parameters.set('max_points', list.max);
  for (const filter of list.filters) parameters.append('filter', filter);
  if (list.order !== 'file') parameters.set('order', list.order);
  return parameters.toString();
}

export function formatAddress(address: Address): string {
  const parameters = new URLSearchParams();
  const write = (name: string, value: string | null): void => {
    if (value !== null && value !== '') parameters.set(name, value);
  };
  write('client', address.client);
  new URLSearchParams(worklistQuery(address.worklist)).forEach((value, name) =>
    parameters.append(name, value),
  );
  write('list', address.listed ? 'open' : null);
  write('offset', address.listed && address.offset > 0 ? String(address.offset) : null);
  write('distribution', address.distribution);
  write('open', SECTIONS.filter((section) => address.open.has(section)).join(','));
  write('importance', address.picture ? 'picture' : null);
  write('x', address.x);
  write('y', address.y);
  write('dependence', address.dependence);
  write('lang', address.language);
  const query = parameters.toString();
  return query === '' ? '/' : `/?${query}`;
}
