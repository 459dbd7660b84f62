// One customer's place in the distribution of an input.

import type { InputDistribution } from './api-types';

/** The share (0 to 1) of values below `value`, from the values at 0, 1, …, 100 % of the way. */
export function shareBelow(percentiles: readonly number[], value: number): number {
  const last = percentiles.length - 1;
  if (last < 0 || value <= (percentiles[0] ?? 0)) return 0;
  if (value > (percentiles[last] ?? 0)) return 1;
  // The first place that is not below the value.
  let low = 0;
  let high = last;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((percentiles[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  const from = percentiles[low - 1] ?? 0;
  const to = percentiles[low] ?? from;
  const within = to > from ? (value - from) / (to - from) : 0;
  return (low - 1 + within) / last;
}

/** The bin that holds `value`, the last one closed on both sides; null when it is outside. */
export function binOf(edges: readonly number[], value: number): number | null {
  const last = edges.length - 1;
  if (last < 1 || value < (edges[0] ?? 0) || value > (edges[last] ?? 0)) return null;
  for (let bin = 0; bin < last - 1; bin += 1) if (value < (edges[bin + 1] ?? 0)) return bin;
  return last - 1;
}

export interface CategoryRow {
  /** null: all that have no row of their own. */
  value: string | null;
  /** How many distinct values it stands for. */
  values: number;
  count: number;
  accepted: number;
}

/** The most frequent categories and the customer's, then one row for the rest. */
export function categoryRows(
  distribution: InputDistribution,
  customer: string | null,
  most = 8,
): CategoryRow[] {
  const categories = distribution.categories ?? [];
  const own = categories.filter(({ value }, i) => i < most || value === customer);
  const rest = categories.filter((category) => !own.includes(category));
  const rows: CategoryRow[] = own.map((category) => ({ ...category, values: 1 }));
  if (rest.length > 0) {
    rows.push({
      value: null,
      values: rest.length,
      count: rest.reduce((sum, one) => sum + one.count, 0),
      accepted: rest.reduce((sum, one) => sum + one.accepted, 0),
    });
  }
  return rows;
}
