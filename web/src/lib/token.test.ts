import { afterEach, describe, expect, it, vi } from 'vitest';

import { plausible } from './token.svelte';

describe('plausible', () => {
  it('takes what a header can carry', () => {
    expect(plausible('read-read-read-read')).toBe(true);
    expect(plausible('a/b+c=~!')).toBe(true);
    for (const text of ['', 'two words', 'clé-clé-clé-clé', 'a\nb', '\u00a0']) {
      expect(plausible(text)).toBe(false);
    }
  });
});

describe('token', () => {
  afterEach(() => vi.unstubAllGlobals());

  async function tokenWith(storage: Partial<Storage> | undefined) {
    vi.stubGlobal('sessionStorage', storage);
    vi.resetModules();
    return (await import('./token.svelte')).token;
  }

  it('is kept for the tab, and forgotten', async () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
    const first = await tokenWith(storage);
    expect(first.value).toBeNull();
    first.keep('read-read-read-read');
    const reloaded = await tokenWith(storage);
    expect(reloaded.value).toBe('read-read-read-read');
    reloaded.forget();
    expect(reloaded.value).toBeNull();
    expect(kept.size).toBe(0);
  });

  it('lasts for the visit where storage is forbidden', async () => {
    const refused = (): never => {
      throw new DOMException('denied', 'SecurityError');
    };
    const token = await tokenWith({ getItem: refused, setItem: refused, removeItem: refused });
    expect(token.value).toBeNull();
    token.keep('read-read-read-read');
    expect(token.value).toBe('read-read-read-read');
    token.forget();
    expect(token.value).toBeNull();
  });
});
