// The journeys of the screen, against a running server.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { api, base, french, goto, plain, ready, startBrowser, textOf } from './browser.mjs';

let browser;
let ids;
let model;

before(async () => {
  browser = await startBrowser();
  ids = (await api('/customers')).customer_ids;
  model = await api('/api/v1/model');
});

after(() => browser.stop());

const picker = (page) => page.getByRole('combobox', { name: 'Sélectionnez un ID Client' });

/** Main features that can be plotted, then the others: the order of the selectors. */
function choices() {
  const main = model.main_features.filter((name) => model.plottable.includes(name));
  return [...main, ...model.plottable.filter((name) => !main.includes(name))];
}

test('without an identifier, the first customer is shown', async () => {
  const { page, close } = await browser.open();
  await goto(page, '/', ids[0]);
  assert.equal(page.url(), `${base}/?client=${ids[0]}`);
  assert.equal(await page.locator('[data-ready]').count(), 1);
  assert.equal(await textOf(page, 'h1'), "Dashboard d'analyse de risque de crédit");
  assert.equal(await textOf(page, '#customer-heading'), `Client : ${ids[0]}`);
  assert.match(await page.title(), new RegExp(`Client ${ids[0]}`));
  await close();
});

test('the policy of the page allows nothing inline and no other host', async () => {
  const response = await fetch(`${base}/`);
  const policy = response.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'self'/);
  assert.doesNotMatch(policy, /unsafe/);
});

test('the score, the threshold and the advice are those of the service', async () => {
  const sample = [ids[0], ids[1], ids[Math.floor(ids.length / 2)], ids[ids.length - 1]];
  const { page, close } = await browser.open();
  for (const id of sample) {
    const score = await api(`/customer/${id}/score`);
    await goto(page, `/?client=${id}`, id);
    const gauge = await textOf(page, '.gauge');
    assert.ok(gauge.includes(french((1 - score.probability_pos) * 100, 1)), gauge);
    assert.ok(gauge.includes(`Seuil ${french((1 - score.threshold) * 100, 1)}`), gauge);
    const word = score.decision === 'accepted' ? 'favorable' : 'défavorable';
    assert.equal(
      (await textOf(page, '.advice .word')).replace(/^[▲▼] /, ''),
      `Avis du modèle : ${word}`,
    );
    const body = await textOf(page, 'body');
    assert.doesNotMatch(body, /probabilité de défaut|refusé/i);
  }
  await close();
});

test('the main features are those of the service, in its order', async () => {
  const { page, close } = await browser.open();
  await goto(page, `/?client=${ids[0]}`, ids[0]);
  const features = await api(`/customer/${ids[0]}/features`);
  const shown = await page.locator('.feature').allInnerTexts();
  assert.equal(shown.length, Object.keys(features).length);
  Object.entries(features).forEach(([name, value], i) => {
    assert.ok(shown[i].includes(name), `${name} in ${shown[i]}`);
    if (value === null) assert.match(shown[i], /—\s+non renseigné/);
  });
  await close();
});

test('typing finds a customer, prefixes first, and Enter opens it', async () => {
  const { page, close } = await browser.open();
  await goto(page, '/', ids[0]);
  const wanted = String(ids[Math.floor(ids.length * 0.7)]);
  const part = wanted.slice(0, 4);

  await page.locator('#customer-heading').click();
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'picker-input');
  await page.keyboard.type(part);

  const prefixes = ids.map(String).filter((id) => id.startsWith(part));
  const inside = ids.map(String).filter((id) => id.indexOf(part) > 0);
  const options = page.locator('#picker-list [role=option]');
  assert.equal(plain(await options.nth(0).innerText()), prefixes[0]);
  assert.equal(
    Number(await options.nth(0).getAttribute('aria-setsize')),
    prefixes.length + inside.length,
  );

  await page.keyboard.type(wanted.slice(4));
  assert.equal(plain(await options.nth(0).innerText()), wanted);
  await page.keyboard.press('Enter');
  await ready(page, wanted);
  assert.equal(await page.getByRole('listbox').count(), 0);
  assert.equal(await picker(page).inputValue(), wanted);
  assert.equal(page.url(), `${base}/?client=${wanted}`);
  await close();
});

