// What the screen says when the service is not there, not ready, or does not know.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { api, base, goto, ready, startBrowser, textOf } from './browser.mjs';

let browser;
let ids;

before(async () => {
  browser = await startBrowser();
  ids = (await api('/customers')).customer_ids;
});

after(() => browser.stop());

const API = /\/(customers?|features|shap|api|readyz)(\/|\?|$)/;

test('an unknown customer is named, and the list stays', async () => {
  const { page, close } = await browser.open({ expected: ['404'] });
  await page.goto(`${base}/?client=7`);
  const alert = page.getByRole('alert');
  await alert.waitFor();
  assert.match(await alert.innerText(), /Le client 7 n’existe pas/);
  assert.equal(await page.locator('#app').getAttribute('data-ready'), 'false');
  assert.equal(await textOf(page, '#customer-heading'), 'Client 7');
  await page.getByRole('button', { name: 'Ouvrir le premier client' }).click();
  await ready(page, ids[0]);
  await page.goBack();
  await alert.waitFor();
  await close();
});

test('an identifier that is not a number is refused in the same way', async () => {
  const { page, close } = await browser.open({ expected: ['422', '404'] });
  await page.goto(`${base}/?client=abc`);
  await page.getByRole('alert').waitFor();
  assert.match(await page.getByRole('alert').innerText(), /Le client abc n’existe pas/);
  await close();
});

test('while the service starts, its step is shown; then the screen comes by itself', async () => {
  const { page, close } = await browser.open({ expected: ['503'] });
  let starting = true;
  await page.route(API, (route) => {
    if (!starting) return route.continue();
    const path = new URL(route.request().url()).pathname;
    const body =
      path === '/readyz' ? { step: 'reading the applicants' } : { detail: 'unavailable' };
    return route.fulfill({ status: 503, json: body });
  });
  await page.goto(`${base}/?client=${ids[1]}`);
  await page.getByText('Étape en cours : lecture des dossiers').waitFor();
  assert.equal(await page.locator('#app').getAttribute('data-ready'), 'false');
  starting = false;
  await ready(page, ids[1]);
  assert.equal(await page.getByText('Étape en cours').count(), 0);
  await close();
});

test('a download shows how far it is, and what keeps it from going on', async () => {
  const { page, close } = await browser.open({ expected: ['503'] });
  const download = {
    files_done: 2,
    files_total: 7,
    bytes_done: 12_300_000,
    bytes_total: 26_000_000,
    bytes_per_second: 45_100_000,
  };
  const body = { step: 'downloading model org/name', download, problem: 'the Hub is far away' };
  await page.route(API, (route) => route.fulfill({ status: 503, json: body }));
  await page.goto(`${base}/`);
  await page.getByText('téléchargement du modèle org/name').waitFor();
  await page.getByText('12,3 Mo sur 26,0 Mo, 2 fichiers sur 7, 45,1 Mo/s').waitFor();
  const bar = page.getByRole('progressbar', { name: 'Téléchargement' });
  assert.equal(await bar.getAttribute('value'), '12300000');
  await page.getByText('the Hub is far away').waitFor();
  await close();
});

test('newer data are announced, and shown when asked for', async () => {
  const { page, close } = await browser.open();
  await page.clock.install();
  await goto(page, `/?client=${ids[0]}`, ids[0]);
  let version = 'newer';
  await page.route('**/readyz', (route) => route.fulfill({ json: { status: 'ready', version } }));
  await page.clock.fastForward(16_000);
  await page.getByText('Des données plus récentes sont disponibles.').waitFor();
  assert.equal(await page.locator('#app').getAttribute('data-ready'), 'true');
  version = (await api('/api/v1/model')).version;
  const fetched = page.waitForResponse((response) => /customers\/\d+$/.test(response.url()));
  await page.getByRole('button', { name: 'Les afficher' }).click();
  assert.equal((await fetched).status(), 200);
  await ready(page, ids[0]);
  assert.equal(await page.getByText('Des données plus récentes').count(), 0);
  await close();
});

test('a server that is gone is said so, and found again', async () => {
  const { page, close } = await browser.open({ expected: ['ERR_CONNECTION_REFUSED'] });
  let gone = false;
  await page.route(API, (route) => (gone ? route.abort('connectionrefused') : route.continue()));
  await goto(page, `/?client=${ids[0]}`, ids[0]);
  gone = true;
  const far = ids[Math.floor(ids.length / 2)];
  const picker = page.locator('#picker-input');
  await picker.fill(String(far));
  await page.keyboard.press('Enter');
  await page.getByText('Le serveur ne répond pas').first().waitFor();
  assert.equal(await page.locator('#app').getAttribute('data-ready'), 'false');
  assert.equal(await textOf(page, '#customer-heading'), `Client ${ids[0]}`);
  assert.equal(await page.locator('.advice').count(), 1);
  await page.getByText(`Le client ${far} sera affiché dès qu’il répondra.`).waitFor();
  gone = false;
  await ready(page, far);
  assert.equal(await page.getByText('Le serveur ne répond pas').count(), 0);
  await close();
});

