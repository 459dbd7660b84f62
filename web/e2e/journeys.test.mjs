// What an officer does with the screen, from beginning to end.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import {
  api,
  base,
  binary,
  french,
  goto,
  ownServer,
  plain,
  ready,
  startBrowser,
  textOf,
} from './browser.mjs';

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
  const card = await api('/api/v1/model');
  const hash = createHash('sha256')
    .update(await readFile(card.data.path))
    .digest('hex');
  assert.ok(foot.includes(`fichier sans version, empreinte SHA-256 ${hash}`), foot);
  assert.match(foot, /Seuil 0,\d+ \(500 points\)/);
  assert.match(foot, /Imprimé le \d+ \S+ \d{4},? (à )?\d\d:\d\d/);
  assert.equal(await page.locator('header').isVisible(), false);
  assert.equal(await page.locator('section[aria-labelledby=further-heading]').isVisible(), false);
  await assertOnePage(page);
  await close();
});

/** Printed, it is one page of A4. */
async function assertOnePage(page) {
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
  assert.equal(pdf.match(/\/Type\s*\/Page\b/g).length, 1);
  const [, width, height] = pdf.match(/\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/);
  // 210 by 297 mm in points.
  assert.ok(Math.abs(width - 595.3) < 1 && Math.abs(height - 841.9) < 1, `${width} by ${height}`);
}

test('the longest files fit one printed page in both languages, whatever is open', async () => {
  // Those with the most to say: reasons, flags, long names.
  const found = [];
  for (const id of ids.slice(0, 150)) {
    const { reasons } = await api(`/api/v1/customers/${id}`);
    found.push({ id, size: JSON.stringify([reasons.against, reasons.favour]).length });
  }
  found.sort((a, b) => b.size - a.size);
  const { page, close } = await browser.open();
  for (const { id } of found.slice(0, 3)) {
    for (const language of ['fr', 'en']) {
      for (const distribution of ['', 'ORGANIZATION_TYPE']) {
        await goto(page, `/?client=${id}&lang=${language}&distribution=${distribution}`, id);
        await assertOnePage(page);
      }
    }
  }
  const everything = 'list=open&open=gauge,bivariate,waterfall,importance,dependence,model';
  await goto(page, `/?client=${found[0].id}&${everything}`, found[0].id);
  await assertOnePage(page);
  await close();
});

