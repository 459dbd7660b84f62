import { describe, expect, it } from 'vitest';

import type { Explanation, Score } from './api';
import { decimalsFor, extent, logOdds, ranked, scaleOf, thresholdOn, waterfall } from './waterfall';

const explanation = (values: number[], base_value = -1): Explanation => ({
  base_value,
  values,
  feature_names: values.map((_, i) => `f${i}`),
});

const score = (probability_pos: number): Score => ({
  probability_pos,
  threshold: 0.5064,
  decision: probability_pos >= 0.5064 ? 'refused' : 'accepted',
});

describe('waterfall', () => {
  it('keeps the nine largest and sums the others', () => {
    const values = [0.01, -0.5, 0.02, 0.3, -0.03, 0.04, 0.05, -0.06, 0.07, 0.08, -0.09, 0.1];
    const fall = waterfall(explanation(values));
    expect(fall.steps.map((step) => step.feature)).toEqual([
      ...['f1', 'f3', 'f11', 'f10', 'f9', 'f8', 'f7', 'f6', 'f5'],
      null,
    ]);
    expect(fall.others).toBe(3);
    expect(fall.steps[9]?.contribution).toBeCloseTo(0.01 + 0.02 - 0.03, 12);
  });

  it('goes from the base value to the raw score without a gap', () => {
    const values = Array.from({ length: 163 }, (_, i) => Math.sin(i) / (i + 1));
    const fall = waterfall(explanation(values, -1.2));
    expect(fall.steps).toHaveLength(10);
    expect(fall.steps[0]?.start).toBe(-1.2);
    fall.steps.forEach((step, i) => {
      expect(step.end).toBeCloseTo(step.start + step.contribution, 12);
      if (i > 0) expect(step.start).toBe(fall.steps[i - 1]?.end);
    });
    expect(fall.raw).toBeCloseTo(-1.2 + values.reduce((sum, value) => sum + value, 0), 12);
  });

  it('gives every feature its bar when they all fit', () => {
    const fall = waterfall(explanation([0.1, -0.2, 0.3]));
    expect(fall.steps.map((step) => step.feature)).toEqual(['f2', 'f1', 'f0']);
    expect(fall.others).toBe(0);
    expect(waterfall(explanation(Array<number>(10).fill(0.1))).others).toBe(0);
    expect(waterfall(explanation(Array<number>(11).fill(0.1))).others).toBe(2);
  });

  it('keeps the order of the model among equals', () => {
    expect(ranked(explanation([0.1, -0.1, 0.2])).map((item) => item.feature)).toEqual([
      'f2',
      'f0',
      'f1',
    ]);
  });

  it('covers everything it draws', () => {
    const fall = waterfall(explanation([1, -3], 0.5));
    expect(extent(fall, null)).toEqual([-2.5, 0.5]);
    expect(extent(fall, 2)).toEqual([-2.5, 2]);
  });
});

describe('scale', () => {
  it('is told from what the contributions add up to', () => {
    expect(scaleOf(logOdds(0.2), score(0.2))).toBe('logOdds');
    expect(scaleOf(0.2, score(0.2))).toBe('probability');
    expect(scaleOf(7, score(0.2))).toBe('other');
  });

  it('has decimals that tell the raw score from the threshold', () => {
    expect(decimalsFor('logOdds', -1.2, 0.026)).toBe(2);
    expect(decimalsFor('logOdds', 0.031, 0.026)).toBe(3);
    expect(decimalsFor('probability', 0.2, 0.5064)).toBe(3);
    expect(decimalsFor('other', 0.026, null)).toBe(2);
  });

  it('puts the threshold on the same axis, where it has one', () => {
    expect(thresholdOn('logOdds', score(0.2))).toBeCloseTo(Math.log(0.5064 / 0.4936), 12);
    expect(thresholdOn('probability', score(0.2))).toBe(0.5064);
    expect(thresholdOn('other', score(0.2))).toBeNull();
    expect(thresholdOn('logOdds', { ...score(0.2), threshold: 1 })).toBeNull();
  });
});
