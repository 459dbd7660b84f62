import { describe, expect, it } from 'vitest';

import { nearest, spread } from './beeswarm';

describe('the swarm', () => {
  it('stacks dots outwards where they meet', () => {
    expect([...spread([0.5, 0.5, 0.5, 0.9], 10)].map((one) => Math.round(one * 6) || 0)).toEqual([
      0, -1, 1, 0,
    ]);
  });

  it('stays within its row however many meet', () => {
    const across = spread(
      Array.from({ length: 400 }, () => 0.3),
      100,
    );
    expect(Math.max(...across)).toBeLessThanOrEqual(1);
    expect(Math.min(...across)).toBeGreaterThanOrEqual(-1);
    expect(spread([], 10)).toHaveLength(0);
  });

  it('finds the nearest dot within reach', () => {
    expect(nearest([0, 10, 12], [0, 0, 0], 11.5, 1, 5)).toBe(2);
    expect(nearest([0, 10], [0, 0], 5, 30, 8)).toBeNull();
  });
});
