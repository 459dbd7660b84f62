import { beforeAll, describe, expect, it } from 'vitest';

import type { InputWords } from './api-types';
import {
  book,
  exactText,
  formatOf,
  labelOf,
  missingText,
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
    expect(plain(exactText('JOB', 2650))).toBe('7 ans 3 mois (2 650 jours)');
    expect(exactText('PLAIN', 0.1234567)).toBe('0,123 (0,1234567)');
    expect(exactText('PLAIN', 5)).toBe('5');
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
    expect(reasonText('JOB', 900, 900)).toBe('Emploi');
    expect(reasonText('JOB', null, 900)).toBe('Aucun emploi en cours déclaré');
    expect(plain(reasonText('CAR', 'odd', 'yes'))).toBe('Nom : bizarre');
    expect(plain(reasonText('PLAIN', 1, 2))).toBe('Simple : valeur basse');
    expect(plain(reasonText('PLAIN', 3, 2))).toBe('Simple : valeur haute');
    expect(plain(reasonText('PLAIN', null, 2))).toBe('Simple : non renseigné');
    expect(reasonText('PLAIN', 3, null)).toBe('Simple');
  });
});
