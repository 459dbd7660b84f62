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

const picker = (page) => page.getByRole('combobox', { name: 'Client', exact: true });

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
  assert.equal(await textOf(page, 'h1'), 'Clairscore');
  assert.equal(await textOf(page, '#customer-heading'), `Client ${ids[0]}`);
  assert.match(await page.title(), new RegExp(`Client ${ids[0]}`));
  await close();
});

test('the policy of the page allows nothing inline and no other host', async () => {
  const response = await fetch(`${base}/`);
  const policy = response.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'self'/);
  assert.doesNotMatch(policy, /unsafe/);
});

test('a file at the edge of the review zone is to review wherever it is shown', async () => {
  const { page, close } = await browser.open();
  // The last files of the zone and the first beyond it, on both sides of the threshold.
  for (const [points, review] of [
    [520, true],
    [521, false],
    [480, true],
    [479, false],
  ]) {
    const query = `min_points=${points}&max_points=${points}`;
    const { customers } = await api(`/api/v1/customers?${query}&limit=500`);
    assert.ok(customers.length > 0, query);
    for (const line of customers) {
      assert.equal(line.points, points);
      assert.equal(line.review, review, `${line.id}: ${points}`);
    }
    const { id } = customers[0];
    assert.equal((await api(`/api/v1/customers/${id}`)).review, review);
    await goto(page, `/?client=${id}&list=open&${query}`, id);
    const word = review ? 'À examiner' : points > 500 ? 'Avis favorable' : 'Avis défavorable';
    assert.ok((await textOf(page, '.advice .word')).endsWith(word));
    assert.match(
      plain(await page.locator('.files li').first().innerText()),
      new RegExp(
        `${review ? 'à examiner' : points > 500 ? 'favorable' : 'défavorable'} ${points}$`,
      ),
    );
  }
  const { total } = await api('/api/v1/customers?advice=review&limit=0');
  assert.equal((await api('/api/v1/customers?min_points=480&max_points=520&limit=0')).total, total);
  assert.equal((await api('/api/v1/customers?max_distance=20&limit=0')).total, total);
  await close();
});

