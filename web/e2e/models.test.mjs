// Other models than the demonstration's: another scale, other words, and what the screen refuses.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { assertAccessible } from './axe.mjs';
import { api, binary, ownServer, ready, startBrowser, textOf } from './browser.mjs';

const fixtures = new URL('../../tests/fixtures/versions/sklearn-1.6.1/', import.meta.url).pathname;

let browser;
let folder;

before(async () => {
  browser = await startBrowser();
  folder = await mkdtemp(join(tmpdir(), 'clairscore-models-'));
});

after(async () => {
  await browser.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The rows a fixture was recorded with, as a file. */
async function rowsOf(name) {
  const { columns } = JSON.parse(await readFile(join(fixtures, `${name}.json`), 'utf8'));
  const lines = columns[0].values.map((_, row) =>
    columns.map((column) => column.values[row] ?? '').join(','),
  );
  const path = join(folder, `${name}.csv`);
  await writeFile(path, `${columns.map((column) => column.name).join(',')}\n${lines.join('\n')}\n`);
  return path;
}

test(
  'a forest is explained on the scale of its probability, which is named',
  { skip: !binary },
  async () => {
    const rows = await rowsOf('random_forest');
    const model = join(fixtures, 'random_forest.joblib');
    const server = await ownServer(['serve', '--model', model, '--data', rows]);
    const { page, close } = await browser.open({ origin: server.url });
    try {
      await server.start();
      const customer = await fetch(`${server.url}/api/v1/customers/1`).then((r) => r.json());
      assert.equal(customer.score.scale, 'probability');
      await page.goto(`${server.url}/?client=1&open=waterfall,model`);
      await ready(page, 1);
      assert.match(await textOf(page, 'main'), /un point est un millième de la sortie du modèle/);
      const cascade = page.locator('.part', { hasText: 'Toutes les contributions' });
      assert.match(await cascade.innerText(), /Somme exacte sur l’échelle de la sortie du modèle/);
      assert.doesNotMatch(await textOf(page, 'main'), /doublent la cote\./);
      // It adds up there too, and inputs nobody described go by their own names.
      const values = (await cascade.locator('ol .value').allInnerTexts()).map((text) =>
        Number(text.replace('−', '-').replace(/[^-\d]/g, '')),
      );
      assert.equal(values[values.length - 1], customer.points);
      assert.equal(
        values.slice(0, -1).reduce((sum, value) => sum + value, 0),
        customer.points,
      );
      assert.match(await cascade.innerText(), /\bage\b/);
      await assertAccessible(page, 'a forest');
      await page.goto(`${server.url}/?client=1&lang=en&open=waterfall`);
      await ready(page, 1);
      assert.match(await textOf(page, 'main'), /a point is a thousandth of the model’s output/);
      await close(); // before the server, which the page would miss
    } finally {
      await server.end();
    }
  },
);

test('dictionary.yaml beside the model gives its words', { skip: !binary }, async () => {
  const card = await api('/api/v1/model');
  const model = join(folder, 'model');
  await cp(card.model.path, model, { recursive: true });
  await writeFile(
    join(model, 'dictionary.yaml'),
    [
      'dictionary: 1',
      'name: another_bank',
      'request: [AMT_CREDIT]',
      'inputs:',
      '  AMT_CREDIT:',
      '    label: {fr: "Somme demandée", en: "Sum asked for"}',
      '    format: money_a_year',
      '  EXT_SOURCE_3:',
      '    label: {fr: "Note du bureau", en: "Bureau rating"}',
      '    low: {fr: "Note du bureau basse", en: "Low bureau rating"}',
      '    review: unrelated',
      '',
    ].join('\n'),
  );
  const server = await ownServer(['serve', '--model', model, '--data', card.data.path]);
  const { page, close } = await browser.open({ origin: server.url });
  try {
    await server.start();
    await page.goto(`${server.url}/?client=100032&open=model`);
    await ready(page, 100032);
    const head = await textOf(page, 'section[aria-labelledby=customer-heading] dl');
    assert.match(head, /^Somme demandée \d+ \d+ \/ an Données chargées le/);
    const reasons = await textOf(page, 'section[aria-labelledby=reasons-heading]');
    assert.match(reasons, /Note du bureau basse.*Sans rapport avec le crédit/);
    // What it does not know keeps its own name.
    assert.match(reasons, /EXT_SOURCE_2/);
    assert.match(await textOf(page, '.part dl'), /another_bank/);
    await page.getByRole('button', { name: 'EN', exact: true }).click();
    await page.getByText('Low bureau rating').waitFor();
    assert.match(await textOf(page, '#customer-heading + dl'), /Sum asked for [\d,]+ a year/);
    await close(); // before the server, which the page would miss
  } finally {
    await server.end();
  }
});

test('a model of three classes is refused, with the reason', { skip: !binary }, async () => {
  const rows = await rowsOf('random_forest_classes');
  const model = join(fixtures, 'random_forest_classes.joblib');
  const ended = spawnSync(
    binary,
    ['serve', '--model', model, '--data', rows, '--port', '0', '--api-port', '0'],
    { encoding: 'utf8', timeout: 60_000 },
  );
  assert.equal(ended.status, 3);
  assert.match(ended.stderr, /has 3 classes and the screen shows one decision between two/);
  assert.match(ended.stderr, /a classifier of two classes/);
});
