// A Chromium of its own for each test file, and pages that notice what must never happen: messages on
// the console, exceptions, violations of the content security policy, requests to other hosts.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
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
 * provoke failures: Chromium reports every failed request on the console.
 */
async function openPage(browser, { width = 1366, height = 900, expected = [] } = {}) {
  const page = await browser.newPage();
  await page.setViewportSize({ width, height });
  const problems = [];
  const report = (problem) => {
    if (!expected.some((text) => problem.includes(text))) problems.push(problem);
  };
  page.on('console', (message) => report(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => report(`exception: ${error.message}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== base) report(`request to ${request.url()}`);
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
