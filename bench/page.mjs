#!/usr/bin/env node
// From asking for the page to its first complete view, in headless Chromium with an empty profile.
//
// usage: page.mjs BINARY [RUNS]      serves the demonstration on free loopback ports
//
// Each run opens a new browser context: no cache is warm but the operating system's. Then changes of
// customer in one page, from the event to the complete view: to the next one, which the page has fetched
// ahead, and to one far away in the list; the cloud of all rows, opened and dragged; tasks of the main
// thread above 50 ms; memory over 1,000 changes; and the size of the scripts. What the page's main thread
// costs is also given as processor time, which a busy machine changes little. The playwright-core of web/
// drives the browser.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';

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

const WIDE = { viewport: { width: 1366, height: 900 } };

/** Tasks of the page's main thread above 50 ms, from now on; read by `longTasks`. */
function watchLongTasks(page) {
  return page.evaluate(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) globalThis.longTasks.push(entry.duration);
    }).observe({ entryTypes: ['longtask'] });
  });
}
const longTasks = (page) => page.evaluate(() => globalThis.longTasks);

/** Those since the page began. */
function longTasksOfStart(page) {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        new PerformanceObserver((list) => resolve(list.getEntries().map((entry) => entry.duration))).observe({
          type: 'longtask',
          buffered: true,
        });
        setTimeout(() => resolve([]), 100);
      }),
  );
}

/** Milliseconds from typing the beginning of an identifier to the painted list of those found. */
async function measureSearch(browser, url, count) {
  const { customer_ids: ids } = await fetch(`${url}/customers`).then((r) => r.json());
  const page = await browser.newPage(WIDE);
  await page.goto(url);
  await page.waitForSelector('[data-ready="true"]');
  const times = [];
  for (let i = 0; i < count; ++i) {
    const typed = String(ids[Math.floor(((i + 0.5) / count) * ids.length)]).slice(0, 1 + (i % 5));
    times.push(
      await page.evaluate(async (text) => {
        const input = document.querySelector('#picker-input');
        const begin = performance.now();
        input.focus();
        input.value = text;
        input.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        if (!document.querySelector('#picker-list [role=option]')) throw new Error(`nothing for ${text}`);
        return performance.now() - begin;
      }, typed),
    );
  }
  await page.close();
  return times;
}

/** Processor time of the page's main thread, and layouts, since the page was made or `since`. */
async function spent(session, since = { ms: 0, layouts: 0 }) {
  const { metrics } = await session.send('Performance.getMetrics');
  const value = (name) => metrics.find((metric) => metric.name === name).value;
  return { ms: 1000 * value('TaskDuration') - since.ms, layouts: value('LayoutCount') - since.layouts };
}

async function watchSpent(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return session;
}

/** The same for the first complete page and for a change of customer. */
async function measureProcessor(browser, url, count) {
  const first = [];
  for (let run = 0; run < 10; ++run) {
    const context = await browser.newContext(WIDE);
    const page = await context.newPage();
    const session = await watchSpent(page);
    await page.goto(url);
    await page.waitForSelector('[data-ready="true"]');
    first.push(await spent(session));
    await context.close();
  }
  const { customer_ids: ids } = await fetch(`${url}/customers`).then((r) => r.json());
  const page = await browser.newPage(WIDE);
  const session = await watchSpent(page);
  await page.goto(url);
  await page.waitForSelector('[data-ready="true"]');
  await page.waitForTimeout(500);
  const before = await spent(session);
  for (let i = 0; i < count; ++i) {
    await changeTo(page, String(ids[Math.floor(((i + 0.5) / count) * ids.length)]));
    await page.waitForTimeout(20);
  }
  const { ms, layouts } = await spent(session, before);
  await page.close();
  first.sort((a, b) => a.ms - b.ms);
  return { first: first[first.length >> 1], change: { ms: ms / count, layouts: layouts / count } };
}

async function measureChanges(browser, url, count) {
  const { customer_ids: ids } = await fetch(`${url}/customers`).then((r) => r.json());
  const page = await browser.newPage(WIDE);
  await page.goto(url);
  await page.waitForSelector('[data-ready="true"]');
  await watchLongTasks(page);
  const [next, far] = [[], []];
  for (let i = 0; i < count; ++i) {
    next.push(await changeTo(page));
    await page.waitForTimeout(50); // the neighbours arrive
    far.push(await changeTo(page, String(ids[Math.floor(((i + 0.5) / count) * ids.length)])));
    await page.waitForTimeout(50);
  }
  const long = await longTasks(page);
  await page.close();
  return { changes: { 'the next customer': next, 'one far away': far }, long };
}