test('a customer asked for again is told that nothing has changed', async () => {
  // One that no other test opens: the browser keeps what it has seen.
  const id = ids.at(-20);
  const url = `${base}/api/v1/customers/${id}`;
  const first = await fetch(url);
  const etag = first.headers.get('etag');
  assert.match(etag, /^W\/"/);
  assert.ok(!Number.isNaN(Date.parse(first.headers.get('date'))));
  // Another second, and the same answer.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const again = await fetch(url, { headers: { 'if-none-match': etag } });
  assert.equal(again.status, 304);
  assert.equal(again.headers.get('etag'), etag);

  // The browser asks so by itself.
  const { page, close } = await browser.open();
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const statuses = [];
  session.on('Network.responseReceivedExtraInfo', ({ statusCode, headers }) => {
    if (headers['etag'] === etag) statuses.push(statusCode);
  });
  await goto(page, `/?client=${id}`, id);
  await page.reload();
  await ready(page, id);
  assert.deepEqual(statuses, [200, 304]);
  await close();
});

test('the score, the threshold and the advice are those of the service', async () => {
  const sample = [ids[0], ids[1], ids[Math.floor(ids.length / 2)], ids[ids.length - 1]];
  const { page, close } = await browser.open();
  for (const id of sample) {
    const customer = await api(`/api/v1/customers/${id}`);
    const score = await api(`/customer/${id}/score`);
    await goto(page, `/?client=${id}&open=gauge`, id);
    const gauge = page.locator('.gauge');
    assert.ok(
      (await textOf(page, '.gauge')).includes(french((1 - score.probability_pos) * 100, 1)),
    );
    assert.equal(await gauge.locator('svg').count(), 1);
    const gap = Math.abs(customer.points - 500);
    const side = customer.points < 500 ? 'sous' : 'au-dessus du';
    const sentence = await textOf(page, '.advice');
    assert.match(sentence, new RegExp(`${gap} points? ${side} ?(le )?seuil`));
    assert.match(sentence, /La décision vous appartient/);
    const word = customer.review
      ? '● À examiner'
      : customer.decision === 'accepted'
        ? '▲ Avis favorable'
        : '▼ Avis défavorable';
    assert.ok(sentence.startsWith(word), sentence);
    assert.doesNotMatch(await textOf(page, 'body'), /est une probabilité de défaut|refusé/i);
  }
  await close();
});

test('the reasons are those of the service, and the numbers written add up', async () => {
  const { page, close } = await browser.open();
  for (const id of [ids[0], ids[7], ids[Math.floor(ids.length / 3)]]) {
    const { reasons } = await api(`/api/v1/customers/${id}`);
    await goto(page, `/?client=${id}`, id);
    const section = page.locator('section[aria-labelledby=reasons-heading]');
    const written = (await section.locator('.points > span:first-child').allInnerTexts()).map(
      plain,
    );
    const expected = [...reasons.against, ...reasons.favour];
    assert.equal(written.length, expected.length);
    expected.forEach(({ points, exact_points: exact }, i) => {
      assert.ok(written[i].startsWith(exact < 0 ? '▼' : '▲'));
      assert.equal(Number(written[i].replace('−', '-').replace(/[^-\d]/g, '')), points);
    });
    const sum = plain(await section.locator('.sum').innerText());
    const [base, above, others, score] = sum
      .match(/départ (\S+).* ci-dessus (\S+).* éléments (\S+) · score (\d+)/)
      .slice(1)
      .map((text) => Number(text.replace('−', '-')));
    assert.equal(base + above + others, score);
    assert.equal(score, reasons.score);
  }
  await close();
});

test('protected and absurd factors among the reasons are flagged', async () => {
  const { page, close } = await browser.open();
  const { inputs } = await api('/api/v1/dictionary');
  let seen = 0;
  for (const id of ids.slice(0, 25)) {
    const { reasons, inputs: all } = await api(`/api/v1/customers/${id}`);
    const heaviest = all.sort((a, b) => Math.abs(b.points) - Math.abs(a.points)).slice(0, 4);
    const warned = heaviest.some(({ input }) => inputs[input].review !== 'none');
    assert.equal(reasons.to_review, warned);
    const flagged = [...reasons.against, ...reasons.favour].filter(
      ({ input }) => inputs[input].review !== 'none',
    );
    if (flagged.length === 0 && seen > 0) continue;
    seen += flagged.length;
    await goto(page, `/?client=${id}`, id);
    assert.equal(await page.locator('.flag').count(), flagged.length);
    assert.equal(await page.locator('.warning').count(), warned ? 1 : 0);
    if (seen > 3) break;
  }
  assert.ok(seen > 0);
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
  assert.match(await textOf(page, '.popup'), /Aucun client dont l’identifiant contient/);
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
  assert.equal(await textOf(page, '#customer-heading'), `Client ${ids[1]}`);
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
  const query = `/?client=${ids[5]}&distribution=CODE_GENDER&open=bivariate%2Cdependence&x=${all[2]}&y=${all[0]}&dependence=${all[1]}&lang=en`;
  await goto(page, query, ids[5]);
  assert.equal(page.url(), base + query);
  const factor = (section) => page.locator(section).getByLabel('Factor');
  assert.equal(
    await factor('section[aria-labelledby=standing-heading]').inputValue(),
    'CODE_GENDER',
  );
  assert.equal(await factor('section[aria-labelledby=further-heading]').inputValue(), all[1]);
  assert.equal(await page.getByLabel('Horizontal axis').inputValue(), all[2]);
  assert.equal(await page.getByLabel('Vertical axis').inputValue(), all[0]);
  // Stepping keeps the choices; leading zeros are the API's.
  await page.getByRole('button', { name: 'Next customer' }).click();
  await ready(page, ids[6]);
  assert.equal(page.url(), base + query.replace(String(ids[5]), String(ids[6])));
  await goto(page, `/?client=0${ids[7]}`, ids[7]);
  await close();
});

test('the tabs of importance follow the arrow keys', async () => {
  const { page, close } = await browser.open();
  await goto(page, `/?client=${ids[0]}&open=importance`, ids[0]);
  const own = page.getByRole('tab', { name: 'Graphique' });
  const picture = page.getByRole('tab', { name: 'Image SHAP' });
  assert.equal(await page.locator('.dots canvas').count(), 1);
  await own.focus();
  await page.keyboard.press('ArrowRight');
  await ready(page, ids[0]);
  assert.equal(await picture.getAttribute('aria-selected'), 'true');
  assert.ok(await picture.evaluate((tab) => tab === document.activeElement));
  const image = page.locator('[role=tabpanel] img');
  assert.ok(await image.evaluate((shown) => shown.complete && shown.naturalWidth > 100));
  assert.ok((await image.getAttribute('alt')).length > 80);
  assert.equal(page.url(), `${base}/?client=${ids[0]}&open=importance&importance=picture`);
  await page.keyboard.press('Home');
  await ready(page, ids[0]);
  assert.equal(page.url(), `${base}/?client=${ids[0]}&open=importance`);
  await close();
});

test('a dot of the swarm opens its customer', async () => {
  const { page, close } = await browser.open();
  await goto(page, `/?client=${ids[0]}&open=importance`, ids[0]);
  const importance = await api('/api/v1/importance');
  const dots = page.locator('.dots');
  const box = await dots.boundingBox();
  // Somewhere in the first row there is a dot: the row is swept until one answers.
  for (let share = 0.3; share < 0.7; share += 0.01) {
    await dots.hover({ position: { x: box.width * share, y: 15 } });
    if ((await dots.locator('text').count()) > 0) break;
  }
  const said = await dots.locator('text').textContent();
  const id = said.match(/Client (\S+)\s/)[1];
  assert.ok(importance.customers.map(String).includes(id));
  await page.mouse.down();
  await page.mouse.up();
  await ready(page, id);
  await close();
});

test('the waterfall leads from the starting point to the score, and adds up', async () => {
  const customer = await api(`/api/v1/customers/${ids[2]}`);
  const { page, close } = await browser.open();
  await goto(page, `/?client=${ids[2]}&open=waterfall`, ids[2]);
  const fold = page.locator('.part', { hasText: 'Toutes les contributions' });
  const values = (await fold.locator('ol .value').allInnerTexts()).map((text) =>
    Number(
      plain(text)
        .replace('−', '-')
        .replace(/[^-\d]/g, ''),
    ),
  );
  assert.equal(values[0], customer.reasons.base);
  assert.equal(values[values.length - 1], customer.points);
  const sum = values.slice(0, -1).reduce((total, value) => total + value, 0);
  assert.equal(sum, customer.points);

  // The table says the same of every input: whole points that add up, and no arrow beside a zero.
  await fold.getByText('Toutes les contributions en tableau').click();
  await fold.locator('tbody tr').first().waitFor();
  const table = [];
  for (const row of await fold.locator('tbody tr').all())
    table.push((await row.locator('th, td').allInnerTexts()).map(plain));
  assert.equal(table[0][0], 'Point de départ');
  assert.equal(table.at(-1)[0], 'Score');
  const named = table.filter((row) => row[1] !== '');
  assert.equal(named.length, customer.inputs.length);
  const whole = (text) => Number(text.replace('−', '-').replace(/[^-\d]/g, ''));
  const inTable = table.slice(0, -1).reduce((total, row) => total + whole(row[3]), 0);
  assert.equal(inTable, customer.points);
  for (const row of table.slice(1, -1)) {
    assert.match(row[3], /^(0|[+−]\d+( (▲ monte|▼ baisse))?)$/, row.join(' | '));
  }
  for (const row of await fold.locator('ol li').all()) {
    const value = plain(await row.locator('.value').innerText());
    if (whole(value) === 0) assert.equal(value, '0');
  }
  await close();
});

test('every chart opens with a sentence and has its numbers in a table', async () => {
  const { page, close } = await browser.open();
  for (const [language, distribution] of [
    ['fr', 'EXT_SOURCE_3'],
    ['en', 'NAME_EDUCATION_TYPE'],
  ]) {
    const open = 'bivariate,waterfall,importance,dependence';
    await goto(
      page,
      `/?client=${ids[1]}&lang=${language}&open=${open}&distribution=${distribution}`,
      ids[1],
    );
    const standing = page.locator('section[aria-labelledby=standing-heading]');
    const parts = await page.locator('.part:has(details[open])').all();
    assert.equal(parts.length, 4);
    for (const part of [standing, ...parts]) {
      // Every picture has a name, and before it stands a sentence with a number in it.
      const sentence = plain(await part.locator('p').first().innerText());
      assert.match(sentence, /[.\u2026]$/);
      if (part !== parts[2]) assert.match(sentence, /\d/, sentence);
      for (const picture of await part.locator('[role=img], [role=application]').all())
        assert.ok((await picture.getAttribute('aria-label')).length > 15);
      const folded = part.locator('details:not([open]) > summary');
      for (const summary of await folded.all()) await summary.click();
      const rows = part.locator('table').first().locator('tbody tr');
      await rows.first().waitFor();
      assert.ok((await rows.count()) >= 3);
      for (const cell of await rows.nth(1).locator('th, td').all())
        assert.notEqual(plain(await cell.innerText()) + (await cell.locator('svg').count()), '0');
    }
  }
  await close();
});

test('the distribution of any input can be chosen, numbers and texts', async () => {
  const { page, close } = await browser.open();
  await goto(page, '/', ids[0]);
  const panel = page.locator('section[aria-labelledby=standing-heading]');
  const select = panel.getByLabel('Élément');
  const all = model.model.inputs.map((input) => input.name);
  assert.deepEqual(
    (
      await select.locator('option').evaluateAll((options) => options.map((option) => option.value))
    ).sort(),
    ['', ...all].sort(),
  );
  const number = choices().at(-1);
  await select.selectOption(number);
  await ready(page, ids[0]);
  assert.equal(new URL(page.url()).searchParams.get('distribution'), number);
  const distribution = await api(`/api/v1/inputs/${number}/distribution`);
  assert.equal(await panel.locator('rect.bar').count(), distribution.counts.length);
  await panel.getByText('Distribution en tableau').click();
  await panel.locator('figure tbody tr').first().waitFor();
  const counts = await panel.locator('figure tbody tr td:nth-child(3)').allInnerTexts();
  assert.deepEqual(
    counts.map((text) => Number(text.replace(/\s/g, ''))),
    distribution.counts,
  );
  await select.selectOption('NAME_EDUCATION_TYPE');
  await ready(page, ids[0]);
  assert.match(plain(await panel.innerText()), /secondaire/);
  // Back to what weighs most, whichever that is.
  await select.selectOption({ index: 0 });
  await ready(page, ids[0]);
  assert.equal(page.url(), `${base}/?client=${ids[0]}`);
  await close();
});

test('the distribution shown first is that of the strongest reason, until an input is chosen', async () => {
  const { inputs } = await api('/api/v1/dictionary');
  const strongest = async (id) => (await api(`/api/v1/customers/${id}`)).reasons.strongest;
  // Two neighbours that differ, and somebody far away who differs from both.
  let at = 0;
  while ((await strongest(ids[at])) === (await strongest(ids[at + 1]))) at += 1;
  const [one, next] = [await strongest(ids[at]), await strongest(ids[at + 1])];
  let far = Math.floor(ids.length / 2);
  while ([one, next].includes(await strongest(ids[far]))) far += 1;

  const { page, close } = await browser.open();
  const panel = page.locator('section[aria-labelledby=standing-heading]');
  const select = panel.getByLabel('Élément');
  const assertShown = async (input) => {
    const label = inputs[input].label.fr;
    assert.ok(plain(await panel.innerText()).includes(`${plain(label)} : `), label);
    assert.equal(
      await panel.locator('figure svg[role=img]').count(),
      inputs[input].format === 'text' ? 0 : 1,
    );
    if (inputs[input].format !== 'text')
      assert.equal(
        await panel.locator('figure svg').first().getAttribute('aria-label'),
        `Distribution\u00a0: ${label}`,
      );
  };
  const chosen = () => select.locator('option:checked').innerText();
  await goto(page, `/?client=${ids[at]}`, ids[at]);
  await assertShown(one);
  assert.equal(plain(await chosen()), `Raison principale : ${plain(inputs[one].label.fr)}`);
  await page.getByRole('button', { name: 'Client suivant' }).click();
  await ready(page, ids[at + 1]);
  await assertShown(next);
  assert.equal(plain(await chosen()), `Raison principale : ${plain(inputs[next].label.fr)}`);
  assert.equal(page.url(), `${base}/?client=${ids[at + 1]}`);
  await picker(page).fill(String(ids[far]));
  await page.keyboard.press('Enter');
  await ready(page, ids[far]);
  await assertShown(await strongest(ids[far]));

  // Chosen by the officer, it stays, and the address says so; the back button leads to what was.
  await select.selectOption('AMT_CREDIT');
  await ready(page, ids[far]);
  await page.locator('#customer-heading').click();
  await page.keyboard.press('ArrowRight');
  await ready(page, ids[far + 1]);
  await assertShown('AMT_CREDIT');
  assert.equal(page.url(), `${base}/?client=${ids[far + 1]}&distribution=AMT_CREDIT`);
  // Even what is the strongest reason here stays once it is chosen.
  await select.selectOption(one);
  await ready(page, ids[far + 1]);
  await goto(page, `/?client=${ids[at + 1]}&distribution=${one}`, ids[at + 1]);
  await assertShown(one);
  assert.equal(await select.inputValue(), one);
  await close();
});

test('any two numeric inputs can be set against each other, moved and magnified', async () => {
  const { page, close } = await browser.open({ expected: ['willReadFrequently'] });
  const all = choices();
  const [x, y] = [all.at(-1), all.at(-2)];
  await goto(page, `/?client=${ids[0]}&open=bivariate`, ids[0]);
  await page.getByLabel('Axe horizontal').selectOption(x);
  await page.getByLabel('Axe vertical').selectOption(y);
  await ready(page, ids[0]);
  const query = new URL(page.url()).searchParams;
  assert.deepEqual([query.get('x'), query.get('y')], [x, y]);
  const points = await api(`/features/bivariate_data?feat_x=${x}&feat_y=${y}`);
  const panel = page.locator('.part', { hasText: 'Analyse bi-variée' });
  const words = plain(await panel.locator('.words').innerText());
  assert.ok(words.includes(plain(points.x_data.length.toLocaleString('fr-FR'))), words);
  const image = () =>
    panel.locator('canvas').evaluate((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let sum = 0;
      for (let i = 3; i < data.length; i += 4) sum = (sum * 31 + data[i]) % 1_000_003;
      return sum;
    });
  const whole = await image();
  assert.notEqual(whole, 0);
  const cloud = panel.locator('.cloud');
  await cloud.focus();
  await page.keyboard.press('+');
  const closer = await image();
  assert.notEqual(closer, whole);
  await page.keyboard.press('ArrowRight');
  assert.notEqual(await image(), closer);
  await page.keyboard.press('0');
  assert.equal(await image(), whole);
  await panel.getByRole('button', { name: 'Agrandir' }).click();
  assert.equal(await image(), closer);
  const box = await cloud.boundingBox();
  await page.mouse.move(box.x + 200, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + 260, box.y + 120, { steps: 3 });
  await page.mouse.up();
  assert.notEqual(await image(), closer);
  await panel.getByRole('button', { name: 'Tout voir' }).click();
  assert.equal(await image(), whole);
  // The arrows moved the cloud and not the customer.
  assert.equal(await page.locator('#app').getAttribute('data-customer'), String(ids[0]));
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
  await goto(page, `/?client=${id}&open=bivariate`, id);
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
  assert.ok(Math.abs(place.x - share(points.x_data, features[x], 0.03)) < 0.01);
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
  await page.route(`**/api/v1/customers/${far}`, async (route) => {
    await held;
    await route.continue();
  });
  await picker(page).fill(String(far));
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('#app').getAttribute('data-ready'), 'false');
  await page.waitForTimeout(400);
  assert.equal(await page.locator('#app').getAttribute('data-ready'), 'false');
  assert.equal(await textOf(page, '#customer-heading'), `Client ${far}`);
  assert.equal(await page.locator('.advice').count(), 0);
  release();
  await ready(page, far);
  const seen = await page.evaluate(() => globalThis.seen);
  assert.equal(seen[seen.length - 1], `true ${far} Client ${far}`);
  for (const state of seen.filter((text) => text.startsWith('true'))) {
    assert.equal(state, `true ${far} Client ${far}`);
  }
  await close();
});