test('the list holds every customer and only a few rows of the page', async () => {
  const { page, close } = await browser.open();
  await goto(page, '/', ids[0]);
  await picker(page).click();
  const options = page.locator('#picker-list [role=option]');
  assert.equal(Number(await options.first().getAttribute('aria-setsize')), ids.length);
  assert.ok((await options.count()) < 40);

  const active = () => page.locator('[role=option][aria-selected=true]');
  const place = async () => Number(await active().getAttribute('aria-posinset'));
  assert.equal(await place(), 1);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal(await place(), 3);
  await page.keyboard.press('ArrowUp');
  assert.equal(await place(), 2);
  await page.keyboard.press('End');
  assert.equal(await place(), ids.length);
  assert.equal(plain(await active().innerText()), String(ids[ids.length - 1]));
  assert.ok(await active().isVisible());
  const activeId = await active().getAttribute('id');
  assert.equal(await picker(page).getAttribute('aria-activedescendant'), activeId);
  await page.keyboard.press('Home');
  assert.equal(await place(), 1);

  await page.keyboard.type('99999999');
  assert.equal(await options.count(), 0);
  assert.match(await textOf(page, '.popup'), /Aucun client dont l'identifiant contient/);
  await page.keyboard.press('Escape');
  assert.equal(await page.getByRole('listbox').count(), 0);
  assert.equal(await picker(page).inputValue(), String(ids[0]));
  await close();
});

test('an option can be clicked', async () => {
  const { page, close } = await browser.open();
  await goto(page, '/', ids[0]);
  await picker(page).click();
  await page.locator('#picker-list [role=option]').nth(3).click();
  await ready(page, ids[3]);
  await close();
});

test('previous and next step through the list, by button and by arrow key', async () => {
  const { page, close } = await browser.open();
  await goto(page, '/', ids[0]);
  const next = page.getByRole('button', { name: 'Client suivant' });
  const previous = page.getByRole('button', { name: 'Client précédent' });
  const total = plain(ids.length.toLocaleString('fr-FR'));
  assert.match(await textOf(page, '.steps'), new RegExp(`^1 / ${total}`));
  assert.equal(await previous.getAttribute('aria-disabled'), 'true');
  await next.click();
  await ready(page, ids[1]);
  await next.click();
  await ready(page, ids[2]);
  assert.match(await textOf(page, '.steps'), /^3 \/ /);
  await page.locator('#customer-heading').click();
  await page.keyboard.press('ArrowLeft');
  await ready(page, ids[1]);
  await page.keyboard.press('ArrowRight');
  await ready(page, ids[2]);

  const last = ids[ids.length - 1];
  await goto(page, `/?client=${last}`, last);
  assert.equal(await next.getAttribute('aria-disabled'), 'true');
  await next.click({ force: true });
  assert.equal(page.url(), `${base}/?client=${last}`);
  await close();
});

test('the back and forward buttons return to the customers seen', async () => {
  const { page, close } = await browser.open();
  await goto(page, `/?client=${ids[0]}`, ids[0]);
  const next = page.getByRole('button', { name: 'Client suivant' });
  await next.click();
  await ready(page, ids[1]);
  await next.click();
  await ready(page, ids[2]);
  await page.goBack();
  await ready(page, ids[1]);
  assert.equal(await textOf(page, '#customer-heading'), `Client : ${ids[1]}`);
  assert.equal(await picker(page).inputValue(), String(ids[1]));
  await page.goBack();
  await ready(page, ids[0]);
  await page.goForward();
  await ready(page, ids[1]);
  await close();
});

test('an address says everything that is chosen', async () => {
  const all = choices();
  const { page, close } = await browser.open();
  const query = `/?client=${ids[5]}&importance=globale&distribution=${all[1]}&x=${all[2]}&y=${all[0]}`;
  await goto(page, query, ids[5]);
  assert.equal(page.url(), base + query);
  assert.equal(
    await page.getByRole('tab', { name: 'Importance globale' }).getAttribute('aria-selected'),
    'true',
  );
  assert.equal(await page.getByLabel('Caractéristique', { exact: true }).inputValue(), all[1]);
  assert.equal(await page.getByLabel('Axe horizontal').inputValue(), all[2]);
  assert.equal(await page.getByLabel('Axe vertical').inputValue(), all[0]);
  // Stepping keeps the choices; leading zeros are the API's.
  await page.getByRole('button', { name: 'Client suivant' }).click();
  await ready(page, ids[6]);
  assert.equal(page.url(), base + query.replace(String(ids[5]), String(ids[6])));
  await goto(page, `/?client=0${ids[7]}`, ids[7]);
  await close();
});

test('the tabs follow the arrow keys', async () => {
  const { page, close } = await browser.open();
  await goto(page, '/', ids[0]);
  const local = page.getByRole('tab', { name: 'Importance locale' });
  const global = page.getByRole('tab', { name: 'Importance globale' });
  await local.focus();
  await page.keyboard.press('ArrowRight');
  await ready(page, ids[0]);
  assert.equal(await global.getAttribute('aria-selected'), 'true');
  assert.ok(await global.evaluate((tab) => tab === document.activeElement));
  const image = page.locator('img[src^="/shap/global"]');
  assert.ok(await image.evaluate((picture) => picture.complete && picture.naturalWidth > 100));
  assert.ok((await image.getAttribute('alt')).length > 80);
  assert.equal(page.url(), `${base}/?client=${ids[0]}&importance=globale`);
  await page.keyboard.press('Home');
  await ready(page, ids[0]);
  assert.equal(await local.getAttribute('aria-selected'), 'true');
  assert.equal(page.url(), `${base}/?client=${ids[0]}`);
  await close();
});

test('the waterfall leads from the base value to the raw score in ten bars', async () => {
  const { shap, score } = await api(`/customer/${ids[2]}/dashboard`);
  const { page, close } = await browser.open();
  await goto(page, `/?client=${ids[2]}`, ids[2]);
  const rows = page.locator('ol li');
  assert.equal(await rows.count(), 12);
  assert.equal(await page.locator('ol rect').count(), 10);
  const values = (await page.locator('ol .value').allInnerTexts()).map(plain);
  const raw = shap.base_value + shap.values.reduce((sum, value) => sum + value, 0);
  assert.equal(values[0], french(shap.base_value, 2));
  assert.equal(values[11], french(raw, 2));
  assert.ok(Math.abs(raw - Math.log(score.probability_pos / (1 - score.probability_pos))) < 1e-6);
  const largest = [...shap.values].sort((a, b) => Math.abs(b) - Math.abs(a));
  largest.slice(0, 9).forEach((value, i) => {
    const sign = value > 0 ? '▲ +' : '▼ ';
    assert.equal(values[i + 1], sign + french(value, 2));
  });
  assert.match(await textOf(page, '[role=tabpanel]'), /log-odds/);

  await page.getByText(`Les ${shap.values.length} contributions en tableau`).click();
  await page.locator('[role=tabpanel] tbody tr').first().waitFor();
  assert.equal(await page.locator('[role=tabpanel] tbody tr').count(), shap.values.length);
  await close();
});

test('the distribution of any numeric input can be chosen', async () => {
  const { page, close } = await browser.open();
  await goto(page, '/', ids[0]);
  const select = page.getByLabel('Caractéristique', { exact: true });
  const all = choices();
  assert.deepEqual(
    await select.locator('option').evaluateAll((options) => options.map((option) => option.value)),
    all,
  );
  const { inputs } = await api(`/api/v1/customers/${ids[0]}/inputs`);
  for (const name of [all[2], all[all.length - 1]]) {
    await select.selectOption(name);
    await ready(page, ids[0]);
    assert.equal(new URL(page.url()).searchParams.get('distribution'), name);
    const distribution = await api(`/features/${name}/distribution`);
    const panel = page.locator('section[aria-labelledby=distribution-heading]');
    assert.equal(await panel.locator('rect').count(), distribution.counts.length);
    assert.equal(await panel.locator('line.median').count(), 1);
    assert.equal(await panel.locator('line.client').count(), inputs[name] === null ? 0 : 1);
    await panel.getByText('Distribution en tableau').click();
    await panel.locator('tbody tr').first().waitFor();
    const counts = await panel.locator('tbody tr td:nth-child(3)').allInnerTexts();
    assert.deepEqual(
      counts.map((text) => Number(text.replace(/\s/g, ''))),
      distribution.counts,
    );
    await panel.getByText('Distribution en tableau').click();
    await panel.locator('tbody').waitFor({ state: 'detached' });
  }
  await select.selectOption(all[0]);
  await ready(page, ids[0]);
  assert.equal(page.url(), `${base}/?client=${ids[0]}`);
  await close();
});

test('any two numeric inputs can be set against each other', async () => {
  const { page, close } = await browser.open();
  const all = choices();
  await goto(page, '/', ids[0]);
  await page.getByLabel('Axe horizontal').selectOption(all[all.length - 1]);
  await page.getByLabel('Axe vertical').selectOption(all[all.length - 2]);
  await ready(page, ids[0]);
  const [x, y] = [all[all.length - 1], all[all.length - 2]];
  const query = new URL(page.url()).searchParams;
  assert.deepEqual([query.get('x'), query.get('y')], [x, y]);
  const points = await api(`/features/bivariate_data?feat_x=${x}&feat_y=${y}`);
  const panel = page.locator('section[aria-labelledby=bivariate-heading]');
  const words = plain(await panel.locator('.words').innerText());
  assert.ok(words.includes(plain(points.x_data.length.toLocaleString('fr-FR'))), words);
  const painted = await panel.locator('canvas').evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value) => value > 0);
  });
  assert.ok(painted);
  await close();
});

