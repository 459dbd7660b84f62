import { describe, expect, it } from 'vitest';

import {
  describeFeature,
  dictionaryInputs,
  exactText,
  labelOf,
  unitOf,
  valueDetail,
  valueText,
} from './dictionary';

const plain = (text: string | null): string | undefined => text?.replace(/[\u202f\u00a0]/g, ' ');

describe('labels and units', () => {
  it('come from the dictionary', () => {
    expect(labelOf('EXT_SOURCE_3')).toBe('Score externe n° 3');
    expect(unitOf('DAYS_EMPLOYED')).toBe('days');
    expect(unitOf('AMT_CREDIT')).toBe('number');
  });

  it('fall back on the name of an input it does not know', () => {
    expect(labelOf('LOAN_TO_VALUE')).toBe('LOAN_TO_VALUE');
    expect(labelOf('toString')).toBe('toString');
    expect(unitOf('constructor')).toBe('number');
  });
});

describe('values', () => {
  it('are said in their unit', () => {
    expect(valueText('DAYS_EMPLOYED', 3275)).toBe('8 ans 11 mois');
    expect(plain(valueDetail('DAYS_EMPLOYED', 3275))).toBe('3 275 jours');
    expect(valueText('FLAG_OWN_CAR', 'no')).toBe('non');
    expect(valueText('ORGANIZATION_TYPE', 'Bank')).toBe('Bank');
    expect(valueText('OWN_CAR_AGE', null)).toBeNull();
    expect(valueDetail('OWN_CAR_AGE', null)).toBe('');
  });

  it('keep every digit in tables', () => {
    expect(exactText('EXT_SOURCE_3', 0.689153096334525)).toBe('0,689153096334525');
    expect(plain(exactText('DAYS_EMPLOYED', 3275))).toBe('3 275 (8 ans 11 mois)');
    expect(exactText('OWN_CAR_AGE', null)).toBe('non renseigné');
  });
});

describe('features of the model', () => {
  it('are inputs, or categories of inputs', () => {
    expect(describeFeature('EXT_SOURCE_3', dictionaryInputs)).toEqual({
      label: 'Score externe n° 3',
      input: 'EXT_SOURCE_3',
    });
    const education = describeFeature('NAME_EDUCATION_TYPE_Higher education', dictionaryInputs);
    expect(plain(education.label)).toBe("Niveau d'études : supérieur");
    expect(education.input).toBe('NAME_EDUCATION_TYPE');
  });

  it('belong to the longest input that fits', () => {
    expect(describeFeature('A_B_c', ['A', 'A_B', 'A_B_C']).input).toBe('A_B');
  });

  it('keep their own name when no input fits', () => {
    expect(describeFeature('pca0', ['EXT_SOURCE_3'])).toEqual({ label: 'pca0', input: null });
  });
});
