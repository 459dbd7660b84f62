// The arithmetic of the waterfall of contributions: which bars, where each begins and ends, and in
// which unit.

import type { Explanation, Score } from './api';
import { separating } from './score';

export interface Step {
  /** null: all the features that have no bar of their own. */
  feature: string | null;
  contribution: number;
  start: number;
  end: number;
}

export interface Waterfall {
  base: number;
  raw: number;
  steps: Step[];
  /** How many features the last step sums; 0 when every feature has its own bar. */
  others: number;
}

/** Every feature with its contribution, the largest first; equal ones keep the model's order. */
export function ranked(explanation: Explanation): { feature: string; contribution: number }[] {
  return explanation.feature_names
    .map((feature, i) => ({ feature, contribution: explanation.values[i] ?? 0 }))
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
}

/** At most `bars` steps from the base value to the raw score; the last one sums what is left. */
export function waterfall(explanation: Explanation, bars = 10): Waterfall {
  const all = ranked(explanation);
  const own = all.length <= bars ? all : all.slice(0, bars - 1);
  const rest = all.slice(own.length);
  const parts: { feature: string | null; contribution: number }[] = [...own];
  if (rest.length > 0) {
    const contribution = rest.reduce((sum, item) => sum + item.contribution, 0);
    parts.push({ feature: null, contribution });
  }
  let at = explanation.base_value;
  const steps = parts.map(({ feature, contribution }) => {
    const start = at;
    at += contribution;
    return { feature, contribution, start, end: at };
  });
  return { base: explanation.base_value, raw: at, steps, others: rest.length };
}

export type Scale = 'logOdds' | 'probability' | 'other';

export function logOdds(probability: number): number {
  return Math.log(probability / (1 - probability));
}

// A shipped explanation counts as additive up to this distance.
const ADDITIVE = 1e-4;

/**
 * The unit in which base + contributions make up the score. A live explanation is in log-odds; a
 * shipped file may have been made for probabilities, or for something else.
 */
export function scaleOf(raw: number, score: Score): Scale {
  const odds = logOdds(score.probability_pos);
  if (Math.abs(raw - odds) <= ADDITIVE * Math.max(1, Math.abs(odds))) return 'logOdds';
  return Math.abs(raw - score.probability_pos) <= ADDITIVE ? 'probability' : 'other';
}

/** The threshold on the axis of the contributions; null where it has no place there. */
export function thresholdOn(scale: Scale, score: Score): number | null {
  if (scale === 'probability') return score.threshold;
  if (scale !== 'logOdds') return null;
  const odds = logOdds(score.threshold);
  return Number.isFinite(odds) ? odds : null;
}

/** The interval an axis has to cover. */
export function extent(fall: Waterfall, threshold: number | null): [number, number] {
  const places = [fall.base, ...fall.steps.map((step) => step.end)];
  if (threshold !== null) places.push(threshold);
  return [Math.min(...places), Math.max(...places)];
}

/** Decimals of the axis's unit: enough for a reader, and to tell the raw score from the threshold. */
export function decimalsFor(scale: Scale, raw: number, threshold: number | null): number {
  const usual = scale === 'probability' ? 3 : 2;
  return threshold === null ? usual : separating(raw, threshold, usual);
}
