// The arithmetic of the waterfall: from the starting point to the score, input by input, in points.

import type { Customer } from './api-types';

export interface Step {
  /** null: all the inputs that have no bar of their own, and what belongs to none alone. */
  input: string | null;
  points: number;
  /** Whole, as it is written; all of them add up exactly. */
  displayed: number;
  start: number;
  end: number;
}

export interface Waterfall {
  base: number;
  score: number;
  steps: Step[];
  /** How many inputs the last step sums; 0 when every input has its own bar. */
  others: number;
}

export type Contribution = Customer['inputs'][number];

/** Rounded as the service does: half a point away from zero, and never to a negative zero. */
const whole = (points: number): number => Math.sign(points) * Math.round(Math.abs(points)) || 0;

/** Every input, the heaviest first; equal ones keep the model's order. */
export function ranked(customer: Pick<Customer, 'inputs'>): Contribution[] {
  return [...customer.inputs].sort((a, b) => Math.abs(b.points) - Math.abs(a.points));
}

/** At most `bars` inputs, each of half a point or more, then the rest in one step. */
export function waterfall(
  customer: Pick<Customer, 'inputs' | 'base_points' | 'shared_points' | 'reasons'>,
  bars = 18,
): Waterfall {
  const all = ranked(customer);
  const own = all.slice(0, bars).filter((one) => Math.abs(one.points) >= 0.5);
  const rest = all.slice(own.length);
  const { base, score } = customer.reasons;
  const parts = own.map(({ input, points }) => ({
    input: input as string | null,
    points,
    displayed: whole(points),
  }));
  if (rest.length > 0 || customer.shared_points !== 0) {
    parts.push({
      input: null,
      points: rest.reduce((sum, one) => sum + one.points, customer.shared_points),
      displayed: score - parts.reduce((sum, part) => sum + part.displayed, base),
    });
  } else if (parts.length > 0) {
    // Nothing else can take what rounding leaves: the heaviest does.
    const first = parts[0];
    const sum = parts.reduce((total, part) => total + part.displayed, base);
    if (first) first.displayed += score - sum;
  }
  let at = customer.base_points;
  const steps = parts.map((part) => {
    const start = at;
    at += part.points;
    return { ...part, start, end: at };
  });
  return { base, score, steps, others: rest.length };
}

export interface WholeParts {
  /** Every input, the heaviest first. */
  parts: { input: string; displayed: number }[];
  /** What rounding leaves, and what belongs to no input alone. */
  rest: number;
}

/** Every input in whole points, those with a bar as their bar says; with the rest, they add up. */
export function wholeParts(customer: Pick<Customer, 'inputs'>, fall: Waterfall): WholeParts {
  const bars = new Map(fall.steps.map((step) => [step.input, step.displayed]));
  const parts = ranked(customer).map(({ input, points }) => ({
    input,
    displayed: bars.get(input) ?? whole(points),
  }));
  const sum = parts.reduce((total, part) => total + part.displayed, fall.base);
  return { parts, rest: fall.score - sum };
}

/** What all raising and all lowering steps come to, as written. */
export function totals(fall: Waterfall): { up: number; down: number } {
  let up = 0;
  let down = 0;
  for (const { displayed } of fall.steps) {
    if (displayed > 0) up += displayed;
    else down -= displayed;
  }
  return { up, down };
}

/** The interval an axis has to cover. */
export function extent(fall: Waterfall, threshold: number): [number, number] {
  const places = [fall.base, threshold, ...fall.steps.map((step) => step.end)];
  return [Math.min(...places), Math.max(...places)];
}
