// A server that asks for a token: the screen asks for it once, keeps it for the tab and can forget it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertAccessible } from './axe.mjs';
import { binary, ownServer, ready, startBrowser, textOf } from './browser.mjs';

const READER = 'read-read-read-read';
const SCORER = 'score-score-score-score';
const REFUSALS = ['401', '403'];

let browser;
let server;

before(async () => {
  browser = await startBrowser();
  if (!binary) return;
  const tokens = `reader:${READER},scorer:${SCORER}`;
  server = await ownServer(['demo', '--rows', '300'], { CLAIRSCORE_TOKENS: tokens });
  await server.start();
});

after(async () => {
  await browser.stop();
  await server?.end();
});

const open = (options = {}) => browser.open({ origin: server.url, expected: REFUSALS, ...options });
const dialog = (page) => page.getByRole('dialog', { name: 'Accès protégé' });
const field = (page) => page.getByLabel('Jeton d’accès', { exact: true });

async function give(page, token) {
  await field(page).fill(token);
  await page.keyboard.press('Enter');
}

test('the token is asked for once and kept for the tab', { skip: !binary }, async () => {
  const { page, close } = await open();
  const unsigned = [];
  page.on('request', (request) => {
    if (request.url().startsWith('blob:')) return;
    const { pathname } = new URL(request.url());
    const open = pathname === '/' || /^\/(assets|favicon|readyz)/.test(pathname);
    if (!open && !request.headers()['authorization']) unsigned.push(pathname);
  });
  await page.goto(server.url);
  await dialog(page).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'access-token');
  assert.equal(await field(page).getAttribute('type'), 'password');
  await page.getByLabel('Afficher le jeton').check();
  assert.equal(await field(page).getAttribute('type'), 'text');
  await give(page, `  ${READER} `);
  await ready(page);
  assert.equal(await dialog(page).count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'dossier');

  // From now on every call carries it, the picture too, and nothing asks again.
  unsigned.length = 0;
  await page.keyboard.press('ArrowRight');
  await ready(page);
  await page.goto(`${server.url}/?open=importance,bivariate&importance=picture&list=open`);
  await ready(page);
  const image = page.locator('[role=tabpanel] img');
  assert.ok(await image.evaluate((shown) => shown.complete && shown.naturalWidth > 100));
  await page.reload();
  await ready(page);
  assert.equal(await dialog(page).count(), 0);
  assert.deepEqual(unsigned, []);
  // What a link leads to needs none.
  const docs = await fetch(server.url + (await page.locator('footer a').getAttribute('href')));
  assert.equal(docs.status, 200);
  // Kept by the tab alone: another one asks again.
  assert.equal(await page.evaluate(() => JSON.stringify(localStorage).includes('read-')), false);
  const { page: other, close: closeOther } = await open();
  await other.goto(server.url);
  await dialog(other).waitFor();
  await closeOther();
  await close();
});

test(
  'a token that is not known is told from one that does not suffice',
  { skip: !binary },
  async () => {
    const { page, close } = await open();
    await page.goto(server.url);
    await dialog(page).waitFor();
    await give(page, 'read-read-read-reed');
    await page.getByText('Le serveur ne connaît pas ce jeton').waitFor();
    assert.equal(await field(page).getAttribute('aria-invalid'), 'true');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'access-token');
    // One that no header could carry is not even sent.
    let sent = 0;
    page.on('request', () => (sent += 1));
    await give(page, 'clé du serveur');
    await page.getByText('Le serveur ne connaît pas ce jeton').waitFor();
    assert.equal(sent, 0);

    await page.route('**/api/v1/model', (route) =>
      route.fulfill({ status: 403, json: { detail: 'The token does not allow this.' } }),
    );
    await give(page, READER);
    await page.getByText('il ne permet pas de voir les dossiers').waitFor();
    assert.equal(await page.getByText('ne connaît pas ce jeton').count(), 0);
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    await page.unroute('**/api/v1/model');
    await give(page, SCORER);
    await ready(page);
    await close();
  },
);

test('the token can be forgotten, and the files with it', { skip: !binary }, async () => {
  const { page, close } = await open();
  await page.goto(server.url);
  await give(page, READER);
  await ready(page);
  const shown = await textOf(page, '#customer-heading');
  await page.getByRole('button', { name: 'Oublier le jeton d’accès' }).click();
  await dialog(page).waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  assert.equal(await page.locator('#customer-heading').count(), 0);
  assert.equal(await page.locator('#app').getAttribute('data-ready'), 'false');
  // Closed without a token, the page says what it waits for.
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Donner un jeton' }).click();
  await give(page, READER);
  await ready(page);
  assert.equal(await textOf(page, '#customer-heading'), shown);
  await close();
});

test(
  'a token that ends is asked for again, and what is shown stays',
  { skip: !binary },
  async () => {
    const { page, close } = await open();
    await page.goto(server.url);
    await give(page, READER);
    await ready(page);
    const calls = /\/(api|customers)/;
    await page.route(calls, (route) =>
      route.fulfill({ status: 401, json: { detail: 'The token is not known.' } }),
    );
    for (let i = 0; i < 4; i += 1) await page.keyboard.press('ArrowRight');
    await dialog(page).waitFor();
    assert.equal(await page.locator('.advice').count(), 1);
    assert.match(await textOf(page, '#customer-heading'), /^Client \d+$/);
    await page.unroute(calls);
    await give(page, READER);
    await ready(page);
    assert.equal(await dialog(page).count(), 0);
    await close();
  },
);

for (const [language, name] of [
  ['fr', 'Accès protégé'],
  ['en', 'Protected access'],
]) {
  test(`axe finds nothing on the dialog in ${language}`, { skip: !binary }, async () => {
    for (const width of [1366, 768, 320]) {
      for (const colorScheme of ['light', 'dark']) {
        const { page, close } = await open({ width });
        await page.emulateMedia({ colorScheme });
        await page.goto(`${server.url}/?lang=${language}`);
        await page.getByRole('dialog', { name }).waitFor();
        await assertAccessible(page, `asking at ${width} px, ${colorScheme}`);
        await page.locator('#access-token').fill('wrong-wrong-wrong');
        await page.keyboard.press('Enter');
        await page.locator('#access-problem:not(:empty)').waitFor();
        await assertAccessible(page, `refused at ${width} px, ${colorScheme}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${wide} px`);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        await assertAccessible(page, `closed at ${width} px, ${colorScheme}`);
        await close();
      }
    }
  });
}
