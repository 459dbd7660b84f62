// The cloud of the bivariate chart: tens of thousands of points painted into pixels directly, because
// as many canvas or SVG shapes would be slow.

import type { Points } from './api';

export interface Area {
  /** In device pixels. */
  width: number;
  height: number;
}

/** Smallest and largest value; [0, 1] of nothing. */
export function bounds(values: Float64Array): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

/** The share of values strictly below `value`, from 0 to 1. */
export function shareBelow(values: Float64Array, value: number): number {
  let below = 0;
  for (const other of values) if (other < value) below += 1;
  return values.length === 0 ? 0 : below / values.length;
}

/** Minimum, quartiles and maximum, by linear interpolation as numpy does by default. */
export function fiveNumbers(values: Float64Array): [number, number, number, number, number] | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = (quantile: number): number => {
    const place = quantile * (sorted.length - 1);
    const low = Math.floor(place);
    const from = sorted[low] ?? 0;
    return from + (place - low) * ((sorted[low + 1] ?? from) - from);
  };
  return [at(0), at(0.25), at(0.5), at(0.75), at(1)];
}

/**
 * How many points weigh on each pixel. A point is a round dot of `radius` device pixels whose edge
 * fades over one pixel; `toX` and `toY` map values to device pixels.
 */
export function density(
  points: Points,
  area: Area,
  radius: number,
  toX: (value: number) => number,
  toY: (value: number) => number,
): Float32Array {
  const { width, height } = area;
  const pixels = new Float32Array(width * height);
  const reach = radius + 0.5;
  const count = Math.min(points.x.length, points.y.length);
  for (let i = 0; i < count; i += 1) {
    const x = toX(points.x[i] ?? NaN);
    const y = toY(points.y[i] ?? NaN);
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    // The pixels whose centres may be within reach.
    const left = Math.max(0, Math.ceil(x - reach - 0.5));
    const right = Math.min(width - 1, Math.floor(x + reach - 0.5));
    const top = Math.max(0, Math.ceil(y - reach - 0.5));
    const bottom = Math.min(height - 1, Math.floor(y + reach - 0.5));
    for (let row = top; row <= bottom; row += 1) {
      const dy = row + 0.5 - y;
      for (let column = left; column <= right; column += 1) {
        const dx = column + 0.5 - x;
        const cover = reach - Math.sqrt(dx * dx + dy * dy);
        if (cover <= 0) continue;
        const place = row * width + column;
        pixels[place] = (pixels[place] ?? 0) + Math.min(1, cover);
      }
    }
  }
  return pixels;
}

/** Paints a density in one colour: `n` dots of opacity `alpha` on each other are 1 − (1 − alpha)^n. */
export function paint(
  pixels: Float32Array,
  colour: readonly [number, number, number],
  alpha: number,
): Uint8ClampedArray<ArrayBuffer> {
  const image = new Uint8ClampedArray(pixels.length * 4);
  const fade = Math.log(1 - alpha);
  for (let i = 0; i < pixels.length; i += 1) {
    const n = pixels[i] ?? 0;
    if (n === 0) continue;
    image[4 * i] = colour[0];
    image[4 * i + 1] = colour[1];
    image[4 * i + 2] = colour[2];
    image[4 * i + 3] = 255 * (1 - Math.exp(fade * n));
  }
  return image;
}
