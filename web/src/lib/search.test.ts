import { describe, expect, it } from 'vitest';

import { CustomerIndex, visibleRange, wholeNumber, type Matches } from './search';

const list = (index: CustomerIndex, matches: Matches): (string | undefined)[] =>
  Array.from({ length: matches.count }, (_, rank) => index.at(matches.positionAt(rank) ?? -1));

describe('CustomerIndex', () => {
  const index = new CustomerIndex([100285, 100500, 210050, 1005, 300001]);

  it('keeps the order of the server', () => {
    expect(index.size).toBe(5);
    expect(index.at(2)).toBe('210050');
    expect(index.positionOf('1005')).toBe(3);
    expect(index.positionOf('7')).toBeUndefined();
    expect(index.positionOf('0100285')).toBeUndefined();
    expect(index.positionOf('abc')).toBeUndefined();
  });

  it('knows the neighbours, and where there are none', () => {
    expect(index.neighbour('100500', 1)).toBe('210050');
    expect(index.neighbour('100500', -1)).toBe('100285');
    expect(index.neighbour('100285', -1)).toBeUndefined();
    expect(index.neighbour('300001', 1)).toBeUndefined();
    expect(index.neighbour('7', 1)).toBeUndefined();
  });

  it('finds the exact identifier, then prefixes, then the others', () => {
    expect(list(index, index.search('1005'))).toEqual(['1005', '100500', '210050']);
    expect(list(index, index.search('005'))).toEqual(['100500', '210050', '1005']);
    expect(list(index, index.search('10050'))).toEqual(['100500', '210050']);
    expect(index.search('999').count).toBe(0);
  });

  it('finds everything without a query', () => {
    const all = index.search(index.normalise('  '));
    expect(all.count).toBe(5);
    expect(all.positionAt(4)).toBe(4);
    expect(all.positionAt(5)).toBeUndefined();
    expect(all.rankOf(4)).toBe(4);
    expect(all.rankOf(-1)).toBeUndefined();
  });

  it('gives the rank of what it found', () => {
    const found = index.search('005');
    expect(found.rankOf(2)).toBe(1);
    expect(found.rankOf(0)).toBeUndefined();
  });

  it('accepts digits in groups', () => {
    expect(index.normalise(' 100\u202f285 ')).toBe('100285');
  });
});

describe('CustomerIndex of texts', () => {
  const index = new CustomerIndex(['FR-0012', 'fr-0120', 'Jean Dupont', '0100285']);

  it('takes them as they are', () => {
    expect(index.numeric).toBe(false);
    expect(index.positionOf('0100285')).toBe(3);
    expect(index.positionOf('100285')).toBeUndefined();
    expect(index.meant('0100285')).toBe('0100285');
    expect(new CustomerIndex([100285]).meant('+0100285')).toBe('100285');
  });

  it('finds them whatever their case, spaces included', () => {
    expect(list(index, index.search(index.normalise('FR-01')))).toEqual(['fr-0120']);
    expect(list(index, index.search(index.normalise(' jean d')))).toEqual(['Jean Dupont']);
  });
});

describe('visibleRange', () => {
  it('covers what is in view, with a margin, inside the list', () => {
    expect(visibleRange(0, 340, 34, 48744, 4)).toEqual({ first: 0, end: 14 });
    expect(visibleRange(3400, 340, 34, 48744, 4)).toEqual({ first: 96, end: 114 });
    expect(visibleRange(48744 * 34 - 340, 340, 34, 48744, 4)).toEqual({ first: 48730, end: 48744 });
  });

  it('is empty for an empty list, and inside it after the list has shrunk', () => {
    expect(visibleRange(0, 340, 34, 0)).toEqual({ first: 0, end: 0 });
    expect(visibleRange(34000, 340, 34, 3)).toEqual({ first: 3, end: 3 });
  });
});

describe('wholeNumber', () => {
  it.each([
    ['100285', '100285'],
    ['0100285', '100285'],
    ['+100285', '100285'],
    [' 100285 ', '100285'],
    ['-05', '-5'],
    ['-0', '0'],
    ['000', '0'],
    ['99999999999999999999999', '99999999999999999999999'],
    ['abc', 'abc'],
    ['1.5', '1.5'],
  ])('%s is %s', (text, id) => {
    expect(wholeNumber(text)).toBe(id);
  });
});
