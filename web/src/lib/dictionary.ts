// What inputs are called and in which unit they are: data, not code. A portfolio that the dictionary
// does not know is shown under its own names.

import dictionary from '../dictionaries/home_credit.fr.json';
import { t } from '../strings';
import type { InputValue } from './api';
import { exact, inUnit, unitDetail, type Unit } from './format';

interface Entry {
  label: string;
  unit?: Unit;
}

const inputs = dictionary.inputs as Record<string, Entry | undefined>;
const values = dictionary.values as Record<string, string | undefined>;

const own = <T>(table: Record<string, T | undefined>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

export function labelOf(input: string): string {
  return own(inputs, input)?.label ?? input;
}

export function unitOf(input: string): Unit {
  return own(inputs, input)?.unit ?? 'number';
}

function category(text: string): string {
  return own(values, text) ?? text;
}

/** A value of an input in words; null when it is missing. */
export function valueText(input: string, value: InputValue): string | null {
  if (value === null) return null;
  return typeof value === 'number' ? inUnit(value, unitOf(input)) : category(value);
}

/** What the words of a value leave out, as "3 275 jours"; may be empty. */
export function valueDetail(input: string, value: InputValue): string {
  return typeof value === 'number' ? unitDetail(value, unitOf(input)) : '';
}

/** A value with every digit, for tables. */
export function exactText(input: string, value: InputValue): string {
  if (value === null) return t.features.missing;
  if (typeof value !== 'number') return category(value);
  const text = exact(value);
  return unitOf(input) === 'number' ? text : `${text} (${inUnit(value, unitOf(input))})`;
}

export interface TransformedFeature {
  /** What a reader calls it: "Niveau d'études : supérieur". */
  label: string;
  /** The input it comes from, when that is known. */
  input: string | null;
}

/**
 * A feature of the model in words. It is an input itself, or one category of an input, named
 * INPUT_category by the encoder: the longest input that fits wins.
 */
export function describeFeature(feature: string, known: Iterable<string>): TransformedFeature {
  let input: string | null = null;
  for (const name of known) {
    if (feature === name) return { label: labelOf(name), input: name };
    if (feature.startsWith(`${name}_`) && name.length > (input?.length ?? 0)) input = name;
  }
  if (input === null) return { label: labelOf(feature), input: null };
  const label = t.contributions.category(labelOf(input), category(feature.slice(input.length + 1)));
  return { label, input };
}

export const dictionaryInputs: readonly string[] = Object.keys(dictionary.inputs);
