import { describe, expect, it } from 'vitest';

import type { Distribution } from './api';
import { binOf, range, shareBelow, total } from './histogram';

const distribution: Distribution = {
  feature: 'f',
  counts: [10, 0, 30, 60],
  bin_edges: [0, 1, 2, 3, 5],
  median: 3.2,
};

describe('histogram', () => {
  it('counts and spans all its rows', () => {
    expect(total(distribution)).toBe(100);
    expect(range(distribution)).toEqual([0, 5]);
  });

  it.each([
    [0, 0],
    [0.999, 0],
    [1, 1],
    [2, 2],
    [4.5, 3],
    [5, 3],
    [5.001, null],
    [-0.001, null],
    [NaN, null],
  ])('holds %d in bin %s', (value, bin) => {
    expect(binOf(distribution, value)).toBe(bin);
  });

  it.each([
    [-1, 0],
    [0, 0],
    [0.5, 0.05],
    [1.5, 0.1],
    [2.5, 0.25],
    [4, 0.7],
    [5, 1],
    [9, 1],
  ])('has a share below %d of %d', (value, share) => {
    expect(shareBelow(distribution, value)).toBeCloseTo(share, 12);
  });

  it('has nothing below anything when it is empty', () => {
    const empty: Distribution = { feature: 'f', counts: [], bin_edges: [], median: 0 };
    expect(total(empty)).toBe(0);
    expect(binOf(empty, 0)).toBeNull();
    expect(shareBelow(empty, 1)).toBe(0);
  });
});
