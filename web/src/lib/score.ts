// The score of the gauge: (1 − probability_pos) · 100, so that higher is better. It is not a
// probability of anything: the model was trained on reweighted classes.

import type { Score } from './api';
import { fixed } from './format';

export interface Reading {
  /** 0 to 100. */
  value: number;
  threshold: number;
  /** value − threshold, in points. */
  gap: number;
  favourable: boolean;
}

export function readScore(score: Score): Reading {
  const value = (1 - score.probability_pos) * 100;
  const threshold = (1 - score.threshold) * 100;
  return {
    value,
    threshold,
    gap: (score.threshold - score.probability_pos) * 100,
    favourable: score.decision === 'accepted',
  };
}

/** Decimals enough to tell the score from the threshold: one, or more when they nearly touch. */
export function scoreDecimals(reading: Reading): number {
  return separating(reading.value, reading.threshold, 1);
}

/** As few decimals as possible, from `least` to six, at which two different numbers look different. */
export function separating(a: number, b: number, least: number): number {
  let decimals = least;
  while (a !== b && decimals < 6 && fixed(a, decimals) === fixed(b, decimals)) decimals += 1;
  return decimals;
}

/**
 * The reading as the screen writes it, all with the same decimals. The gap is that of the numbers
 * written, so that a reader who subtracts finds it.
 */
export function readingText(reading: Reading): { value: string; threshold: string; gap: string } {
  const decimals = scoreDecimals(reading);
  const rounded = (value: number): number => Number(value.toFixed(decimals));
  return {
    value: fixed(reading.value, decimals),
    threshold: fixed(reading.threshold, decimals),
    gap: fixed(Math.abs(rounded(reading.value) - rounded(reading.threshold)), decimals),
  };
}