test('what the first view shows is asked for before the script is there, once', async () => {
  const { page, close } = await browser.open();
  for (const [address, id] of [
    ['/', ids[0]],
    [`/?client=${ids[42]}&lang=en`, ids[42]],
  ]) {
    await goto(page, address, id);
    const entries = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(({ name, initiatorType }) => ({ path: new URL(name).pathname, initiatorType })),
    );
    const distribution = entries.find(({ path }) => path.endsWith('/distribution'))?.path;
    for (const path of [
      '/customers',
      '/api/v1/model',
      '/api/v1/dictionary',
      `/api/v1/customers/${id}`,
      distribution,
    ]) {
      const asked = entries.filter((one) => one.path === path);
      assert.equal(asked.length, 1, path);
      assert.equal(asked[0].initiatorType, 'link', path);
    }
    const words = entries.filter(({ path }) => /assets\/(fr|en)-/.test(path));
    assert.equal(words.length, 1);
    assert.match(words[0].path, address.includes('lang=en') ? /en-/ : /fr-/);
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
    `/api/v1/customers/${ids[11]}`,
  );
  for (const id of [ids[11], ids[12], ids[13]]) {
    await next.click();
    await ready(page, id);
  }
  await page.getByRole('button', { name: 'Client précédent' }).click();
  await ready(page, ids[12]);
  const seen = asked.filter((path) => /^\/api\/v1\/customers\/./.test(path));
  assert.ok(seen.length >= 5);
  assert.deepEqual([...new Set(seen)].length, seen.length);
  assert.equal(asked.filter((path) => path === '/customers').length, 1);
  const distributions = asked.filter((path) => path.endsWith('/distribution'));
  assert.deepEqual([...new Set(distributions)].length, distributions.length);
  assert.equal(asked.filter((path) => path === '/features/bivariate_data').length, 0);
  await close();
});

test('a change overtaken by another is given up', async () => {
  const { page, close } = await browser.open({ expected: ['ERR_FAILED', 'ERR_ABORTED'] });
  await goto(page, '/', ids[0]);
  const slow = ids[Math.floor(ids.length / 4)];
  const quick = ids[Math.floor(ids.length / 5)];
  await page.route(`**/api/v1/customers/${slow}`, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    await route.continue().catch(() => {});
  });
  await picker(page).fill(String(slow));
  await page.keyboard.press('Enter');
  await picker(page).fill(String(quick));
  await page.keyboard.press('Enter');
  await ready(page, quick);
  await page.waitForTimeout(900);
  assert.equal(await textOf(page, '#customer-heading'), `Client ${quick}`);
  assert.equal(await page.locator('#app').getAttribute('data-customer'), String(quick));
  await close();
});
