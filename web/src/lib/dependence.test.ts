import { describe, expect, it } from 'vitest';

import { effectRows } from './dependence';

describe('an effect', () => {
  it('is summed up by groups of numbers, equal ones together, the missing apart', () => {
    const values = [1, 1, 1, 2, 3, 4, null];
    const points = [-3, -2, -1, 0, 4, 6, 9];
    const rows = effectRows({ input: 'A', total: 7, values, points }, 3);
    expect(rows.map(({ from, to, files }) => [from, to, files])).toEqual([
      [1, 1, 3],
      [2, 2, 1],
      [3, 4, 2],
      [NaN, NaN, 1],
    ]);
    expect(rows[0]).toMatchObject({ mean: -2, low: -3, high: -1 });
    expect(rows.reduce((sum, row) => sum + row.files, 0)).toBe(7);
  });

  it('is summed up by texts, the best first', () => {
    const rows = effectRows({
      input: 'B',
      total: 3,
      values: ['x', 'y', 'x'],
      points: [1, 5, 2],
    });
    expect(rows.map(({ value, mean }) => [value, mean])).toEqual([
      ['y', 5],
      ['x', 1.5],
    ]);
  });
});
