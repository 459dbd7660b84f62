// What an officer does with the screen, from beginning to end.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';

import { api, base, goto, plain, ready, startBrowser, textOf } from './browser.mjs';

let browser;
let ids;

before(async () => {
  browser = await startBrowser();
  ids = (await api('/customers')).customer_ids;
});

after(() => browser.stop());

const current = (page) => page.locator('#app').getAttribute('data-customer');

test('an officer finds an unfavourable file, understands it and prints it', async () => {
  const { page, close } = await browser.open();
  await goto(page, '/', ids[0]);
  await page.getByRole('button', { name: 'Liste' }).click();
  await page.getByLabel('Avis du modèle').selectOption('unfavourable');
  await page.getByLabel('Ordre').selectOption('lowest');
  await page.getByLabel('Filtrer sur').selectOption('NAME_INCOME_TYPE');
  await page.getByLabel('Valeur').selectOption('Working');
  await page.getByRole('button', { name: 'Ajouter' }).click();
  await ready(page);
  const expected = await api(
    '/api/v1/customers?advice=unfavourable&order=lowest&filter=NAME_INCOME_TYPE:Working&limit=3',
  );
  const listed = page.locator('.files a');
  assert.equal(await listed.first().innerText(), String(expected.customers[0].id));
  await listed.nth(1).click();
  const { id, points } = expected.customers[1];
  await ready(page, id);

  // Understands it.
  assert.match(
    await textOf(page, '.advice'),
    new RegExp(`Avis défavorable.*${500 - points} points sous le seuil`),
  );
  const reasons = page.locator('section[aria-labelledby=reasons-heading] ol').first().locator('li');
  const count = await reasons.count();
  assert.ok(count >= 1 && count <= 4);
  for (const reason of await reasons.all()) {
    assert.match(plain(await reason.innerText()), /repère|non renseigné|absent|aucun/i);
  }

  // The arrows follow the list, and the address brings a colleague to the same place.
  await page.locator('#customer-heading').click();
  await page.keyboard.press('ArrowRight');
  await ready(page, expected.customers[2].id);
  await page.keyboard.press('ArrowLeft');
  await ready(page, id);
  const { page: other, close: closeOther } = await browser.open();
  await other.goto(page.url());
  await ready(other, id);
  assert.equal(await other.locator('.files a[aria-current=true]').innerText(), String(id));
  await closeOther();

  // Prints it: one page of A4 that says what it rests on.
  await page.emulateMedia({ media: 'print' });
  const customer = await api(`/api/v1/customers/${id}`);
  const foot = await textOf(page, 'footer');
  assert.ok(foot.includes(customer.provenance.model_sha256), foot);
  assert.match(foot, /Seuil 0,\d+ \(500 points\)/);
  assert.match(foot, /Imprimé le/);
  assert.equal(await page.locator('header').isVisible(), false);
  assert.equal(await page.locator('section[aria-labelledby=further-heading]').isVisible(), false);
  const pdf = await page.pdf({ preferCSSPageSize: true });
  assert.equal(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length, 1);
  await close();
});

