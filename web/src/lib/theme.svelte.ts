// Light or dark: the system's, until the reader chooses.

const KEY = 'clairscore-theme';

class Theme {
  dark = $state(false);

  /** Follows the system and what was chosen before. */
  start(): () => void {
    const system = matchMedia('(prefers-color-scheme: dark)');
    const read = (): void => {
      const { dataset } = document.documentElement;
      this.dark = dataset['theme'] ? dataset['theme'] === 'dark' : system.matches;
    };
    try {
      const chosen = localStorage.getItem(KEY);
      if (chosen === 'dark' || chosen === 'light')
        document.documentElement.dataset['theme'] = chosen;
    } catch {
      // Storage may be forbidden: then the system decides.
    }
    read();
    system.addEventListener('change', read);
    return () => system.removeEventListener('change', read);
  }

  toggle(): void {
    this.dark = !this.dark;
    const chosen = this.dark ? 'dark' : 'light';
    document.documentElement.dataset['theme'] = chosen;
    try {
      localStorage.setItem(KEY, chosen);
    } catch {
      // It lasts for this visit.
    }
  }
}

export const theme = new Theme();
