// What everyone must be able to use: axe-core's rules, the keyboard, small and large windows.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { api, goto, ready, startBrowser } from './browser.mjs';

let browser;
let ids;
let axe;

before(async () => {
  browser = await startBrowser();
  ids = (await api('/customers')).customer_ids;
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
});

after(() => browser.stop());

/** Fails with every violation of axe's rules (WCAG 2.2 A and AA, and good practice). */
async function assertAccessible(page, what) {
  // Evaluated by the debugger, not loaded by the page: the content policy does not concern it.
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const results = await globalThis.axe.run(document, { resultTypes: ['violations'] });
    return results.violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map((node) => `${node.target.join(' ')}: ${node.failureSummary}`),
    }));
  });
  assert.deepEqual(violations, [], what);
}

/** Opens whatever is folded. */
async function openTables(page) {
  await page.evaluate(() => {
    for (const summary of document.querySelectorAll('details:not([open]) > summary'))
      summary.click();
  });
  await page.locator('details:not([open])').first().waitFor({ state: 'detached' });
}

const EVERYTHING = 'open=gauge,bivariate,waterfall,importance,dependence,model&list=open';

for (const language of ['fr', 'en']) {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1366, 320]) {
      test(`axe finds nothing in ${language}, ${colorScheme}, at ${width} px`, async () => {
        const { page, close } = await browser.open({ width });
        await page.emulateMedia({ colorScheme });
        await goto(page, `/?client=${ids[0]}&lang=${language}`, ids[0]);
        await assertAccessible(page, 'the file');

        await goto(
          page,
          `/?client=${ids[1]}&lang=${language}&${EVERYTHING}&distribution=CODE_GENDER&filter=AMT_CREDIT:..300000`,
          ids[1],
        );
        // The tables behind the charts: the sections themselves are open already.
        await openTables(page);
        await assertAccessible(page, 'everything open');

        await goto(
          page,
          `/?client=${ids[1]}&lang=${language}&open=importance,dependence&importance=picture&dependence=OCCUPATION_TYPE`,
          ids[1],
        );
        await assertAccessible(page, 'the shipped picture, the effect of a text');

        await page.locator('#picker-input').click();
        await page.locator('#picker-list [role=option]').first().waitFor();
        await assertAccessible(page, 'list of customers');
        await page.keyboard.press('Escape');

        await page.locator('#customer-heading').click();
        await page.keyboard.press('?');
        await page.getByRole('dialog').waitFor();
        await assertAccessible(page, 'help');
        await close();
      });
    }
  }
}

test('axe finds nothing on a refused customer and on an unknown one', async () => {
  const { page, close } = await browser.open({ expected: ['404'] });
  let refused;
  for (const id of ids.slice(0, 500)) {
    const score = await api(`/customer/${id}/score`);
    if (score.decision !== 'refused') continue;
    refused = id;
    break;
  }
  assert.notEqual(refused, undefined);
  await goto(page, `/?client=${refused}`, refused);
  await assertAccessible(page, 'unfavourable advice');
  await page.goto(page.url().replace(/client=.*/, 'client=7'));
  await page.getByRole('alert').waitFor();
  await assertAccessible(page, 'unknown customer');
  await close();
});

for (const width of [320, 480, 768, 1024, 1366, 1600]) {
  test(`nothing overflows at ${width} px`, async () => {
    const { page, close } = await browser.open({ width });
    for (const language of ['fr', 'en']) {
      await goto(page, `/?client=${ids[0]}&lang=${language}&${EVERYTHING}`, ids[0]);
      await openTables(page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${wide} px in ${language}`);
    }
    await close();
  });
}

test('Tab reaches every control in the order of the page, each with a visible focus', async () => {
  const { page, close } = await browser.open();
  await goto(page, `/?client=${ids[1]}`, ids[1]);
  const reached = [];
  for (let i = 0; i < 40; i += 1) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const style = getComputedStyle(element);
      return {
        name: `${element.tagName} ${element.getAttribute('role') ?? ''} ${element.id}`,
        top: element.getBoundingClientRect().top + scrollY,
        outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
      };
    });
    if (!focus) break;
    assert.ok(focus.outlined, `${focus.name} shows no focus`);
    reached.push(focus.name);
  }
  const count = (pattern) => reached.filter((name) => pattern.test(name)).length;
  assert.equal(count(/combobox/), 1);
  // Two lists, two arrows, two languages, theme, print and help.
  assert.equal(count(/^BUTTON {2}/), 9);
  assert.equal(count(/^SELECT/), 1);
  assert.equal(count(/^A /), 5 + 2);
  assert.equal(count(/^SUMMARY/), await page.locator('summary').count());
  await close();
});

test('nothing moves when reduced motion is asked for', async () => {
  const { page, close } = await browser.open();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(`**/api/v1/customers/${ids[0]}`, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${process.env['CLAIRSCORE_URL']}/?client=${ids[0]}`);
  await page.locator('.block').first().waitFor();
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  release();
  await ready(page, ids[0]);
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  await close();
});
