// The arithmetic of a histogram with one customer in it.

import type { Distribution } from './api';

export function total(distribution: Distribution): number {
  return distribution.counts.reduce((sum, count) => sum + count, 0);
}

export function range(distribution: Distribution): [number, number] {
  const first = distribution.bin_edges[0] ?? 0;
  const last = distribution.bin_edges[distribution.bin_edges.length - 1] ?? first;
  return [first, last];
}

/** The bin that holds `value`, the last one closed on both sides; null when it is outside. */
export function binOf(distribution: Distribution, value: number): number | null {
  const edges = distribution.bin_edges;
  const [first, last] = range(distribution);
  if (!(value >= first && value <= last) || distribution.counts.length === 0) return null;
  let low = 0;
  let high = distribution.counts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((edges[middle] ?? Infinity) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * The shares (0 to 1) of the rows in bins below the one that holds `value`, in that bin, and in bins
 * above it: all that a histogram knows of a customer's place. null when the value is outside.
 */
export function sharesAround(
  distribution: Distribution,
  value: number,
): { below: number; same: number; above: number } | null {
  const bin = binOf(distribution, value);
  const all = total(distribution);
  if (bin === null || all === 0) return null;
  const counted = (from: number, to: number): number =>
    distribution.counts.slice(from, to).reduce((sum, count) => sum + count, 0) / all;
  return {
    below: counted(0, bin),
    same: counted(bin, bin + 1),
    above: counted(bin + 1, distribution.counts.length),
  };
}
