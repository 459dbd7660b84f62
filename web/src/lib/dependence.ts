// What an input's values do to the score, summed up for a sentence and a table.

import type { InputDependence } from './api-types';

export interface EffectRow {
  /** Of a text; null: missing, or all that have no row of their own when `values` is above 1. */
  value: string | null;
  /** Of numbers. */
  from: number;
  to: number;
  files: number;
  mean: number;
  low: number;
  high: number;
}

function row(value: string | null, from: number, to: number, points: number[]): EffectRow {
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  for (const one of points) {
    low = Math.min(low, one);
    high = Math.max(high, one);
    sum += one;
  }
  return { value, from, to, files: points.length, mean: sum / points.length, low, high };
}

/** Ten groups of numbers of about the same size in order, or one group a text; and the missing. */
export function effectRows(dependence: InputDependence, groups = 10): EffectRow[] {
  const numbers: [number, number][] = [];
  const texts = new Map<string, number[]>();
  const missing: number[] = [];
  dependence.values.forEach((value, i) => {
    const points = dependence.points[i] ?? 0;
    if (typeof value === 'number') numbers.push([value, points]);
    else if (value === null) missing.push(points);
    else texts.set(value, [...(texts.get(value) ?? []), points]);
  });
  numbers.sort((a, b) => a[0] - b[0]);
  const rows: EffectRow[] = [];
  let first = 0;
  for (let group = 0; group < groups; group += 1) {
    let end = Math.round(((group + 1) * numbers.length) / groups);
    // Equal values stay together.
    while (end < numbers.length && end > 0 && numbers[end]?.[0] === numbers[end - 1]?.[0]) end += 1;
    if (end <= first) continue;
    const part = numbers.slice(first, end);
    rows.push(
      row(
        null,
        part[0]?.[0] ?? 0,
        part[part.length - 1]?.[0] ?? 0,
        part.map((one) => one[1]),
      ),
    );
    first = end;
  }
  const named = [...texts].map(([value, points]) => row(value, NaN, NaN, points));
  named.sort((a, b) => b.mean - a.mean);
  rows.push(...named);
  if (missing.length > 0) rows.push(row(null, NaN, NaN, missing));
  return rows;
}
