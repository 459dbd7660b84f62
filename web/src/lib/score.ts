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
  const gap = Math.abs(reading.gap);
  let decimals = 1;
  while (gap > 0 && decimals < 6 && gap * 10 ** decimals < 1) decimals += 1;
  return decimals;
}

/** The reading as the screen writes it, score, threshold and gap with the same decimals. */
export function readingText(reading: Reading): { value: string; threshold: string; gap: string } {
  const decimals = scoreDecimals(reading);
  return {
    value: fixed(reading.value, decimals),
    threshold: fixed(reading.threshold, decimals),
    gap: fixed(Math.abs(reading.gap), decimals),
  };
}
