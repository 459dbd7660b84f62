import { beforeAll, describe, expect, it } from 'vitest';

import {
  bytes,
  date,
  downloadText,
  duration,
  exact,
  fixed,
  integer,
  inFormat,
  number,
  points,
  share,
  signed,
  tick,
} from './format';
import { locale } from './language.svelte';

beforeAll(() => locale.speak('fr'));

/** The spaces of French numbers (U+202F, U+00A0) as plain ones, to read the tests. */
const plain = (text: string): string => text.replace(/[\u202f\u00a0]/g, ' ');

describe('numbers', () => {
  it('are written in French', () => {
    expect(plain(integer(48744))).toBe('48 744');
    expect(fixed(97.6148, 1)).toBe('97,6');
    expect(plain(number(664204.5))).toBe('664 205');
    expect(number(0.689153096334525)).toBe('0,689');
    expect(number(0.0427)).toBe('0,043');
    expect(number(0.00042)).toBe('0,00042');
    expect(number(12.345)).toBe('12,3');
    expect(number(2.5)).toBe('2,50');
    expect(number(0.71)).toBe('0,710');
    expect(number(5)).toBe('5');
  });

  it('carry a real minus sign, and none on a zero', () => {
    expect(fixed(-1.2177, 2)).toBe('−1,22');
    expect(fixed(-0.001, 2)).toBe('0,00');
    expect(signed(-0.7, 2)).toBe('−0,70');
    expect(signed(0.86, 2)).toBe('+0,86');
    expect(signed(0.001, 2)).toBe('0,00');
    expect(signed(0, 2)).toBe('0,00');
  });

  it('keep every digit in tables', () => {
    expect(exact(0.689153096334525)).toBe('0,689153096334525');
    expect(exact(-3)).toBe('−3');
  });

  it('never round a share to nothing or to everything', () => {
    expect(plain(share(0))).toBe('0 %');
    expect(plain(share(0.0004))).toBe('moins de 1 %');
    expect(plain(share(0.42))).toBe('42 %');
    expect(plain(share(0.9999))).toBe('plus de 99 %');
    expect(plain(share(1))).toBe('100 %');
  });
});

describe('durations', () => {
  it.each([
    [0, '0 jour'],
    [1, '1 jour'],
    [12, '12 jours'],
    [29, '29 jours'],
    [30, '1 mois'],
    [225, '7 mois'],
    [364, '11 mois'],
    [365, '1 an'],
    [1095, '3 ans'],
    [1460, '3 ans 11 mois'],
    [1461, '4 ans'],
    [3275, '8 ans 11 mois'],
    [-400, '−1 an 1 mois'],
  ])('%d days are %s', (days, text) => {
    expect(duration(days)).toBe(text);
  });
});

describe('units', () => {
  it('say what the number means', () => {
    expect(inFormat(3275, 'days')).toBe('8 ans 11 mois');
    expect(inFormat(9, 'years')).toBe('9 ans');
    expect(inFormat(1, 'years')).toBe('1 an');
    expect(plain(inFormat(0.0608, 'share'))).toBe('6,10 %');
    expect(plain(inFormat(14, 'hour'))).toBe('14 h');
    expect(plain(inFormat(24900.4, 'money'))).toBe('24 900');
    expect(plain(inFormat(24900.4, 'money_a_year'))).toBe('24 900 / an');
    expect(inFormat(0.135, 'score')).toBe('0,14');
    expect(points(-31.2)).toBe('−31');
    expect(points(12)).toBe('+12');
  });

  it('are short on an axis', () => {
    expect(plain(tick(3652.5, 'days'))).toBe('10 ans');
    expect(tick(0, 'days')).toBe('0');
    expect(tick(365.25, 'days')).toBe('1 an');
    expect(tick(0.5, 'years')).toBe('0,5 an');
    expect(plain(tick(20, 'years'))).toBe('20 ans');
    expect(plain(tick(1_500_000, 'number'))).toBe('1,5 M');
    expect(plain(tick(0.05, 'share'))).toBe('5 %');
    expect(tick(0.2, 'number')).toBe('0,2');
  });
});

describe('downloads', () => {
  it('are counted in powers of a thousand', () => {
    expect(plain(bytes(999))).toBe('999 o');
    expect(plain(bytes(1000))).toBe('1,0 Ko');
    expect(plain(bytes(26_012_345))).toBe('26,0 Mo');
    expect(plain(bytes(123_456_789))).toBe('123 Mo');
    expect(plain(bytes(5e12))).toBe('5 000 Go');
  });

  it('tell the rate while there is one', () => {
    const download = {
      files_done: 2,
      files_total: 7,
      bytes_done: 12_300_000,
      bytes_total: 26_000_000,
      bytes_per_second: 45_100_000,
    };
    expect(plain(downloadText(download))).toBe('12,3 Mo sur 26,0 Mo, 2 fichiers sur 7, 45,1 Mo/s');
    expect(plain(downloadText({ ...download, bytes_per_second: 0 }))).toBe(
      '12,3 Mo sur 26,0 Mo, 2 fichiers sur 7',
    );
  });
});

describe('in English', () => {
  beforeAll(() => locale.speak('en'));

  it('everything is written as English readers write it', () => {
    expect(integer(48744)).toBe('48,744');
    expect(fixed(97.6148, 1)).toBe('97.6');
    expect(inFormat(2650, 'days')).toBe('7 years 3 months');
    expect(inFormat(400, 'days')).toBe('1 year 1 month');
    expect(tick(0.5, 'years')).toBe('0.5 years');
    expect(inFormat(0.0608, 'share')).toBe('6.10%');
    expect(inFormat(14, 'hour')).toBe('14:00');
    expect(date('2026-11-12T14:05:00Z')).toBe('12 Nov 2026');
    expect(plain(bytes(26_012_345))).toBe('26.0 MB');
  });
});
