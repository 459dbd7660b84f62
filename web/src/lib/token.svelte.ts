// The bearer token that a server may ask for: asked for once and kept for this tab, nowhere else.

const KEY = 'clairscore-token';

/** Whether a header can carry it: visible ASCII, as every secret of the server is. */
export const plausible = (text: string): boolean => /^[\x21-\x7e]+$/.test(text);

class Token {
  value = $state.raw<string | null>(null);

  /** The one that was given before the page was loaded again. */
  constructor() {
    try {
      this.value = sessionStorage.getItem(KEY);
    } catch {
      // Storage may be forbidden: then it is asked for again.
    }
  }

  keep(value: string): void {
    this.value = value;
    try {
      sessionStorage.setItem(KEY, value);
    } catch {
      // It lasts until the page is left.
    }
  }

  forget(): void {
    this.value = null;
    try {
      sessionStorage.removeItem(KEY);
    } catch {
      // Nothing was kept.
    }
  }
}

export const token = new Token();
