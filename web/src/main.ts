import './app.css';

import { mount } from 'svelte';

import App from './App.svelte';
import { parseAddress } from './lib/address';
import { locale } from './lib/language.svelte';

const root = document.getElementById('app');
if (!root) throw new Error('no #app');

await locale.speak(locale.meant(parseAddress(location.search).language));
mount(App, { target: root, props: { root } });
