import { beforeAll, describe, expect, it } from 'vitest';

import type { InputWords } from './api-types';
import {
  book,
  formatOf,
  labelOf,
  missingText,
  placeText,
  reasonText,
  valueText,
} from './dictionary.svelte';
import { locale } from './language.svelte';

const both = (fr: string, en: string): { fr: string; en: string } => ({ fr, en });
const entry = (more: Partial<InputWords>): InputWords => ({
  label: both('Nom', 'Name'),
  format: 'number',
  direction: 'none',
  definition: both('', ''),
  review: 'none',
  changeable: false,
  low: null,
  high: null,
  missing: null,
  values: {},
  ...more,
});

const plain = (text: string): string => text.replace(/[\u202f\u00a0]/g, ' ');

describe('the dictionary', () => {
  beforeAll(async () => {
    await locale.speak('fr');
    book.dictionary = {
      name: 'test',
      request: [],
      values: { yes: both('oui', 'yes'), odd: both('impair', 'odd') },
      inputs: {
        JOB: entry({
          label: both('Emploi', 'Job'),
          format: 'days',
          low: both('Emploi récent', 'Recent job'),
          high: both('Emploi ancien', 'Old job'),
          missing: both('Aucun emploi en cours déclaré', 'No current employment declared'),
        }),
        CAR: entry({ format: 'text', values: { odd: both('bizarre', 'strange') } }),
        PLAIN: entry({ label: both('Simple', 'Plain') }),
      },
    };
  });

  it('writes values in the words and units of people', async () => {
    expect(labelOf('JOB')).toBe('Emploi');
    expect(valueText('JOB', 2650)).toBe('7 ans 3 mois');
    expect(valueText('JOB', null)).toBe('Aucun emploi en cours déclaré');
    expect(valueText('CAR', 'yes')).toBe('oui');
    expect(valueText('CAR', 'odd')).toBe('bizarre');
    expect(valueText('CAR', 'toString')).toBe('toString');
    await locale.speak('en');
    expect(valueText('JOB', null)).toBe('No current employment declared');
    await locale.speak('fr');
  });

  it('shows what it does not know under its own name', () => {
    expect(labelOf('NEW_1')).toBe('NEW_1');
    expect(formatOf('NEW_1')).toBe('number');
    expect(missingText('NEW_1')).toBe('non renseigné');
    expect(labelOf('constructor')).toBe('constructor');
  });

  it('says a reason by the side of what is usual', () => {
    expect(reasonText('JOB', 10, 900)).toBe('Emploi récent');
    expect(reasonText('JOB', 1000, 900)).toBe('Emploi ancien');
    expect(reasonText('JOB', null, 900)).toBe('Aucun emploi en cours déclaré');
    expect(plain(reasonText('CAR', 'odd', 'yes'))).toBe('Nom : bizarre');
    expect(plain(reasonText('PLAIN', 1, 2))).toBe('Simple : valeur basse');
    expect(plain(reasonText('PLAIN', 3, 2))).toBe('Simple : valeur haute');
    expect(plain(reasonText('PLAIN', null, 2))).toBe('Simple : non renseigné');
    expect(reasonText('PLAIN', 3, null)).toBe('Simple');
  });

  it('calls usual what reads as the reference does, however its hidden digits differ', async () => {
    expect(plain(reasonText('JOB', 900, 900))).toBe('Emploi : valeur habituelle');
    expect(plain(reasonText('JOB', 903, 900))).toBe('Emploi : valeur habituelle');
    expect(reasonText('JOB', 960, 900)).toBe('Emploi ancien');
    expect(plain(reasonText('PLAIN', 0.12341, 0.12339))).toBe('Simple : valeur habituelle');
    expect(placeText('PLAIN', 0.12341, 0.12339)).toBe('0,123 · comme le repère');
    await locale.speak('en');
    expect(reasonText('JOB', 903, 900)).toBe('Job: usual value');
    expect(placeText('JOB', 903, 900)).toBe('2 years 5 months · as is usual');
    expect(placeText('CAR', 'odd', 'odd')).toBe('as is usual');
    await locale.speak('fr');
  });

  it('says beside a reason what it does not say itself', () => {
    expect(plain(placeText('JOB', 2650, 900))).toBe('7 ans 3 mois · repère 2 ans 5 mois');
    // The value is in the words already.
    expect(placeText('JOB', null, 900)).toBe('repère 2 ans 5 mois');
    expect(placeText('CAR', 'odd', 'yes')).toBe('repère oui');
    expect(placeText('CAR', 'odd', 'odd')).toBe('comme le repère');
    expect(placeText('PLAIN', null, 2)).toBe('repère 2');
    expect(placeText('PLAIN', 3, null)).toBe('3');
  });
});
