import { describe, expect, it } from 'vitest';

import { extent, ranked, totals, waterfall, wholeParts } from './waterfall';

const customer = (points: number[], base = 520.4, shared = 0): Parameters<typeof waterfall>[0] => {
  const exact = points.reduce((sum, one) => sum + one, base + shared);
  return {
    base_points: base,
    shared_points: shared,
    inputs: points.map((one, i) => ({ input: `I${i}`, value: null, reference: null, points: one })),
    reasons: {
      base: Math.round(base),
      against: [],
      favour: [],
      others: 0,
      score: Math.round(exact),
      to_review: false,
      strongest: null,
    },
  };
};

const written = (fall: ReturnType<typeof waterfall>): number =>
  fall.steps.reduce((sum, step) => sum + step.displayed, fall.base);

describe('the waterfall', () => {
  it('goes from the heaviest to the rest, and every sum is exact', () => {
    const fall = waterfall(customer([3.4, -20.3, 0.2, -7.7, 0.3]), 3);
    expect(fall.steps.map((step) => step.input)).toEqual(['I1', 'I3', 'I0', null]);
    expect(fall.others).toBe(2);
    expect(written(fall)).toBe(fall.score);
    expect(fall.steps[0]?.start).toBe(520.4);
    expect(fall.steps[3]?.end).toBeCloseTo(496.3, 9);
  });

  it('adds up for any numbers', () => {
    let seed = 1;
    const random = (): number => ((seed = (seed * 16807) % 2147483647) / 2147483647) * 40 - 20;
    for (let i = 0; i < 200; i += 1) {
      const points = Array.from({ length: i % 30 }, random);
      const fall = waterfall(customer(points, 500 + random(), i % 3 === 0 ? random() : 0));
      if (fall.steps.length > 0) expect(written(fall)).toBe(fall.score);
      const { parts, rest } = wholeParts(customer(points), fall);
      expect(parts.reduce((sum, part) => sum + part.displayed, fall.base + rest)).toBe(fall.score);
      const { up, down } = totals(fall);
      expect(fall.base + up - down).toBe(written(fall));
    }
  });

  it('gives what rounding leaves to the heaviest when there is no rest', () => {
    const fall = waterfall(customer([1.4, 1.4, 1.4], 500));
    expect(fall.others).toBe(0);
    expect(fall.steps.map((step) => step.displayed)).toEqual([2, 1, 1]);
  });

  it('in a table, every input has the points of its bar or would have, and they add up', () => {
    const given = customer([3.4, -20.3, 0.2, -7.7, 0.3, -0.4]);
    const fall = waterfall(given, 3);
    const { parts, rest } = wholeParts(given, fall);
    expect(parts).toEqual([
      { input: 'I1', displayed: -20 },
      { input: 'I3', displayed: -8 },
      { input: 'I0', displayed: 3 },
      { input: 'I5', displayed: 0 },
      { input: 'I4', displayed: 0 },
      { input: 'I2', displayed: 0 },
    ]);
    // 520 − 20 − 8 + 3 = 495, and the score is 495.9.
    expect(rest).toBe(1);
    expect(parts.some((part) => Object.is(part.displayed, -0))).toBe(false);
    // Where the heaviest takes what rounding leaves, the table says the same, and nothing is left.
    const three = customer([1.4, 1.4, 1.4], 500);
    const taken = wholeParts(three, waterfall(three));
    expect(taken.parts.map((part) => part.displayed)).toEqual([2, 1, 1]);
    expect(taken.rest).toBe(0);
  });

  it('covers the threshold, and keeps the order of equals', () => {
    expect(extent(waterfall(customer([-5, 5])), 530)).toEqual([515.4, 530]);
    expect(ranked(customer([1, -1, 2])).map((one) => one.input)).toEqual(['I2', 'I0', 'I1']);
  });
});