/** From opening the fold to the painted cloud of all rows, then frames while it is dragged. */
async function measureBivariate(browser, url) {
  const page = await browser.newPage(WIDE);
  await page.goto(url);
  await page.waitForSelector('[data-ready="true"]');
  await watchLongTasks(page);
  const opened = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const root = document.querySelector('#app');
        const begin = performance.now();
        document.querySelector('.part summary').click();
        const look = () => {
          const done = root.dataset.ready === 'true' && document.querySelector('.cloud canvas');
          if (done) resolve(performance.now() - begin);
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
  );
  await page.locator('.cloud').scrollIntoViewIfNeeded();
  // What one frame of dragging costs the page: from the event to after the painting it caused.
  const frames = await page.evaluate(async () => {
    const cloud = document.querySelector('.cloud');
    const box = cloud.getBoundingClientRect();
    const send = (type, x) =>
      cloud.dispatchEvent(
        new PointerEvent(type, { clientX: x, clientY: box.top + 100, button: 0, pointerId: 1, bubbles: true }),
      );
    cloud.setPointerCapture = () => {};
    send('pointerdown', box.left + 300);
    const costs = [];
    for (let i = 0; i < 120; ++i) {
      const begin = performance.now();
      send('pointermove', box.left + 300 + 2 * (i % 60));
      await new Promise((resolve) => setTimeout(resolve));
      costs.push(performance.now() - begin);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    send('pointerup', box.left);
    return costs;
  });
  const long = await longTasks(page);
  await page.close();
  return { opened, frames, long };
}

/** The page's memory after 20 and after 1,000 changes of customer, rubbish collected. */
async function measureMemory(browser, url) {
  const page = await browser.newPage(WIDE);
  await page.goto(url);
  await page.waitForSelector('[data-ready="true"]');
  const session = await page.context().newCDPSession(page);
  const used = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return usedSize / 1e6;
  };
  for (let i = 0; i < 100; ++i) await changeTo(page);
  const before = await used();
  for (let i = 0; i < 1000; ++i) await changeTo(page);
  const after = await used();
  await page.close();
  return { before, after };
}

/** Gzipped bytes of every script that a first visit fetches, and of those the first view needs. */
async function measureScripts(browser, url) {
  const page = await browser.newPage(WIDE);
  const sizes = [];
  page.on('response', async (response) => {
    if (!new URL(response.url()).pathname.endsWith('.js')) return;
    sizes.push(gzipSync(await response.body()).length);
  });
  await page.goto(url);
  await page.waitForSelector('[data-ready="true"]');
  const sum = () => sizes.reduce((total, size) => total + size, 0);
  const first = sum();
  await page.waitForTimeout(1000); // what is behind the folds follows by itself
  await page.close();
  return { first, all: sum() };
}

function printTimes(what, values) {
  values.sort((a, b) => a - b);
  const at = (share) => values[Math.floor(share * (values.length - 1))].toFixed(1);
  console.log(`${what}: median ${at(0.5)} ms, 95 % under ${at(0.95)}, greatest ${at(1)} (${values.length})`);
}

const [port, apiPort] = [await freePort(), await freePort()];
const server = spawn(binary, ['demo', '--port', port, '--api-port', apiPort], { stdio: 'ignore' });
try {
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; ++tries) {
    // The last thing that is computed after a start: it would take a processor from what is measured.
    const status = await fetch(`${url}/api/v1/importance`).then((r) => r.status, () => 0);
    if (status === 200) break;
    if (tries > 3000) throw new Error('not ready');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  const times = [];
  const longAtStart = [];
  for (let run = 0; run <= Number(runs); ++run) {
    const context = await browser.newContext({ viewport: { width: 1366, height: 900 } });
    const page = await context.newPage();
    const begin = performance.now();
    await page.goto(url, { waitUntil: 'commit' });
    await page.waitForSelector('[data-ready="true"]');
    if (run > 0) times.push(performance.now() - begin); // the first warms the browser itself
    if (run > 0) longAtStart.push(...(await longTasksOfStart(page)));
    await context.close();
  }
  const { changes, long } = await measureChanges(browser, url, 20 * Number(runs));
  const bivariate = [];
  let frames = [];
  const longInCloud = [];
  for (let run = 0; run < 5; ++run) {
    const measured = await measureBivariate(browser, url);
    bivariate.push(measured.opened);
    frames = frames.concat(measured.frames);
    longInCloud.push(...measured.long);
  }
  const searches = await measureSearch(browser, url, 100);
  const processor = await measureProcessor(browser, url, 100);
  const memory = await measureMemory(browser, url);
  const scripts = await measureScripts(browser, url);
  await browser.close();
  printTimes('first complete page', times);
  for (const [what, values] of Object.entries(changes)) printTimes(`change to ${what}`, values);
  printTimes('search by a beginning, to the painted list', searches);
  printTimes('all rows as a cloud, from the click', bivariate);
  printTimes('one frame of dragging the cloud', frames);
  const tasks = (list) => (list.length === 0 ? 'none' : list.map((ms) => `${ms.toFixed(0)} ms`).join(', '));
  console.log(`tasks above 50 ms at the start: ${tasks(longAtStart)}; while customers change: ${tasks(long)}; with the cloud: ${tasks(longInCloud)}`);
  console.log(`memory of the page after 100 changes ${memory.before.toFixed(1)} MB, after 1,100 ${memory.after.toFixed(1)} MB`);
  console.log(
    `processor time of the page: ${processor.first.ms.toFixed(0)} ms and ${processor.first.layouts} layouts until it is ` +
      `complete, ${processor.change.ms.toFixed(1)} ms and ${processor.change.layouts.toFixed(1)} layouts a change of customer`,
  );
  const kilobytes = (bytes) => (bytes / 1000).toFixed(1);
  console.log(
    `scripts of a first visit: ${kilobytes(scripts.all)} kB gzip, ${kilobytes(scripts.first)} of them until the page is complete`,
  );
} finally {
  server.kill('SIGTERM');
}