test('the customer stands in the cloud where its values are', async () => {
  const all = choices();
  const [x, y] = all;
  const { page, close } = await browser.open();
  let id;
  let features;
  for (id of ids) {
    features = await api(`/customer/${id}/features`);
    if (typeof features[x] === 'number' && typeof features[y] === 'number') break;
  }
  await goto(page, `/?client=${id}`, id);
  const points = await api(`/features/bivariate_data?feat_x=${x}&feat_y=${y}`);
  const place = await page.locator('.cloud').evaluate((cloud) => {
    const box = cloud.getBoundingClientRect();
    const mark = cloud.querySelector('.over path').getBoundingClientRect();
    return {
      x: ((mark.left + mark.right) / 2 - box.left) / box.width,
      y: (box.bottom - (mark.top + mark.bottom) / 2) / box.height,
    };
  });
  const share = (values, value, padding) => {
    const low = Math.min(...values);
    const span = Math.max(...values) - low;
    return (value - low + span * padding) / (span * (1 + 2 * padding));
  };
  assert.ok(Math.abs(place.x - share(points.x_data, features[x], 0.02)) < 0.01);
  assert.ok(Math.abs(place.y - share(points.y_data, features[y], 0.03)) < 0.01);
  await close();
});

test('data-ready is false while the view changes and true when it is complete', async () => {
  const { page, close } = await browser.open();
  await goto(page, '/', ids[0]);
  await page.evaluate(() => {
    const root = document.querySelector('#app');
    globalThis.seen = [];
    new MutationObserver((records) => {
      for (const record of records) globalThis.seen.push(record.attributeName);
      globalThis.seen.push(
        `${root.dataset.ready} ${root.dataset.customer} ${document.querySelector('#customer-heading').textContent}`,
      );
    }).observe(root, { attributes: true });
  });
  // Far away, so that nothing is there before it is asked for; the answer is held back.
  const far = ids[Math.floor(ids.length / 3)];
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(`**/customer/${far}/dashboard`, async (route) => {
    await held;
    await route.continue();
  });
  await picker(page).fill(String(far));
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('#app').getAttribute('data-ready'), 'false');
  await page.waitForTimeout(400);
  assert.equal(await page.locator('#app').getAttribute('data-ready'), 'false');
  assert.equal(await textOf(page, '#customer-heading'), `Client : ${far}`);
  assert.equal(await page.locator('.advice').count(), 0);
  release();
  await ready(page, far);
  const seen = await page.evaluate(() => globalThis.seen);
  assert.equal(seen[seen.length - 1], `true ${far} Client : ${far}`);
  for (const state of seen.filter((text) => text.startsWith('true'))) {
    assert.equal(state, `true ${far} Client : ${far}`);
  }
  await close();
});

