import { describe, expect, it } from 'vitest';

import type { Points } from './api';
import { bounds, density, fiveNumbers, paint, shareBelow } from './scatter';

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

describe('density', () => {
  const area = { width: 9, height: 7 };
  const same = (value: number): number => value;

  it('is a round dot around the point', () => {
    const pixels = density(points([[4.5, 3.5]]), area, 1, same, same);
    const at = (x: number, y: number): number => pixels[y * area.width + x] ?? NaN;
    expect(at(4, 3)).toBe(1);
    expect(at(3, 3)).toBeCloseTo(0.5, 6);
    expect(at(4, 2)).toBeCloseTo(at(4, 4), 6);
    expect(at(3, 2)).toBeLessThan(at(3, 3));
    expect(at(1, 3)).toBe(0);
  });

  it('adds up where points meet', () => {
    const one = density(points([[4.5, 3.5]]), area, 1, same, same);
    const two = density(
      points([
        [4.5, 3.5],
        [4.5, 3.5],
      ]),
      area,
      1,
      same,
      same,
    );
    expect([...two]).toEqual([...one].map((value) => 2 * value));
  });

  it('cuts dots at the border and leaves out what is not a number', () => {
    const pixels = density(
      points([
        [0, 0],
        [9, 7],
        [-50, 3],
        [NaN, 3],
      ]),
      area,
      1,
      same,
      same,
    );
    expect(pixels).toHaveLength(63);
    expect(pixels[0]).toBeGreaterThan(0);
    expect(pixels[62]).toBe(pixels[0]);
    expect(pixels.every((value) => Number.isFinite(value))).toBe(true);
    expect(pixels[3 * 9 + 4]).toBe(0);
  });
});

describe('paint', () => {
  it('lets opacity grow with the number of points, up to opaque', () => {
    const image = paint(Float32Array.from([0, 1, 2, 1000]), [10, 20, 30], 0.25);
    expect([...image.slice(0, 4)]).toEqual([0, 0, 0, 0]);
    expect([...image.slice(4, 8)]).toEqual([10, 20, 30, 64]);
    expect(image[11]).toBe(Math.round(255 * (1 - 0.75 ** 2)));
    expect(image[15]).toBe(255);
  });
});
