import './app.css';

import { mount } from 'svelte';

import App from './App.svelte';
import { parseAddress } from './lib/address';
import { Api } from './lib/api';
import { locale } from './lib/language.svelte';
import { Screen } from './lib/screen.svelte';
import { token } from './lib/token.svelte';

/** How long the first view may take to be drawn at once, rather than after its skeleton. */
const PATIENCE_MS = 100;

// Not awaited at the top: the parts that are fetched later import from this file, and would wait for it.
async function start(root: HTMLElement): Promise<void> {
  const words = locale.speak(locale.meant(parseAddress(location.search).language));
  const changing = (): void => {
    root.dataset['ready'] = 'false';
  };
  const screen = new Screen(new Api(() => token.value), changing);
  screen.start();
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.all([words, Promise.race([screen.firstView(), patience])]);
  mount(App, { target: root, props: { root, screen } });
}

const root = document.getElementById('app');
if (!root) throw new Error('no #app');
void start(root);
