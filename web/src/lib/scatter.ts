// The cloud of two inputs: tens of thousands of points painted into pixels directly, because as many
// canvas or SVG shapes would be too slow to pan and zoom.

import type { Points } from './api';

/** The part of the plane that is in view. */
export interface View {
  x: [number, number];
  y: [number, number];
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

/** Everything, with a margin around. */
export function wholeView(points: Points, margin = 0.03): View {
  const padded = (values: Float64Array): [number, number] => {
    const [low, high] = bounds(values);
    const pad = high > low ? (high - low) * margin : Math.max(Math.abs(low) * 0.1, 0.5);
    return [low - pad, high + pad];
  };
  return { x: padded(points.x), y: padded(points.y) };
}

/** The view moved by shares of its own size. */
export function panned(view: View, dx: number, dy: number): View {
  const move = ([low, high]: [number, number], by: number): [number, number] => {
    const shift = (high - low) * by;
    return [low + shift, high + shift];
  };
  return { x: move(view.x, dx), y: move(view.y, dy) };
}

/** The view `factor` times as large around a place in it (0 to 1 each, from below and left), never
 * larger than `whole` nor smaller than a thousandth of it. */
export function zoomed(view: View, whole: View, factor: number, atX = 0.5, atY = 0.5): View {
  const scale = (
    [low, high]: [number, number],
    [first, last]: [number, number],
    at: number,
  ): [number, number] => {
    const full = last - first;
    const size = Math.min(full, Math.max(full / 1000, (high - low) * factor));
    const centre = low + (high - low) * at;
    const start = centre - size * at;
    // What is as large as everything is everything.
    return size === full ? [first, last] : [start, start + size];
  };
  return { x: scale(view.x, whole.x, atX), y: scale(view.y, whole.y, atY) };
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

// A dot is a pixel and its four neighbours, these half as dark.
const CENTRE = 2;
const EDGE = 1;
const DARKEST = 255;

/** How many dots weigh on each pixel, for a view of `width` by `height` pixels. */
export function density(
  points: Points,
  view: View,
  width: number,
  height: number,
  into: Uint16Array,
): void {
  into.fill(0);
  const [left, right] = view.x;
  const [bottom, top] = view.y;
  const scaleX = width / (right - left);
  const scaleY = height / (top - bottom);
  const { x: xs, y: ys } = points;
  const count = Math.min(xs.length, ys.length);
  for (let i = 0; i < count; i += 1) {
    const column = ((xs[i] as number) - left) * scaleX;
    const row = (top - (ys[i] as number)) * scaleY;
    // A dot at the very edge is left out rather than wrapped to the other side.
    if (!(column >= 1 && column < width - 1 && row >= 1 && row < height - 1)) continue;
    const at = (row | 0) * width + (column | 0);
    (into[at] as number) += CENTRE;
    (into[at - 1] as number) += EDGE;
    (into[at + 1] as number) += EDGE;
    (into[at - width] as number) += EDGE;
    (into[at + width] as number) += EDGE;
  }
}

/** The colour of every weight: `n` dots of opacity `alpha` on each other are 1 − (1 − alpha)^n. */
export function shades(colour: readonly [number, number, number], alpha: number): Uint32Array {
  const table = new Uint32Array(DARKEST + 1);
  const [red, green, blue] = colour;
  for (let n = 1; n <= DARKEST; n += 1) {
    const opacity = Math.round(255 * (1 - (1 - alpha) ** (n / CENTRE)));
    // The bytes of a pixel are red, green, blue, opacity; little-endian, as every browser's machine is.
    table[n] = ((opacity << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  }
  return table;
}

export function paint(weights: Uint16Array, table: Uint32Array, into: Uint32Array): void {
  for (let i = 0; i < into.length; i += 1) {
    const weight = weights[i] as number;
    into[i] = table[weight < DARKEST ? weight : DARKEST] as number;
  }
}
