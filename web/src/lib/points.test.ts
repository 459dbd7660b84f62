import { describe, expect, it } from 'vitest';

import { adviceOf, barAt, barRange, gaugeOf, separating } from './points';

describe('the score', () => {
  it('is one of three words', () => {
    expect(adviceOf({ decision: 'accepted', review: false })).toBe('favourable');
    expect(adviceOf({ decision: 'refused', review: false })).toBe('unfavourable');
    expect(adviceOf({ decision: 'accepted', review: true })).toBe('review');
  });

  it('stands on a bar with the threshold in the middle', () => {
    expect(barRange(446, 500)).toEqual([300, 700]);
    expect(barRange(701, 500)).toEqual([200, 800]);
    expect(barRange(150, 500)).toEqual([100, 900]);
    expect(barAt(500, [300, 700])).toBe(50);
    expect(barAt(-1e6, [300, 700])).toBe(0);
  });

  it('has the original’s gauge', () => {
    expect(gaugeOf(0.25)).toBe(75);
    expect(separating(48.74, 48.7, 1)).toBe(2);
    expect(separating(50, 50, 1)).toBe(1);
  });
});
