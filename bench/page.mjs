#!/usr/bin/env node
// From asking for the page to its first complete view, in headless Chromium with an empty profile.
//
// usage: page.mjs BINARY [RUNS]      serves the demonstration on free loopback ports
//
// Prints the median, the least and the greatest of the runs. Each run opens a new browser context:
// no cache is warm but the operating system's. The playwright-core of web/ drives the browser.
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
  await browser.close();
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  console.log(`first complete page: median ${median.toFixed(0)} ms, least ${times[0].toFixed(0)}, greatest ${times.at(-1).toFixed(0)} (${times.length} runs)`);
} finally {
  server.kill('SIGTERM');
}
