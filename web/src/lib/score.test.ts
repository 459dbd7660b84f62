import { describe, expect, it } from 'vitest';

import type { Score } from './api';
import { readingText, readScore, separating } from './score';

const score = (probability_pos: number, threshold = 0.5064): Score => ({
  probability_pos,
  threshold,
  decision: probability_pos >= threshold ? 'refused' : 'accepted',
});

describe('reading of a score', () => {
  it('turns the original around: higher is better', () => {
    const reading = readScore(score(0.023852145043050804));
    expect(reading.value).toBeCloseTo(97.6147854956949, 10);
    expect(reading.threshold).toBeCloseTo(49.36, 10);
    expect(reading.favourable).toBe(true);
    expect(readingText(reading)).toEqual({ value: '97,6', threshold: '49,4', gap: '48,2' });
  });

  it('follows the decision of the service', () => {
    expect(readScore(score(0.8662661771426379)).favourable).toBe(false);
    expect(readScore({ ...score(0.9), decision: 'accepted' }).favourable).toBe(true);
  });

  it('takes more decimals when score and threshold nearly touch', () => {
    expect(readingText(readScore(score(0.5061)))).toEqual({
      value: '49,39',
      threshold: '49,36',
      gap: '0,03',
    });
    const { value, threshold } = readingText(readScore(score(0.5064001)));
    expect(value).not.toBe(threshold);
    expect(separating(0.031, 0.026, 2)).toBe(3);
    expect(separating(0.03, 0.03, 2)).toBe(2);
  });

  it('has no gap at the threshold', () => {
    const reading = readScore(score(0.5064));
    expect(reading.gap).toBe(0);
    expect(reading.favourable).toBe(false);
    expect(readingText(reading).value).toBe('49,4');
  });
});
