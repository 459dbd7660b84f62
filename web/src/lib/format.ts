// Numbers, durations, amounts and dates as a reader of the screen's language writes them. Everything
// shown goes through here.

import type { Download } from './api-types';
import type { InputWords } from './api-types';
import { locale } from './language.svelte';

/** How the values of an input are written: the dictionary's word for it. */
export type Format = InputWords['format'];

// Making a formatter is slow, using one is not.
const formatters = new Map<string, Intl.NumberFormat>();

function made(key: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const full = `${locale.tag} ${key}`;
  let found = formatters.get(full);
  if (!found) {
    found = new Intl.NumberFormat(locale.tag, options);
    formatters.set(full, found);
  }
  return found;
}

function formatter(minimum: number, maximum: number): Intl.NumberFormat {
  return made(`${minimum}:${maximum}`, {
    minimumFractionDigits: minimum,
    maximumFractionDigits: maximum,
  });
}

/** The typographic minus, as wide as the plus; and never "−0". */
function withMinus(text: string): string {
  if (!text.startsWith('-')) return text;
  return /[1-9]/.test(text) ? `−${text.slice(1)}` : text.slice(1);
}

/** Exactly `decimals` places. */
export function fixed(value: number, decimals: number): string {
  return withMinus(formatter(decimals, decimals).format(value));
}

/** Exactly `decimals` places with its sign: "+0,86", "−0,70"; what rounds to nothing has none. */
export function signed(value: number, decimals: number): string {
  const text = fixed(value, decimals);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

export function integer(value: number): string {
  return fixed(value, 0);
}

function decimalsOf(value: number): number {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 1000) return 0;
  if (size >= 10) return 1;
  if (size >= 1) return 2;
  return size >= 0.01 ? 3 : 6;
}

/** About three significant digits below a thousand, whole numbers above: no false decimals. */
export function number(value: number): string {
  const decimals = decimalsOf(value);
  // Six places are for the very small: not all of them need be there.
  return withMinus(formatter(decimals > 3 ? 0 : decimals, decimals).format(value));
}

/** The same without the zeros at the end. */
function trimmed(value: number): string {
  return withMinus(formatter(0, decimalsOf(value)).format(value));
}

/** All the digits the API sent, for tables. */
export function exact(value: number): string {
  return withMinus(formatter(0, 15).format(value));
}

/** A share between 0 and 1 as whole percents, kept away from 0 % and 100 % when it is neither. */
export function share(value: number): string {
  const percents = value * 100;
  if (percents > 0 && percents < 1) return locale.t.format.lessThanOnePercent;
  if (percents < 100 && percents > 99) return locale.t.format.moreThan99Percent;
  return locale.t.format.percent(integer(percents));
}

const DAYS_A_YEAR = 365.25;

/** Completed months; 365 days are a year even where the calendar adds a leap day. */
function completedMonths(days: number): number {
  return Math.floor(((Math.floor(Math.abs(days)) + 0.75) / DAYS_A_YEAR) * 12);
}

/** "8 ans 11 mois", "7 mois", "12 jours": completed years and months of a number of days. */
export function duration(days: number): string {
  const sign = days < 0 ? '−' : '';
  const months = completedMonths(days);
  if (months === 0) {
    const whole = Math.floor(Math.abs(days));
    return sign + locale.t.format.days(integer(whole));
  }
  const years = Math.floor(months / 12);
  const rest = months % 12;
  if (years === 0) return sign + locale.t.format.months(rest);
  return (
    sign + (rest === 0 ? locale.t.format.years(years) : locale.t.format.yearsMonths(years, rest))
  );
}

/** A value in its format, short enough for a heading or a label. */
export function inFormat(value: number, format: Format): string {
  const { format: words } = locale.t;
  switch (format) {
    case 'days':
      return duration(value);
    case 'years':
      return words.years(number(value));
    case 'share':
      return words.percent(number(Math.round(value * 1000) / 10));
    case 'hour':
      return words.hour(number(value));
    case 'money':
      return integer(value);
    case 'money_a_year':
      return words.aYear(integer(value));
    case 'score':
      return fixed(value, 2);
    default:
      return number(value);
  }
}

/** A value of an axis, as short as possible. */
export function tick(value: number, format: Format): string {
  const { format: words } = locale.t;
  switch (format) {
    case 'days':
      return value === 0 ? '0' : words.years(trimmed(value / DAYS_A_YEAR));
    case 'years':
      return value === 0 ? '0' : words.years(trimmed(value));
    case 'share':
      return words.percent(trimmed(value * 100));
    default:
      return Math.abs(value) >= 10000
        ? withMinus(
            made('compact', { notation: 'compact', maximumFractionDigits: 1 }).format(value),
          )
        : trimmed(value);
  }
}

/** The format's size on an axis, so that ticks fall on whole years rather than on whole days. */
export function axisStep(format: Format): number {
  if (format === 'days') return DAYS_A_YEAR;
  return format === 'share' ? 0.01 : 1;
}

/** Whole points with their sign: "−31", "+12", "0". */
export function points(value: number): string {
  return signed(value, 0);
}

const dateFormatters = new Map<string, Intl.DateTimeFormat>();

function written(time: string | Date, timeStyle: 'short' | undefined): string {
  const key = `${locale.tag} ${timeStyle}`;
  let found = dateFormatters.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale.tag, { dateStyle: 'medium', timeStyle });
    dateFormatters.set(key, found);
  }
  return found.format(new Date(time));
}

/** "12 nov. 2026" */
export function date(iso: string): string {
  return written(iso, undefined);
}

/** The same of what a model says of itself, which may be anything: "2026-11-12 13:05:00.5" in UTC. */
export function utcTime(text: string): string {
  const iso = `${text.replace(' ', 'T')}Z`;
  return Number.isNaN(Date.parse(iso)) ? text : dateTime(iso);
}

/** "12 nov. 2026, 14:05" */
export function dateTime(time: string | Date): string {
  return written(time, 'short');
}

/** "12,3 Mo": a size as people write it, in powers of a thousand. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit + 1 < locale.t.status.bytes.length) {
    value /= 1000;
    unit += 1;
  }
  return `${fixed(value, unit === 0 || value >= 100 ? 0 : 1)}\u00a0${locale.t.status.bytes[unit]}`;
}

/** "12,3 Mo sur 26,0 Mo, 2 fichiers sur 7, 45,1 Mo/s" */
export function downloadText(download: Download): string {
  const text = locale.t.status.downloaded(
    bytes(download.bytes_done),
    bytes(download.bytes_total),
    download.files_done,
    download.files_total,
  );
  return download.bytes_per_second > 0
    ? `${text}, ${locale.t.status.rate(bytes(download.bytes_per_second))}`
    : text;
}
