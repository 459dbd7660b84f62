import { describe, expect, it } from 'vitest';

import { en } from './en';
import { fr } from './fr';

type Leaf = [path: string, value: unknown];

function leaves(value: unknown, path = ''): Leaf[] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
}

// Words that are the same in both languages, or keys and signs.
const SAME =
  /^\.(title|bytes|help\.rows|status\.bytes|bivariate\.rows\.m|model\.rows\.explanations)/;

describe('the words of the screen', () => {
  it('are there in both languages, none empty', () => {
    const paths = (words: object): string[] => leaves(words).map(([path]) => path);
    expect(paths(en)).toEqual(paths(fr));
    for (const [path, value] of [...leaves(fr), ...leaves(en)]) {
      if (typeof value === 'string') expect(value.trim(), path).not.toBe('');
    }
  });

  it('are translated', () => {
    const french = new Map(leaves(fr));
    const copied = leaves(en).filter(
      ([path, value]) =>
        typeof value === 'string' &&
        value.length > 12 &&
        french.get(path) === value &&
        !SAME.test(path),
    );
    expect(copied).toEqual([]);
  });

  it('never call the score a probability of default, but to deny it', () => {
    const said = leaves(fr)
      .concat(leaves(en))
      .filter(
        ([, value]) =>
          typeof value === 'string' && /probabilit. de défaut|probability of default/i.test(value),
      );
    for (const [path, value] of said) {
      expect(String(value), path).toMatch(/n’est pas une probabilité|is not a probability/);
    }
    expect(said.length).toBe(4);
  });

  it('never say that a customer is refused: the model advises', () => {
    for (const [path, value] of leaves(fr).concat(leaves(en))) {
      if (typeof value === 'string') expect(value, path).not.toMatch(/refus|rejected/i);
    }
  });

  it('count as each language does', () => {
    expect(fr.picker.found(1, '1')).toBe('1 client');
    expect(en.worklist.total(1, '1')).toBe('1 file.');
    expect(fr.advice.below(1, '1')).toBe('1 point sous le seuil');
    expect(en.advice.above(0, '0')).toBe('0 points above the threshold');
    expect(fr.similar.sentence(0, 5)).toContain('aucun n’a');
    expect(en.similar.sentence(1, 5)).toContain('1 has');
  });

  it('know the steps of a start', () => {
    expect(fr.status.step('scoring 48744 applicants')).toContain('calcul des scores de 48744');
    expect(fr.status.step('downloading model org/name')).toContain(
      'téléchargement du modèle org/name',
    );
    expect(fr.status.step('something new')).toContain('something new');
  });
});
