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
 * The share of the rows below `value`, from 0 to 1: whole bins below it, and the part of its own bin
 * to its left. An estimate, since a histogram does not say where in a bin its rows are.
 */
export function shareBelow(distribution: Distribution, value: number): number {
  const all = total(distribution);
  const [first, last] = range(distribution);
  if (all === 0 || value <= first) return 0;
  if (value >= last) return 1;
  const bin = binOf(distribution, value) ?? 0;
  const from = distribution.bin_edges[bin] ?? first;
  const to = distribution.bin_edges[bin + 1] ?? last;
  const whole = distribution.counts.slice(0, bin).reduce((sum, count) => sum + count, 0);
  const part = to > from ? (value - from) / (to - from) : 0;
  return (whole + part * (distribution.counts[bin] ?? 0)) / all;
}
