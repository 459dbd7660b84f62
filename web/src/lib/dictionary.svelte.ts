// What inputs are called, mean and look like, as the server's dictionary says. An input it does not
// know is shown under its own name.

import type { Dictionary, InputWords, Words } from './api-types';
import type { InputValue } from './api';
import { inFormat, type Format } from './format';
import { locale } from './language.svelte';

class Book {
  dictionary = $state.raw<Dictionary | null>(null);

  entry(input: string): InputWords | undefined {
    const inputs = this.dictionary?.inputs;
    return inputs && Object.hasOwn(inputs, input) ? inputs[input] : undefined;
  }
}

/** The one dictionary of the assets that are shown. */
export const book = new Book();

export function labelOf(input: string): string {
  const words = book.entry(input)?.label;
  return words ? locale.in(words) : input;
}

export function definitionOf(input: string): string {
  const words = book.entry(input)?.definition;
  return words ? locale.in(words) : '';
}

export function formatOf(input: string): Format {
  return book.entry(input)?.format ?? 'number';
}

function category(input: string, value: string): string {
  const tables: (Record<string, Words> | undefined)[] = [
    book.entry(input)?.values,
    book.dictionary?.values,
  ];
  for (const table of tables) {
    const words = table && Object.hasOwn(table, value) ? table[value] : undefined;
    if (words) return locale.in(words);
  }
  return value;
}

/** What a missing value of an input means: "Aucun emploi en cours déclaré". */
export function missingText(input: string): string {
  const words = book.entry(input)?.missing;
  return words ? locale.in(words) : locale.t.value.missing;
}

/** A value of an input in words. */
export function valueText(input: string, value: InputValue): string {
  if (value === null) return missingText(input);
  return typeof value === 'number' ? inFormat(value, formatOf(input)) : category(input, value);
}

/** The value reads as the reference does: saying that it is lower or higher would read oddly. */
function sameAsReference(input: string, value: InputValue, reference: InputValue): boolean {
  return reference !== null && valueText(input, value) === valueText(input, reference);
}

/** A reason in a few words: which input, and on which side of what is usual its value lies. */
export function reasonText(input: string, value: InputValue, reference: InputValue): string {
  const entry = book.entry(input);
  const label = labelOf(input);
  if (value === null)
    return entry?.missing ? locale.in(entry.missing) : locale.t.reasons.missing(label);
  if (typeof value === 'string') return locale.t.reasons.category(label, category(input, value));
  if (typeof reference !== 'number') return label;
  if (sameAsReference(input, value, reference)) return locale.t.reasons.usual(label);
  const words = value < reference ? entry?.low : entry?.high;
  if (words) return locale.in(words);
  return value < reference ? locale.t.reasons.low(label) : locale.t.reasons.high(label);
}

/** The value of a reason and what it is compared with, without what the reason's words say already. */
export function placeText(input: string, value: InputValue, reference: InputValue): string {
  const words = reasonText(input, value, reference);
  const text = valueText(input, value);
  const { reasons } = locale.t;
  const said = words === text || words === reasons.category(labelOf(input), text);
  const own = said ? '' : text;
  if (reference === null) return own;
  const compared = sameAsReference(input, value, reference)
    ? reasons.sameAsReference
    : reasons.reference(valueText(input, reference));
  return own === '' ? compared : `${own} · ${compared}`;
}
