#!/usr/bin/env node
// From asking for the page to its first complete view, in headless Chromium with an empty profile.
//
// usage: page.mjs BINARY [RUNS]      serves the demonstration on free loopback ports
//
// Prints the median, the least and the greatest of the runs. Each run opens a new browser context:
// no cache is warm but the operating system's. Then changes of customer in one page, from the event to
// the complete view: to the next one, which the page has fetched ahead, and to one far away in the
// list. The playwright-core of web/ drives the browser.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../web/package.json', import.meta.url))('playwright-core');
const [binary, runs = '10'] = process.argv.slice(2);
if (!binary) throw new Error('usage: page.mjs BINARY [RUNS]');

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Milliseconds in the page itself from asking for `id` (or, without one, for the next) to complete. */
function changeTo(page, id) {
  return page.evaluate(
    (wanted) =>
      new Promise((resolve) => {
        const root = document.querySelector('#app');
        const begin = performance.now();
        new MutationObserver((_, observer) => {
          if (root.dataset.ready !== 'true') return;
          observer.disconnect();
          resolve(performance.now() - begin);
        }).observe(root, { attributes: true, attributeFilter: ['data-ready'] });
        if (wanted === undefined) {
          document.querySelector('button[aria-keyshortcuts=ArrowRight]').click();
          return;
        }
        const input = document.querySelector('#picker-input');
        input.value = wanted;
        input.dispatchEvent(new Event('input', { bubbles: true }));
        input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
      }),
    id,
  );
}

async function measureChanges(browser, url, count) {
  const { customer_ids: ids } = await fetch(`${url}/customers`).then((r) => r.json());
  const page = await browser.newPage({ viewport: { width: 1366, height: 900 } });
  await page.goto(url);
  await page.waitForSelector('[data-ready="true"]');
  const [next, far] = [[], []];
  for (let i = 0; i < count; ++i) {
    next.push(await changeTo(page));
    await page.waitForTimeout(50); // the neighbours arrive
    far.push(await changeTo(page, String(ids[Math.floor(((i + 0.5) / count) * ids.length)])));
    await page.waitForTimeout(50);
  }
  await page.close();
  return { 'the next customer': next, 'one far away': far };
}

const [port, apiPort] = [await freePort(), await freePort()];
const server = spawn(binary, ['demo', '--port', port, '--api-port', apiPort], { stdio: 'ignore' });
try {
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; ++tries) {
    const status = await fetch(`${url}/readyz`).then((r) => r.status, () => 0);
    if (status === 200) break;
    if (tries > 1000) throw new Error('not ready');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  const times = [];
  for (let run = 0; run <= Number(runs); ++run) {
    const context = await browser.newContext({ viewport: { width: 1366, height: 900 } });
    const page = await context.newPage();
    const begin = performance.now();
    await page.goto(url, { waitUntil: 'commit' });
    await page.waitForSelector('[data-ready="true"]');
    if (run > 0) times.push(performance.now() - begin); // the first warms the browser itself
    await context.close();
  }
  const changes = await measureChanges(browser, url, 5 * Number(runs));
  await browser.close();
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  console.log(`first complete page: median ${median.toFixed(0)} ms, least ${times[0].toFixed(0)}, greatest ${times.at(-1).toFixed(0)} (${times.length} runs)`);
  for (const [what, values] of Object.entries(changes)) {
    values.sort((a, b) => a - b);
    const at = (share) => values[Math.floor(share * (values.length - 1))].toFixed(1);
    console.log(`change to ${what}: median ${at(0.5)} ms, 95 % under ${at(0.95)} (${values.length} changes)`);
  }
} finally {
  server.kill('SIGTERM');
}
