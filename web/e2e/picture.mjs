// node e2e/picture.mjs DIR [CLIENT]: the pictures of docs/screens, from the server at CLAIRSCORE_URL and,
// for the dialog that asks for a token, from one that CLAIRSCORE_BINARY serves.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { base, binary, goto, ownServer, ready, startBrowser } from './browser.mjs';

const [directory, client = '100032'] = process.argv.slice(2);
if (!directory) throw new Error('usage: node e2e/picture.mjs DIR [CLIENT]');
await mkdir(directory, { recursive: true });

const LIST = '&list=open&advice=review&order=borderline&filter=NAME_INCOME_TYPE:Working';

/** Name, width, theme, language, the rest of the address. */
const VIEWS = [
  ['file-1366-fr', 1366, 'light', 'fr', ''],
  ['file-1366-en-dark', 1366, 'dark', 'en', ''],
  ['file-768-en', 768, 'light', 'en', ''],
  ['file-768-fr-dark', 768, 'dark', 'fr', ''],
  ['file-320-fr', 320, 'light', 'fr', ''],
  ['file-320-en-dark', 320, 'dark', 'en', ''],
  ['further-1366-fr', 1366, 'light', 'fr', '&open=gauge,bivariate,waterfall'],
  ['further-1366-en-dark', 1366, 'dark', 'en', '&open=importance,dependence,model'],
  [
    'further-320-en',
    320,
    'light',
    'en',
    '&open=bivariate,importance,dependence&dependence=OCCUPATION_TYPE',
  ],
  ['list-1366-fr', 1366, 'light', 'fr', `${LIST}&distribution=NAME_EDUCATION_TYPE`],
  ['list-320-en-dark', 320, 'dark', 'en', LIST],
  ['further-768-fr', 768, 'light', 'fr', '&open=bivariate,importance,dependence,model'],
  ['picture-768-en-dark', 768, 'dark', 'en', '&open=importance&importance=picture'],
];

const browser = await startBrowser();
for (const [name, width, colorScheme, language, rest] of VIEWS) {
  const { page, close } = await browser.open({ width });
  await page.emulateMedia({ colorScheme });
  await goto(page, `/?client=${client}&lang=${language}${rest}`, client);
  await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
  if (name === 'file-1366-fr') {
    await page.keyboard.press('?');
    await page.screenshot({ path: join(directory, 'help-1366-fr.png') });
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('1000');
    await page.locator('#picker-list [role=option]').first().waitFor();
    await page.screenshot({ path: join(directory, 'search-1366-fr.png') });
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 703, height: 1032 });
    await page.emulateMedia({ media: 'print', colorScheme });
    await ready(page, client);
    await page.screenshot({ path: join(directory, 'print-fr.png') });
  }
  await close();
}
/** What the server says while it is not ready. */
const WAITING = {
  status: 'loading',
  step: 'downloading model bank/credit',
  download: {
    files_done: 2,
    files_total: 9,
    bytes_done: 41_200_000,
    bytes_total: 93_800_000,
    bytes_per_second: 5_200_000,
  },
};
const API = /\/(customers?|features|shap|api|readyz)(\/|\?|$)/;

/** Name, width, theme, language, how to get there. */
const STATES = [
  ['waiting-1366-fr', 1366, 'light', 'fr', waiting],
  ['waiting-320-en-dark', 320, 'dark', 'en', waiting],
  ['not-found-768-en', 768, 'light', 'en', notFound],
  ['gone-768-fr-dark', 768, 'dark', 'fr', gone],
];

async function waiting(page, address) {
  await page.route(API, (route) => route.fulfill({ status: 503, json: WAITING }));
  await page.goto(address(client));
  await page.getByRole('progressbar').waitFor();
}

async function notFound(page, address) {
  await page.goto(address('7'));
  await page.getByRole('alert').waitFor();
}

async function gone(page, address) {
  await page.goto(address(client));
  await ready(page, client);
  await page.route(API, (route) => route.abort('connectionrefused'));
  for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowRight');
  await page.getByRole('alert').waitFor();
}

for (const [name, width, colorScheme, language, reach] of STATES) {
  const expected = ['503', '404', 'ERR_CONNECTION_REFUSED'];
  const { page, close } = await browser.open({ width, height: 640, expected });
  await page.emulateMedia({ colorScheme });
  await reach(page, (id) => `${base}/?client=${id}&lang=${language}`);
  await page.screenshot({ path: join(directory, `${name}.png`) });
  await close();
}
if (binary) {
  const tokens = { CLAIRSCORE_TOKENS: 'reader:read-read-read-read' };
  const server = await ownServer(['demo', '--rows', '300'], tokens);
  await server.start();
  for (const [name, width, colorScheme, language] of [
    ['access-1366-fr', 1366, 'light', 'fr'],
    ['access-320-en-dark', 320, 'dark', 'en'],
  ]) {
    const options = { width, height: 640, origin: server.url, expected: ['401'] };
    const { page, close } = await browser.open(options);
    await page.emulateMedia({ colorScheme });
    await page.goto(`${server.url}/?lang=${language}`);
    await page.locator('#access-token').fill('read-read-read-reed');
    await page.keyboard.press('Enter');
    await page.locator('#access-problem:not(:empty)').waitFor();
    await page.screenshot({ path: join(directory, `${name}.png`) });
    await close();
  }
  await server.end();
}
await browser.stop();
