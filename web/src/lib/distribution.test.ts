import { describe, expect, it } from 'vitest';

import { binOf, categoryRows, shareBelow } from './distribution';

describe('a place among others', () => {
  it('is read from the values along the way', () => {
    const hundred = Array.from({ length: 101 }, (_, i) => i * 2);
    expect(shareBelow(hundred, -1)).toBe(0);
    expect(shareBelow(hundred, 0)).toBe(0);
    expect(shareBelow(hundred, 100)).toBeCloseTo(0.5, 9);
    expect(shareBelow(hundred, 101)).toBeCloseTo(0.505, 9);
    expect(shareBelow(hundred, 999)).toBe(1);
    expect(shareBelow([], 5)).toBe(0);
    // Half have the same value: none of those is below it.
    const same = Array.from({ length: 101 }, (_, i) => (i < 50 ? i : 50));
    expect(shareBelow(same, 50)).toBeCloseTo(0.5, 9);
  });

  it('is a bin, the last one closed', () => {
    expect(binOf([0, 1, 2], 0)).toBe(0);
    expect(binOf([0, 1, 2], 1)).toBe(1);
    expect(binOf([0, 1, 2], 2)).toBe(1);
    expect(binOf([0, 1, 2], 2.1)).toBeNull();
    expect(binOf([], 1)).toBeNull();
  });
});

describe('categories', () => {
  const distribution = {
    input: 'JOB',
    total: 10,
    accepted: 5,
    kind: 'texts' as const,
    missing: 0,
    categories: ['a', 'b', 'c', 'd'].map((value, i) => ({ value, count: 9 - i, accepted: i })),
  };

  it('are the most frequent and the customer’s, the rest in one row', () => {
    const rows = categoryRows(distribution, 'd', 2);
    expect(rows.map((row) => row.value)).toEqual(['a', 'b', 'd', null]);
    expect(rows[3]).toEqual({ value: null, values: 1, count: 7, accepted: 2 });
    expect(categoryRows(distribution, null)).toHaveLength(4);
  });
});
