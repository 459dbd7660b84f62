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
    expect(fr.picker.found('1')).toBe('1 client');
    expect(fr.picker.found('0')).toBe('Aucun client');
    expect(en.worklist.total('1')).toBe('1 file.');
    expect(en.worklist.total('48,744')).toBe('48,744 files.');
    expect(fr.worklist.total('1\u202f048')).toBe('1\u202f048 dossiers.');
    expect(fr.advice.below('1')).toBe('1 point sous le seuil');
    expect(fr.dependence.client('7', '0')).toContain('7, 0 point.');
    expect(en.advice.above('0')).toBe('0 points above the threshold');
    expect(en.dependence.client('7', '−1')).toContain('7, −1 point.');
    expect(fr.importance.point('7', '−1,9')).toContain('−1,9 point');
    expect(fr.importance.point('7', '+2,0')).toContain('+2,0 points');
    expect(en.importance.point('7', '1.0')).toContain('1.0 points');
    expect(fr.score.scale('1')).toContain('1 point de plus double la cote');
    expect(en.score.scale('20')).toContain('20 points more double the odds');
    expect(fr.similar.sentence(0, 5)).toContain('dont aucun à avis');
    expect(en.similar.sentence(1, 5)).toContain('1 of which');
  });

  // What is one, and a word for several: "1 points", "1 autres éléments".
  const WRONG = {
    fr: /(^|[^\d,])[01](,\d+)? (?!des )(\S+ )?(points|pts|dossiers|clients|éléments|étapes|lignes|fichiers|ans|jours|doublent)/,
    en: /(^|[^\d.])1 (\S+ )?(points|pts|files|customers|factors|steps|rows|years|months|days|double)\b/,
  };

  it.each([
    ['fr', fr, ['0', '1', '−1', '+1', '1,5']],
    ['en', en, ['1', '−1', '+1']],
  ] as const)('never write "1 points", whatever the message: %s', (language, words, ones) => {
    const wrong = WRONG[language];
    expect(`${ones[0]} points`).toMatch(wrong);
    let counting = 0;
    for (const [path, value] of leaves(words)) {
      if (typeof value !== 'function') continue;
      const say = (count: string): string =>
        (value as (...counts: string[]) => string)(...Array<string>(value.length).fill(count));
      for (const one of ones) expect(say(one), path).not.toMatch(wrong);
      // The same message of several is one that the pattern knows.
      if (wrong.test(say('22').replaceAll('22', '1'))) counting += 1;
    }
    expect(counting).toBeGreaterThanOrEqual(25);
  });

  it('know the steps of a start', () => {
    expect(fr.status.step('scoring 48744 applicants')).toContain('calcul des scores de 48744');
    expect(fr.status.step('downloading model org/name')).toContain(
      'téléchargement du modèle org/name',
    );
    expect(fr.status.step('something new')).toContain('something new');
  });
});
