// A Chromium of its own for each test file, and pages that notice what must never happen: messages on
// the console, exceptions, violations of the content security policy, requests to other hosts.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

export const base = process.env['CLAIRSCORE_URL'] ?? '';
if (base === '')
  throw new Error('CLAIRSCORE_URL is not set; use npm run e2e -- path/to/clairscore');

const executable = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
if (!existsSync(executable)) throw new Error(`no ${executable}; install chromium or set CHROMIUM`);

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a browser; `stop` ends it and removes its profile. */
export async function startBrowser() {
  const profile = await mkdtemp(join(tmpdir(), 'clairscore-e2e-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: executable,
    args: FLAGS,
    locale: 'fr-FR',
  });
  browser.setDefaultTimeout(10_000);
  return {
    open: (options) => openPage(browser, options),
    stop: async () => {
      await browser.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/**
 * A page and the problems seen on it. `expected` are texts that a message may contain, for tests that
 * provoke failures: Chromium reports every failed request on the console. `origin`: whom it may ask.
 */
async function openPage(
  browser,
  { width = 1366, height = 900, expected = [], origin = base } = {},
) {
  const page = await browser.newPage();
  await page.setViewportSize({ width, height });
  const problems = [];
  const report = (problem) => {
    if (!expected.some((text) => problem.includes(text))) problems.push(problem);
  };
  page.on('console', (message) => report(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => report(`exception: ${error.message}`));
  page.on('request', (request) => {
    if (request.url().startsWith('blob:')) return;
    if (new URL(request.url()).origin !== origin) report(`request to ${request.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return {
    page,
    /** Closes the page; fails if anything was wrong on it. */
    async close() {
      await page.close();
      assert.deepEqual(problems, []);
    },
  };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return String(port);
}

/** The binary that is tested; nothing where only a server is given. */
export const binary = process.env['CLAIRSCORE_BINARY'];

/**
 * Where a server of a test's own will listen. `start` runs the binary with these arguments, ports and
 * settings and waits for its answer; `end` ends it.
 */
export async function ownServer(args, settings = {}) {
  const [port, apiPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  let server;
  return {
    url,
    /** What it is started with from the next time on. */
    args,
    async start(path = '/readyz') {
      server = spawn(binary, [...this.args, '--port', port, '--api-port', apiPort], {
        stdio: 'ignore',
        env: { ...process.env, ...settings },
      });
      while (!(await fetch(url + path).catch(() => null))?.ok) {
        assert.equal(server.exitCode, null, 'the server ended');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async end() {
      if (server.exitCode !== null || server.signalCode !== null) return;
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

/** Waits until the view of a customer is complete; of that one if `id` is given. */
export async function ready(page, id) {
  const customer = id === undefined ? '' : `[data-customer="${id}"]`;
  await page.waitForSelector(`#app[data-ready="true"]${customer}`);
}

export async function goto(page, path, id) {
  await page.goto(base + path);
  await ready(page, id);
}

export async function api(path) {
  const response = await fetch(base + path);
  assert.equal(response.status, 200, path);
  return response.json();
}

/** Text with plain spaces, as the eye reads it. */
export const plain = (text) => text.replace(/\s+/g, ' ').trim();

export async function textOf(page, selector) {
  return plain(await page.locator(selector).innerText());
}

/** "97,6" for 97.61, with the minus of the screen. */
export const french = (value, decimals) =>
  plain(
    value
      .toLocaleString('fr-FR', {
        minimumFractionDigits: decimals,
        maximumFractionDigits: decimals,
      })
      .replace('-', '−'),
  );
