// node e2e/picture.mjs DIR [CLIENT]: the pictures of docs/screens, from the server at CLAIRSCORE_URL and,
// for the dialog that asks for a token, from one that CLAIRSCORE_BINARY serves.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { binary, goto, ownServer, ready, startBrowser } from './browser.mjs';

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
    await page.setViewportSize({ width: 703, height: 1032 });
    await page.emulateMedia({ media: 'print', colorScheme });
    await ready(page, client);
    await page.screenshot({ path: join(directory, 'print-fr.png') });
  }
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