test('on paper the data are named by their commit, else by the hash of the file', async () => {
  const { page, close } = await browser.open();
  let provenance = {};
  await page.route(`**/api/v1/customers/${ids[0]}`, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    Object.assign(body.provenance, provenance);
    await route.fulfill({ response, json: body });
  });
  await page.emulateMedia({ media: 'print' });
  for (const [given, expected] of [
    [
      { data_commit: 'abc123', data_committed_at: '2026-07-01T09:00:00+00:00', data_sha256: null },
      /Données du 1 juil\. 2026(,| à) \d\d:00, version abc123(?!,)/,
    ],
    [
      { data_commit: 'abc123', data_committed_at: null, data_sha256: null },
      /Données chargées le .*, version abc123, de date inconnue/,
    ],
    [{ data_commit: null, data_sha256: 'f00d' }, /fichier sans version, empreinte SHA-256 f00d/],
    [{ data_commit: null, data_sha256: null }, /fichier sans version, empreinte en cours/],
  ]) {
    provenance = given;
    await goto(page, `/?client=${ids[0]}`, ids[0]);
    assert.match(await textOf(page, 'footer'), expected);
  }
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

test('an officer takes the files within some points of the threshold, and Escape closes what is meant', async () => {
  const { page, close } = await browser.open();
  await goto(page, '/?list=open', ids[0]);
  const distance = page.getByLabel('Écart au seuil, au plus');
  await distance.fill('5');
  await distance.press('Enter');
  await ready(page);
  const near = await api('/api/v1/customers?max_distance=5&limit=500');
  assert.ok(near.total > 0 && near.total < ids.length / 2);
  for (const { points } of near.customers) assert.ok(Math.abs(points - 500) <= 5, points);
  assert.ok(
    (await textOf(page, '[role=status]:not(.visually-hidden)')).startsWith(
      `${plain(near.total.toLocaleString('fr-FR'))} dossier`,
    ),
  );
  assert.equal(await page.locator('.files a').first().innerText(), String(near.customers[0].id));
  assert.equal(new URL(page.url()).searchParams.get('max_distance'), '5');
  // A colleague who is sent the address has the same list.
  await page.reload();
  await ready(page);
  assert.equal(await distance.inputValue(), '5');

  // Escape in a field is the field's: it closes what a select has opened, and never the list.
  for (const field of ['#list-advice', '#list-order', '#filter-input', '#list-distance']) {
    await page.locator(field).focus();
    await page.keyboard.press('Alt+ArrowDown');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#worklist-heading').count(), 1, field);
    assert.ok(await page.locator(field).evaluate((one) => one === document.activeElement), field);
  }
  await page.locator('#worklist-heading').click();
  await page.keyboard.press('Escape');
  await ready(page);
  assert.equal(await page.locator('#worklist-heading').count(), 0);
  await close();
});

test('a page of the list has an address, and the back button leads to the one before', async () => {
  const { page, close } = await browser.open();
  await goto(page, `/?client=${ids[0]}&order=lowest&list=open`, ids[0]);
  const first = page.locator('.files a').first();
  const { customers } = await api('/api/v1/customers?order=lowest&limit=61');
  const at = async (place) => {
    await page.waitForFunction(
      (id) => document.querySelector('.files a')?.textContent === id,
      String(customers[place].id),
    );
    assert.equal(new URL(page.url()).searchParams.get('offset'), place ? String(place) : null);
  };
  await at(0);
  await page.getByRole('button', { name: 'Page suivante' }).click();
  await at(20);
  await page.getByRole('button', { name: 'Page suivante' }).click();
  await at(40);
  assert.equal(await textOf(page, '.pages span'), `41 à 60 sur ${french(ids.length, 0)}`);
  await page.reload();
  await ready(page, ids[0]);
  await at(40);
  await page.getByRole('button', { name: 'Page précédente' }).click();
  await at(20);
  await page.goBack();
  await at(40);
  // Another list begins at its beginning.
  await page.locator('#list-advice').selectOption('favourable');
  await ready(page, ids[0]);
  assert.equal(new URL(page.url()).searchParams.get('offset'), null);
  assert.match(await textOf(page, '.pages span'), /^1 à 20 sur /);
  // One that begins after the end says so, and leads back.
  await goto(page, `/?client=${ids[0]}&list=open&offset=999999`, ids[0]);
  await page.getByRole('button', { name: 'Page précédente' }).click();
  await first.waitFor();
  assert.equal(await first.innerText(), String(ids[Math.floor((ids.length - 1) / 20) * 20]));
  await close();
});

test('a whole journey without a mouse: list, filters, file, charts, print', async () => {
  const { page, close } = await browser.open();
  await page.addInitScript(() => {
    globalThis.printed = 0;
    globalThis.print = () => (globalThis.printed += 1);
  });
  await goto(page, '/', ids[0]);
  /** Presses Tab until that is where the focus is. */
  const tabTo = async (selector) => {
    for (let i = 0; i < 80; i += 1) {
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector))
        return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`Tab does not reach ${selector}`);
  };
  const choose = async (selector, letters) => {
    await tabTo(selector);
    await page.keyboard.type(letters);
  };

  // The first Tab leads past the bar.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'dossier');
  await page.keyboard.press('l');
  await choose('#list-advice', 'défavorable');
  await choose('#list-order', 'le score le plus bas');
  await choose('#filter-input', 'Source de revenu');
  await page.locator('#filter-value option').nth(1).waitFor({ state: 'attached' });
  await choose('#filter-value', 'salarié');
  await tabTo('button[type=submit]');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Retirer le filtre Source de revenu' }).waitFor();
  await ready(page);
  const { customers } = await api(
    '/api/v1/customers?advice=unfavourable&order=lowest&filter=NAME_INCOME_TYPE:Working&limit=2',
  );
  await tabTo(`.files a[href*="client=${customers[1].id}"]`);
  await page.keyboard.press('Enter');
  await ready(page, customers[1].id);
  assert.match(await textOf(page, '.advice'), /Avis défavorable/);

  // The distribution of another input, and the cloud, moved.
  await tabTo('section[aria-labelledby=standing-heading] select');
  await page.keyboard.type('Montant du crédit');
  await ready(page, customers[1].id);
  assert.equal(new URL(page.url()).searchParams.get('distribution'), 'AMT_CREDIT');
  await tabTo('.part summary');
  await page.keyboard.press('Enter');
  await page.locator('.cloud canvas').waitFor();
  await ready(page, customers[1].id);
  await tabTo('.cloud');
  await page.keyboard.press('+');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await current(page), String(customers[1].id));

  await page.keyboard.press('p');
  assert.equal(await page.evaluate(() => globalThis.printed), 1);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#worklist-heading').count(), 0);
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

test('a server that restarts is waited for; what is shown stays', { skip: !binary }, async () => {
  const server = await ownServer(['demo', '--rows', '300']);
  await server.start();
  const { page, close } = await browser.open({
    origin: server.url,
    expected: ['ERR_CONNECTION_REFUSED', 'ERR_EMPTY', 'ERR_CONNECTION_RESET'],
  });
  try {
    await page.goto(server.url);
    await ready(page);
    const shown = await current(page);
    await server.end();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.getByText('Le serveur ne répond pas').first().waitFor();
    assert.match(await textOf(page, '#customer-heading'), /^Client \d+$/);
    assert.equal(await page.locator('.advice').count(), 1);
    // What is already fetched still opens: the folds need no server.
    await page.locator('summary', { hasText: 'Toutes les contributions' }).click();
    await page.locator('.part ol li').first().waitFor();
    await server.start();
    await ready(page);
    assert.equal(await page.getByText('Le serveur ne répond pas').count(), 0);
    assert.notEqual(await current(page), shown);

    // With other data, the page shows those.
    await server.end();
    await page.keyboard.press('Escape');
    for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowRight');
    await page.getByText('Le serveur ne répond pas').first().waitFor();
    server.args = ['demo', '--rows', '200'];
    await server.start();
    await page.getByText(/\/ 200$/).waitFor();
    await ready(page);
    await close(); // before the server, which the page would miss
  } finally {
    await server.end();
  }
});
