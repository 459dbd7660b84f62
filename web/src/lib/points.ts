// What the screen makes of a score in points: which of three words it is, and where it stands on the bar.

import type { CustomerLine } from './api-types';

export type AdviceWord = 'favourable' | 'unfavourable' | 'review';

/** Near the threshold a file is to be reviewed, whatever the model advises. */
export function adviceOf(line: Pick<CustomerLine, 'decision' | 'review'>): AdviceWord {
  if (line.review) return 'review';
  return line.decision === 'accepted' ? 'favourable' : 'unfavourable';
}

/** Never by colour alone: a shape goes with each word. */
export const SIGNS: Record<AdviceWord, string> = {
  favourable: '▲',
  unfavourable: '▼',
  review: '●',
};

export const CLASSES: Record<AdviceWord, string> = {
  favourable: 'up',
  unfavourable: 'down',
  review: 'review',
};

const REACH = 200;
const STEP = 100;

/** The ends of the bar: the threshold in the middle, wider in steps when the score lies beyond. */
export function barRange(score: number, threshold: number): [number, number] {
  const beyond = Math.abs(score - threshold) - REACH;
  const reach = beyond > 0 ? REACH + Math.ceil(beyond / STEP) * STEP : REACH;
  return [threshold - reach, threshold + reach];
}

/** Where a value stands on the bar, in percent. */
export function barAt(value: number, [low, high]: readonly [number, number]): number {
  return Math.min(100, Math.max(0, ((value - low) / (high - low)) * 100));
}

/** The original's gauge: (1 − probability_pos) · 100, so that higher is better. */
export function gaugeOf(probability: number): number {
  return (1 - probability) * 100;
}

/** As few decimals as possible, from `least` to six, at which two different numbers look different. */
export function separating(a: number, b: number, least: number): number {
  let decimals = least;
  while (a !== b && decimals < 6 && a.toFixed(decimals) === b.toFixed(decimals)) decimals += 1;
  return decimals;
}
