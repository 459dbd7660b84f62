// The language of the screen: the address's, else the one chosen before, else the browser's. Whatever
// reads `locale` while it draws follows a change. Only the words of the language in use are fetched.

import type { Strings } from '../strings/fr';
import type { Words } from './api-types';
// Needed by every language: here it costs no request of its own.
import '../strings/plural';

export type Language = 'fr' | 'en';
export const LANGUAGES: readonly Language[] = ['fr', 'en'];

const STRINGS: Record<Language, () => Promise<Strings>> = {
  fr: async () => (await import('../strings/fr')).fr,
  en: async () => (await import('../strings/en')).en,
};
const KEY = 'clairscore-language';
/** How numbers and dates are written. */
const TAGS: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' };

export function asLanguage(text: string | null | undefined): Language | null {
  return LANGUAGES.find((language) => language === text) ?? null;
}

/** The first of a browser's languages that the screen knows, else French. */
export function preferred(tags: readonly string[]): Language {
  for (const tag of tags) {
    const language = asLanguage(tag.slice(0, 2).toLowerCase());
    if (language) return language;
  }
  return 'fr';
}

/** What the browser keeps for us may be forbidden, and is never needed. */
function chosenBefore(): Language | null {
  try {
    return asLanguage(localStorage.getItem(KEY));
  } catch {
    return null;
  }
}

class Locale {
  language = $state<Language>('fr');
  private words = $state.raw<Strings | null>(null);
  private wanted: Language | null = null;

  /** The words. Nothing is drawn before `speak` has fetched them. */
  get t(): Strings {
    if (!this.words) throw new Error('no language is spoken yet');
    return this.words;
  }
  get tag(): string {
    return TAGS[this.language];
  }
  /** What data say in every language. */
  in(words: Words): string {
    return words[this.language];
  }

  /** The language to speak when an address asks for this one or for none. */
  meant(asked: Language | null): Language {
    return asked ?? chosenBefore() ?? preferred(navigator.languages);
  }

  async speak(language: Language): Promise<void> {
    this.wanted = language;
    if (this.words && this.language === language) return;
    const words = await STRINGS[language]();
    if (this.wanted !== language) return;
    this.language = language;
    this.words = words;
  }

  /** The same from now on. */
  choose(language: Language): void {
    try {
      localStorage.setItem(KEY, language);
    } catch {
      // The choice then lasts for this visit, in the address.
    }
    void this.speak(language);
  }
}

export const locale = new Locale();
