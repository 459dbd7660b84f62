// Assets that come from a Hub: the screen while they are on their way, when they are refused, and when
// there are newer ones. The Hub is the benches', on this machine.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

import { assertAccessible } from './axe.mjs';
import { api, binary, ownServer, plain, ready, startBrowser, textOf } from './browser.mjs';

const root = new URL('../../', import.meta.url).pathname;
const skip = !binary || spawnSync('python3', ['--version']).status !== 0;

let browser;
let folder;
let hub;
let endpoint;

before(async () => {
  browser = await startBrowser();
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), 'clairscore-hub-'));
  await mkdir(join(folder, 'hub/models/bank/model'), { recursive: true });
  await mkdir(join(folder, 'hub/datasets/bank/data'), { recursive: true });
  hub = spawn('python3', [join(root, 'bench/hub_server.py'), join(folder, 'hub')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(createInterface(hub.stdout), 'line');
  endpoint = line.replace('HF_ENDPOINT=', '');
});

after(async () => {
  await browser.stop();
  if (skip) return;
  hub.kill('SIGTERM');
  await once(hub, 'exit');
  await rm(folder, { recursive: true, force: true });
});

const tell = async (what) => {
  const answer = await fetch(`${endpoint}/_/${what}`, { method: 'POST' });
  assert.ok(answer.ok, what);
};

test('from a refused upload through a download to newer data', { skip }, async () => {
  const card = await api('/api/v1/model');
  const model = join(folder, 'hub/models/bank/model/gradient_boosting');
  const data = join(folder, 'hub/datasets/bank/data/application_test.csv');
  const rows = (await readFile(card.data.path, 'utf8')).split('\n');
  await writeFile(data, `${rows.slice(0, 401).join('\n')}\n`);
  // A model of three classes, which the screen cannot show.
  await mkdir(model);
  await cp(
    join(root, 'tests/fixtures/versions/sklearn-1.6.1/random_forest_classes.joblib'),
    join(model, 'model.pkl'),
  );
  await writeFile(
    join(model, 'MLmodel'),
    'flavors:\n  sklearn:\n    pickled_model: model.pkl\n    serialization_format: cloudpickle\n' +
      "    sklearn_version: 1.6.1\nsignature:\n  inputs: '" +
      JSON.stringify(
        ['age', 'income', 'rate', 'count'].map((name) => ({
          type: 'double',
          name,
          required: true,
        })),
      ) +
      "'\n",
  );
  await tell('commit');

  const server = await ownServer(
    ['serve', '--model', 'bank/model', '--data', 'bank/data', '--hub-poll-seconds', '1'],
    { HF_ENDPOINT: endpoint, HF_HOME: join(folder, 'home'), HF_TOKEN: '' },
  );
  const { page, close } = await browser.open({ origin: server.url, expected: ['503'] });
  try {
    await server.start('/livez');
    await page.goto(server.url);
    await page
      .getByText('the model has 3 classes and the screen shows one decision between two')
      .waitFor({ timeout: 30_000 });
    await page.getByText('Ce qui est sur le Hub ne peut pas être servi').waitFor();
    assert.equal(await page.locator('#app').getAttribute('data-ready'), 'false');
    await assertAccessible(page, 'a refused model');

    // The good one follows, slowly: how far it is can be seen, and then the page comes by itself.
    await rm(model, { recursive: true });
    await cp(card.model.path, model, { recursive: true });
    await tell('rate?mb=0.1');
    await tell('commit');
    const bar = page.getByRole('progressbar', { name: 'Téléchargement' });
    await bar.waitFor({ timeout: 30_000 });
    await page.getByText('téléchargement du modèle bank/model').waitFor();
    const far = async () => Number(await bar.getAttribute('value'));
    const before = await far();
    await page.waitForFunction(
      (value) => Number(document.querySelector('progress')?.value ?? Infinity) > value,
      before,
    );
    await assertAccessible(page, 'a download');
    await tell('rate?mb=0');
    await ready(page);
    assert.equal(await bar.count(), 0);
    assert.match(await textOf(page, '.steps'), /1 \/ 400/);
    const served = await fetch(`${server.url}/api/v1/model`).then((r) => r.json());
    const foot = plain(await page.locator('footer').innerText());
    assert.ok(foot.includes(`Données ${served.data_origin.commit.slice(0, 8)}`), foot);

    // The card of the customer says when the data's commit was made, as the Hub tells it.
    const made = new Date(served.data_origin.committed_at);
    assert.ok(Date.now() - made.getTime() < 300_000, served.data_origin.committed_at);
    const written = (options) =>
      plain(new Intl.DateTimeFormat('fr-FR', { dateStyle: 'medium', ...options }).format(made));
    assert.ok((await textOf(page, 'main dl')).endsWith(`Données du ${written({})}`));

    // Printed, it names the model's hash, the data's commit and that date.
    await page.emulateMedia({ media: 'print' });
    const printed = plain(await page.locator('footer').innerText());
    assert.ok(printed.includes(served.model.sha256), printed);
    const { commit } = served.data_origin;
    const dated = `Données du ${written({ timeStyle: 'short' })}, version ${commit}`;
    assert.ok(printed.includes(dated), `${dated} is not in ${printed}`);
    await page.emulateMedia({ media: 'screen' });

    // New data are announced, and shown when asked for.
    await appendFile(data, `${rows[401]}\n`);
    await tell('commit');
    await page
      .getByText('Des données plus récentes sont disponibles.')
      .waitFor({ timeout: 60_000 });
    assert.match(await textOf(page, '.steps'), /1 \/ 400/);
    await page.getByRole('button', { name: 'Les afficher' }).click();
    await page.getByText(/1 \/ 401/).waitFor();
    await ready(page);
    await close(); // before the server: a page that looks for newer data would miss it
  } finally {
    await server.end();
  }
});