test('neighbours are fetched ahead and nothing is fetched twice', async () => {
  const { page, close } = await browser.open();
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await goto(page, `/?client=${ids[10]}`, ids[10]);
  const next = page.getByRole('button', { name: 'Client suivant' });
  await page.waitForFunction(
    (path) => performance.getEntriesByName(location.origin + path).length > 0,
    `/customer/${ids[11]}/dashboard`,
  );
  for (const id of [ids[11], ids[12], ids[13]]) {
    await next.click();
    await ready(page, id);
  }
  await page.getByRole('button', { name: 'Client précédent' }).click();
  await ready(page, ids[12]);
  const dashboards = asked.filter((path) => path.endsWith('/dashboard'));
  assert.deepEqual([...new Set(dashboards)].length, dashboards.length);
  assert.equal(asked.filter((path) => path === '/customers').length, 1);
  assert.equal(asked.filter((path) => path === '/features/bivariate_data').length, 1);
  await close();
});

test('a change overtaken by another is given up', async () => {
  const { page, close } = await browser.open({ expected: ['ERR_FAILED', 'ERR_ABORTED'] });
  await goto(page, '/', ids[0]);
  const slow = ids[Math.floor(ids.length / 4)];
  const quick = ids[Math.floor(ids.length / 5)];
  await page.route(`**/customer/${slow}/dashboard`, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    await route.continue().catch(() => {});
  });
  await picker(page).fill(String(slow));
  await page.keyboard.press('Enter');
  await picker(page).fill(String(quick));
  await page.keyboard.press('Enter');
  await ready(page, quick);
  await page.waitForTimeout(900);
  assert.equal(await textOf(page, '#customer-heading'), `Client : ${quick}`);
  assert.equal(await page.locator('#app').getAttribute('data-customer'), String(quick));
  await close();
});