test('everything works by keyboard only', async () => {
  const { page, close } = await browser.open();
  await goto(page, '/', ids[0]);
  const wanted = String(ids[Math.floor(ids.length / 2)]);
  await page.keyboard.press('/');
  await page.keyboard.type(wanted);
  await page.keyboard.press('Enter');
  await ready(page, wanted);

  // Out of the field, to the queue of files near the threshold and along it.
  await page.locator('#dossier').focus();
  await page.keyboard.press('e');
  const queue = await api('/api/v1/customers?advice=review&order=borderline&limit=3');
  await ready(page, queue.customers[0].id);
  await page.keyboard.press('ArrowRight');
  await ready(page, queue.customers[1].id);
  assert.match(await textOf(page, '.steps'), /^2 \//);
  await page.keyboard.press('Escape');
  await ready(page, queue.customers[1].id);
  assert.equal(await page.locator('#worklist-heading').count(), 0);
  await page.keyboard.press('e');
  await ready(page, queue.customers[1].id);
  assert.equal(new URL(page.url()).searchParams.get('order'), null);

  await page.keyboard.press('l');
  await page.locator('#worklist-heading').waitFor();
  await page.keyboard.press('l');
  assert.equal(await page.locator('#worklist-heading').count(), 0);

  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Aide' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  // A section opens with Enter where the focus is, and its tables too.
  await page.locator('summary', { hasText: 'Toutes les contributions' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('.part ol li').first().waitFor();
  assert.equal(new URL(page.url()).searchParams.get('open'), 'waterfall');
  await close();
});

test('the page speaks both languages, and remembers which', async () => {
  const { page, close } = await browser.open();
  await goto(page, '/', ids[0]);
  assert.equal(await page.getAttribute('html', 'lang'), 'fr');
  await page.getByRole('button', { name: 'EN', exact: true }).click();
  await page.getByRole('heading', { name: 'Why this advice' }).waitFor();
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
  assert.match(await textOf(page, '.advice'), /The decision is yours\./);
  assert.match(await textOf(page, '.steps'), /1 \/ 48,744/);
  const english = await textOf(page, 'body');
  assert.doesNotMatch(english, /seuil|dossier|élément|Pourquoi/i);
  await page.goto(`${base}/?client=${ids[1]}`);
  await ready(page, ids[1]);
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
  await page.getByRole('button', { name: 'FR', exact: true }).click();
  await page.getByRole('heading', { name: 'Pourquoi cet avis' }).waitFor();
  assert.doesNotMatch(await textOf(page, 'main'), /threshold|factor|Why/);
  await close();
});

test('light and dark are a choice that stays', async () => {
  const { page, close } = await browser.open();
  await goto(page, '/', ids[0]);
  const ground = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await page.getByRole('button', { name: 'Passer en apparence sombre' }).click();
  const dark = await ground();
  assert.notEqual(dark, light);
  await page.reload();
  await ready(page, ids[0]);
  assert.equal(await ground(), dark);
  await page.getByRole('button', { name: 'Passer en apparence claire' }).click();
  assert.equal(await ground(), light);
  await close();
});

test('on a slow network the shape of the page comes first, then the answer', async () => {
  const { page, close } = await browser.open();
  await page.route(/\/api\/v1\//, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 600));
    await route.continue();
  });
  await page.goto(`${base}/?client=${ids[3]}`);
  await page.locator('.block').first().waitFor();
  assert.equal(await page.locator('#app').getAttribute('data-ready'), 'false');
  await ready(page, ids[3]);
  assert.equal(await page.locator('.pair .block').count(), 0);
  await close();
});

test(
  'a server that restarts is waited for; what is shown stays',
  { skip: !process.env['CLAIRSCORE_BINARY'] },
  async () => {
    const freePort = async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address();
      server.close();
      await once(server, 'close');
      return String(port);
    };
    const [port, apiPort] = [await freePort(), await freePort()];
    const url = `http://127.0.0.1:${port}`;
    const start = async () => {
      const args = ['demo', '--rows', '300', '--port', port, '--api-port', apiPort];
      const server = spawn(process.env['CLAIRSCORE_BINARY'], args, { stdio: 'ignore' });
      while (!(await fetch(`${url}/readyz`).catch(() => null))?.ok)
        await new Promise((resolve) => setTimeout(resolve, 50));
      return server;
    };
    const end = async (server) => {
      server.kill('SIGTERM');
      await once(server, 'exit');
    };

    let server = await start();
    const { page, close } = await browser.open({
      expected: ['ERR_CONNECTION_REFUSED', 'request to', 'ERR_EMPTY', 'ERR_CONNECTION_RESET'],
    });
    try {
      await page.goto(url);
      await ready(page);
      const shown = await current(page);
      await end(server);
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      await page.getByText('Le serveur ne répond pas').first().waitFor();
      assert.match(await textOf(page, '#customer-heading'), /^Client \d+$/);
      assert.equal(await page.locator('.advice').count(), 1);
      server = await start();
      await ready(page);
      assert.equal(await page.getByText('Le serveur ne répond pas').count(), 0);
      assert.notEqual(await current(page), shown);
    } finally {
      await end(server);
    }
    await close();
  },
);
