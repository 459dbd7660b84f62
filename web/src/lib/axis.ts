// A linear axis in percent of its length, so that charts follow their container without measuring it.

import { ticks } from 'd3-array';

import { axisStep, tick, type Format } from './format';

export interface Tick {
  value: number;
  /** 0 to 100. */
  at: number;
  text: string;
}

export interface Axis {
  /** Where a value falls, in percent; may be outside 0–100. */
  at(value: number): number;
  ticks: Tick[];
}

/** An axis over [low, high] with about `count` ticks; `padding` is a share of the interval. */
export function axis(
  [low, high]: readonly [number, number],
  format: Format,
  count = 4,
  padding = 0,
): Axis {
  const span = high - low;
  // A single value gets an interval around it.
  const margin = span > 0 ? span * padding : Math.max(Math.abs(low) * 0.1, 0.5);
  const start = low - margin;
  const end = high + margin;
  const at = (value: number): number => ((value - start) / (end - start)) * 100;
  const step = axisStep(format);
  return {
    at,
    ticks: ticks(start / step, end / step, count).map((place) => {
      const value = place * step;
      return { value, at: at(value), text: tick(value, format) };
    }),
  };
}

/** Under its tick, a label may reach into the margin of the chart, but not past it. */
export function anchor(at: number): 'start' | 'middle' | 'end' {
  if (at < 4) return 'start';
  return at > 96 ? 'end' : 'middle';
}
