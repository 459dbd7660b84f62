import { describe, expect, it } from 'vitest';

import type { Distribution } from './api';
import { binOf, range, sharesAround, total } from './histogram';

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
    [0, { below: 0, same: 0.1, above: 0.9 }],
    [1.5, { below: 0.1, same: 0, above: 0.9 }],
    [2.5, { below: 0.1, same: 0.3, above: 0.6 }],
    [5, { below: 0.4, same: 0.6, above: 0 }],
    [-1, null],
    [9, null],
  ])('has around %d the shares %o', (value, shares) => {
    expect(sharesAround(distribution, value)).toEqual(shares);
  });

  it('has no shares when it is empty', () => {
    const empty: Distribution = { feature: 'f', counts: [], bin_edges: [], median: 0 };
    expect(total(empty)).toBe(0);
    expect(binOf(empty, 0)).toBeNull();
    expect(sharesAround(empty, 1)).toBeNull();
  });
});
