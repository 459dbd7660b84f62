// What an address of the screen says. Only what differs from the default is written, so that the usual
// address is /?client=100285.

import type { CustomerId } from './api';

export type Tab = 'local' | 'global';

export interface Address {
  /** null: the first customer. */
  client: CustomerId | null;
  tab: Tab;
  /** null: the first main feature that can be plotted. */
  distribution: string | null;
  /** null: the first two main features that can be plotted. */
  x: string | null;
  y: string | null;
}

const GLOBAL = 'globale';

export function parseAddress(query: string): Address {
  const parameters = new URLSearchParams(query);
  const text = (name: string): string | null => parameters.get(name)?.trim() || null;
  return {
    client: text('client'),
    tab: parameters.get('importance') === GLOBAL ? 'global' : 'local',
    distribution: text('distribution'),
    x: text('x'),
    y: text('y'),
  };
}

export function formatAddress(address: Address): string {
  const parameters = new URLSearchParams();
  if (address.client !== null) parameters.set('client', address.client);
  if (address.tab === 'global') parameters.set('importance', GLOBAL);
  if (address.distribution !== null) parameters.set('distribution', address.distribution);
  if (address.x !== null) parameters.set('x', address.x);
  if (address.y !== null) parameters.set('y', address.y);
  const query = parameters.toString();
  return query === '' ? '/' : `/?${query}`;
}
