import { describe, expect, it } from 'vitest';

import { asLanguage, locale, preferred } from './language.svelte';

describe('the language', () => {
  it('is the first of the browser’s that the screen knows, else French', () => {
    expect(preferred(['de-DE', 'en-US', 'fr'])).toBe('en');
    expect(preferred(['FR-ca'])).toBe('fr');
    expect(preferred(['de'])).toBe('fr');
    expect(preferred([])).toBe('fr');
    expect(asLanguage('xx')).toBeNull();
  });

  it('asked for last is the one spoken, whichever arrives first', async () => {
    await Promise.all([locale.speak('en'), locale.speak('fr')]);
    expect(locale.language).toBe('fr');
    expect(locale.t.bar.list).toBe('Liste');
    expect(locale.in({ fr: 'oui', en: 'yes' })).toBe('oui');
    await locale.speak('en');
    expect(locale.tag).toBe('en-GB');
  });
});