test('a chart that fails says why and can be tried again; the rest stays', async () => {
  const { page, close } = await browser.open({ expected: ['500'] });
  let failing = true;
  await page.route('**/features/bivariate_data**', (route) =>
    failing ? route.fulfill({ status: 500, json: { detail: 'disque plein' } }) : route.continue(),
  );
  await goto(page, `/?client=${ids[0]}&open=bivariate`, ids[0]);
  const panel = page.locator('.part', { hasText: 'Analyse bi-variée' });
  assert.match(await panel.innerText(), /disque plein/);
  assert.equal(await page.locator('.advice').count(), 1);
  failing = false;
  await panel.getByRole('button', { name: 'Réessayer' }).click();
  await panel.locator('canvas').waitFor();
  await ready(page, ids[0]);
  await close();
});

test('a part of the program that does not come is said so, and comes with the page', async () => {
  const { page, close } = await browser.open({ expected: ['ERR_CONNECTION_REFUSED'] });
  await page.route('**/assets/panels-*', (route) => route.abort('connectionrefused'));
  await goto(page, `/?client=${ids[0]}`, ids[0]);
  await page.locator('summary', { hasText: 'Toutes les contributions' }).click();
  const part = page.locator('.part', { hasText: 'Toutes les contributions' });
  await part.getByText('Le serveur ne répond pas').waitFor();
  assert.equal(await page.locator('#app').getAttribute('data-ready'), 'false');
  assert.equal(await page.locator('.advice').count(), 1);
  await page.unroute('**/assets/panels-*');
  await part.getByRole('button', { name: 'Réessayer' }).click();
  await part.locator('ol li').first().waitFor();
  await ready(page, ids[0]);
  await close();
});

test('a missing picture of global importance is said so', async () => {
  const { page, close } = await browser.open({ expected: ['404'] });
  await page.route('**/api/v1/importance/picture?**', (route) =>
    route.fulfill({ status: 404, json: { detail: 'Not Found' } }),
  );
  await goto(page, `/?client=${ids[0]}&open=importance&importance=picture`, ids[0]);
  assert.match(await textOf(page, '[role=tabpanel]'), /Aucune image d’importance globale/);
  await close();
});

test('a missing value says what it means, and the customer is not on the chart', async () => {
  const { page, close } = await browser.open();
  const name = 'DAYS_EMPLOYED';
  let id;
  for (id of ids) if ((await api(`/customer/${id}/features`))[name] === null) break;
  await goto(page, `/?client=${id}&distribution=${name}&open=bivariate&x=${name}`, id);
  const standing = await textOf(page, 'section[aria-labelledby=standing-heading]');
  assert.match(standing, /Aucun emploi en cours déclaré/);
  assert.match(standing, /n’apparaît pas sur le graphique/);
  assert.equal(await page.locator('line.client').count(), 0);
  assert.match(await textOf(page, '.part .words'), /n’apparaît pas sur le graphique/);
  await page.goto(`${base}/?client=${id}&distribution=${name}&lang=en`);
  await ready(page, id);
  assert.match(
    await textOf(page, 'section[aria-labelledby=standing-heading]'),
    /No current employment declared/,
  );
  await close();
});

test('contributions of another method are said to be so', async () => {
  const { page, close } = await browser.open();
  await page.route(`**/api/v1/customers/${ids[0]}`, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    body.provenance.explanations = 'file';
    await route.fulfill({ response, json: body });
  });
  await goto(page, `/?client=${ids[0]}`, ids[0]);
  assert.match(await textOf(page, '.sum'), /viennent du fichier fourni/);
  await close();
});

test('while similar customers are computed, the page says so and shows them by itself', async () => {
  const { page, close } = await browser.open();
  let computing = true;
  await page.route(`**/api/v1/customers/${ids[0]}`, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    if (computing) body.similar = null;
    await route.fulfill({ response, json: body });
  });
  await goto(page, `/?client=${ids[0]}`, ids[0]);
  const section = page.locator('section[aria-labelledby=similar-heading]');
  assert.match(await section.innerText(), /en cours de calcul/);
  computing = false;
  await section.locator('table').waitFor();
  assert.equal(await section.locator('tbody tr').count(), 5);
  await close();
});

test('a feature that does not exist is refused by its chart; another can be chosen', async () => {
  const { page, close } = await browser.open({ expected: ['404'] });
  const { main_features: main } = await api('/api/v1/model');
  await goto(page, `/?client=${ids[0]}&distribution=NOPE`, ids[0]);
  const panel = page.locator('section[aria-labelledby=standing-heading]');
  assert.match(await panel.innerText(), /NOPE/);
  await panel.getByRole('combobox').selectOption(main[0]);
  await panel.locator('line.median').waitFor({ state: 'attached' });
  await ready(page, ids[0]);
  await close();
});
