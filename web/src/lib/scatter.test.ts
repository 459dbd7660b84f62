import { describe, expect, it } from 'vitest';

import type { Points } from './api';
import {
  bounds,
  density,
  fiveNumbers,
  paint,
  panned,
  shades,
  shareBelow,
  wholeView,
  zoomed,
  type View,
} from './scatter';

const points = (pairs: [number, number][]): Points => ({
  x: Float64Array.from(pairs, ([x]) => x),
  y: Float64Array.from(pairs, ([, y]) => y),
});

describe('figures of a cloud', () => {
  const values = Float64Array.from([4, 1, 3, 2, 5]);

  it('are exact', () => {
    expect(bounds(values)).toEqual([1, 5]);
    expect(shareBelow(values, 3)).toBe(0.4);
    expect(fiveNumbers(values)).toEqual([1, 2, 3, 4, 5]);
    expect(fiveNumbers(Float64Array.from([0, 10]))).toEqual([0, 2.5, 5, 7.5, 10]);
    expect(fiveNumbers(Float64Array.from([7]))).toEqual([7, 7, 7, 7, 7]);
  });

  it('exist for no point at all', () => {
    const none = new Float64Array();
    expect(bounds(none)).toEqual([0, 1]);
    expect(shareBelow(none, 1)).toBe(0);
    expect(fiveNumbers(none)).toBeNull();
  });

  it('leave the values as they were', () => {
    fiveNumbers(values);
    expect([...values]).toEqual([4, 1, 3, 2, 5]);
  });
});

describe('the view', () => {
  const cloud = points([
    [0, 10],
    [10, 30],
  ]);
  const whole = wholeView(cloud, 0.1);

  it('begins with everything and a margin', () => {
    expect(whole).toEqual({ x: [-1, 11], y: [8, 32] });
    const one = wholeView(points([[5, 0]]));
    expect(one.x[0]).toBeLessThan(5);
    expect(one.y).toEqual([-0.5, 0.5]);
  });

  it('moves by shares of itself', () => {
    expect(panned(whole, 0.5, -0.25)).toEqual({ x: [5, 17], y: [2, 26] });
  });

  it('is magnified around a place, and never shows more than everything', () => {
    const half = zoomed(whole, whole, 0.5, 0, 1);
    expect(half).toEqual({ x: [-1, 5], y: [20, 32] });
    expect(zoomed(half, whole, 10)).toEqual(whole);
    let view = whole;
    for (let i = 0; i < 100; i += 1) view = zoomed(view, whole, 0.5);
    expect(view.x[1] - view.x[0]).toBeCloseTo(12 / 1000, 9);
  });
});

describe('density', () => {
  const view: View = { x: [0, 9], y: [0, 7] };
  const weigh = (cloud: Points): Uint16Array => {
    const into = new Uint16Array(63).fill(9);
    density(cloud, view, 9, 7, into);
    return into;
  };

  it('is a pixel and its neighbours, upwards as values grow', () => {
    const weights = weigh(points([[4.5, 5.5]]));
    const at = (column: number, row: number): number => weights[row * 9 + column] ?? NaN;
    expect(at(4, 1)).toBe(2);
    expect([at(3, 1), at(5, 1), at(4, 0), at(4, 2)]).toEqual([1, 1, 1, 1]);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(6);
  });

  it('adds up where points meet, and leaves out what is not in view or not a number', () => {
    const weights = weigh(
      points([
        [4.5, 3.5],
        [4.5, 3.5],
        [-50, 3],
        [NaN, 3],
        [8.99, 3],
        [4, 900],
      ]),
    );
    expect(weights[3 * 9 + 4]).toBe(4);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(12);
  });
});

describe('paint', () => {
  it('lets opacity grow with the number of points, up to opaque', () => {
    const pixels = new Uint32Array(4);
    paint(Uint16Array.from([0, 2, 4, 60000]), shades([10, 20, 30], 0.25), pixels);
    const bytes = [...new Uint8Array(pixels.buffer)];
    expect(bytes.slice(0, 4)).toEqual([0, 0, 0, 0]);
    expect(bytes.slice(4, 8)).toEqual([10, 20, 30, 64]);
    expect(bytes[11]).toBe(Math.round(255 * (1 - 0.75 ** 2)));
    expect(bytes[15]).toBe(255);
  });
});
