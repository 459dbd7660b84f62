// node e2e/measure.mjs [changes]: how fast the screen is against the server at CLAIRSCORE_URL, as one
// line of JSON. The first page is from navigation to complete, in a new browser without a cache; a
// change is from the key to complete: to the next customer (fetched ahead) and to one far away.

import { performance } from 'node:perf_hooks';

import { api, base, ready, startBrowser } from './browser.mjs';

const changes = Number(process.argv[2] ?? 40);
const rounded = (value) => Math.round(value * 10) / 10;
const quantile = (values, q) => {
  const sorted = [...values].sort((a, b) => a - b);
  return rounded(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]);
};
const summary = (values) => ({
  p50_ms: quantile(values, 0.5),
  p95_ms: quantile(values, 0.95),
  n: values.length,
});

const ids = (await api('/customers')).customer_ids;

async function firstPage() {
  const browser = await startBrowser();
  const { page, close } = await browser.open();
  const start = performance.now();
  await page.goto(`${base}/`, { waitUntil: 'commit' });
  await ready(page);
  const took = performance.now() - start;
  await close();
  await browser.stop();
  return took;
}

/** Times a change in the page itself, to the moment the view is complete: to `id`, else to the next. */
function timeChange(page, id) {
  return page.evaluate(
    (wanted) =>
      new Promise((resolve) => {
        const root = document.querySelector('#app');
        const start = performance.now();
        new MutationObserver((_, observer) => {
          if (root.dataset.ready !== 'true') return;
          observer.disconnect();
          resolve(performance.now() - start);
        }).observe(root, { attributes: true, attributeFilter: ['data-ready'] });
        if (wanted === null) {
          document.querySelector('.steps button:last-of-type').click();
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

const first = [];
for (let i = 0; i < 5; i += 1) first.push(await firstPage());

const browser = await startBrowser();
const { page, close } = await browser.open();
await page.goto(`${base}/`);
await ready(page);
const next = [];
const far = [];
for (let i = 0; i < changes; i += 1) {
  next.push(await timeChange(page, null));
  await page.waitForTimeout(60);
  const place = Math.floor(((i + 0.5) / changes) * ids.length);
  far.push(await timeChange(page, String(ids[place])));
  await page.waitForTimeout(60);
}
await close();
await browser.stop();
console.log(JSON.stringify({ first_page: summary(first), next: summary(next), far: summary(far) }));
