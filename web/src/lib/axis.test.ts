import { beforeAll, describe, expect, it } from 'vitest';

import { anchor, axis } from './axis';
import { locale } from './language.svelte';

beforeAll(() => locale.speak('fr'));

describe('axis', () => {
  it('maps its interval to 0–100', () => {
    const line = axis([2, 6], 'number');
    expect(line.at(2)).toBe(0);
    expect(line.at(6)).toBe(100);
    expect(line.at(3)).toBe(25);
    expect(line.at(8)).toBe(150);
    expect(line.ticks.map((tick) => tick.value)).toEqual([2, 3, 4, 5, 6]);
  });

  it('leaves room on both sides', () => {
    const line = axis([0, 10], 'number', 4, 0.25);
    expect(line.at(-2.5)).toBe(0);
    expect(line.at(12.5)).toBe(100);
  });

  it('counts days in whole years', () => {
    const { ticks } = axis([0, 40 * 365.25], 'days');
    expect(ticks.map((tick) => tick.text.replace(/\s/g, ' '))).toEqual([
      '0',
      '10 ans',
      '20 ans',
      '30 ans',
      '40 ans',
    ]);
    expect(ticks[1]?.at).toBeCloseTo(25, 9);
  });

  it.each([0, 5, -3])('has an interval around the only value %d', (value) => {
    expect(axis([value, value], 'number').at(value)).toBe(50);
  });
});

describe('anchor', () => {
  it('keeps labels inside', () => {
    expect([anchor(0), anchor(50), anchor(100)]).toEqual(['start', 'middle', 'end']);
  });
});
