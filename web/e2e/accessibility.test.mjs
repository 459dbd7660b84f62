// What everyone must be able to use: axe-core's rules, the keyboard, small and large windows.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertAccessible } from './axe.mjs';
import { api, goto, ready, startBrowser } from './browser.mjs';

let browser;
let ids;

before(async () => {
  browser = await startBrowser();
  ids = (await api('/customers')).customer_ids;
});

after(() => browser.stop());

/** Tables behind charts, closed; the sections of the page are opened by its address. */
const TABLES = 'details:not([open], .part > details, .gauge > details)';

async function openTables(page) {
  await page.evaluate((tables) => {
    for (const summary of document.querySelectorAll(`${tables} > summary`)) summary.click();
  }, TABLES);
  await page.locator(TABLES).first().waitFor({ state: 'detached' });
}

const EVERYTHING = 'open=gauge,bivariate,waterfall,importance,dependence,model&list=open';

for (const language of ['fr', 'en']) {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1366, 768, 320]) {
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
        for (const [input, control] of [
          ['NAME_INCOME_TYPE', '#filter-value'],
          ['AMT_CREDIT', '#filter-from'],
        ]) {
          await page.locator('#filter-input').selectOption(input);
          await page.locator(control).waitFor();
          await assertAccessible(page, `a filter on ${input}`);
        }

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

test('axe finds nothing while the service is away or something fails', async () => {
  const { page, close } = await browser.open({
    expected: ['503', '500', 'ERR_CONNECTION_REFUSED'],
  });
  const API = /\/(customers?|features|shap|api|readyz)(\/|\?|$)/;
  const states = {
    'a start': (route) => route.fulfill({ status: 503, json: { step: 'reading the model' } }),
    'a server that is gone': (route) => route.abort('connectionrefused'),
    'an error': (route) => route.fulfill({ status: 500, json: { detail: 'disk full' } }),
  };
  for (const [what, answer] of Object.entries(states)) {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await page.route(API, answer);
      await page.goto(`${process.env['CLAIRSCORE_URL']}/?client=${ids[0]}`);
      await page.locator('main .card').first().waitFor();
      await page
        .getByText(/démarre|ne répond pas|disk full/)
        .first()
        .waitFor();
      await assertAccessible(page, what);
      await page.unroute(API);
    }
  }
  await close();
});

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

/** What is wider than its box, and so scrolls sideways in it or is cut; but for what is not seen. */
const cutOrScrolling = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter(
        (element) =>
          element.clientWidth > 0 &&
          element.scrollWidth > element.clientWidth + 1 &&
          getComputedStyle(element).overflowX !== 'visible' &&
          !element.closest('.visually-hidden, thead'),
      )
      .map((element) => `${element.tagName} ${element.className}: ${element.textContent}`),
  );

// Numbers and texts in each chart and its table, the list, the shipped picture.
const VIEWS = [
  `${EVERYTHING}&distribution=CODE_GENDER`,
  'open=importance,dependence&importance=picture&dependence=OCCUPATION_TYPE&distribution=ORGANIZATION_TYPE',
  'open=dependence&dependence=AMT_CREDIT&distribution=AMT_INCOME_TOTAL',
];

for (const width of [320, 480, 481, 600, 768, 1024, 1366, 1600]) {
  test(`nothing overflows or scrolls sideways at ${width} px, not even a table`, async () => {
    const { page, close } = await browser.open({ width });
    for (const language of ['fr', 'en']) {
      for (const view of VIEWS) {
        await goto(page, `/?client=${ids[0]}&lang=${language}&${view}`, ids[0]);
        await openTables(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${wide} px in ${language}`);
        assert.deepEqual(await cutOrScrolling(page), [], `${view} in ${language}`);
      }
    }
    await close();
  });
}

test('at 1366 px the fields of the list are one row, and stay where they are', async () => {
  const { page, close } = await browser.open();
  const fields = '.filters > .field > :last-child, #filter-input';
  const tops = () =>
    page.locator(fields).evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
  for (const language of ['fr', 'en']) {
    await goto(page, `/?client=${ids[0]}&lang=${language}&list=open`, ids[0]);
    const before = await tops();
    assert.equal(before.length, 6);
    assert.equal(new Set(before).size, 1, `${before} in ${language}`);
    for (const input of ['NAME_INCOME_TYPE', 'AMT_CREDIT']) {
      await page.locator('#filter-input').selectOption(input);
      await page.locator('button[type=submit]').waitFor();
      assert.deepEqual(await tops(), before);
    }
  }
  await close();
});

/** Every word further apart, as WCAG's success criterion 1.4.12 asks a page to bear. */
async function spreadText(page) {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      '* { line-height: 1.5 !important; letter-spacing: 0.12em !important;' +
        ' word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }',
    );
    document.adoptedStyleSheets = [sheet];
  });
}

test('at 400 % zoom and with spread text, nothing scrolls sideways or covers what is read', async () => {
  // 1280 by 1024 at 400 %.
  const { page, close } = await browser.open({ width: 320, height: 256 });
  for (const language of ['fr', 'en']) {
    await goto(page, `/?client=${ids[0]}&lang=${language}&${EVERYTHING}`, ids[0]);
    await openTables(page);
    await spreadText(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 320, `${wide} px in ${language}`);
    // Nothing stays in place over the text.
    const fixed = await page.evaluate(() =>
      [...document.querySelectorAll('body *')]
        .filter((element) => ['fixed', 'sticky'].includes(getComputedStyle(element).position))
        .filter((element) => !element.closest('[data-scrolls], [role=dialog]'))
        .map((element) => element.tagName),
    );
    assert.deepEqual(fixed, []);
    // The dialogs and the list of customers fit, or scroll within the window.
    await page.locator('#customer-heading').click();
    await page.keyboard.press('?');
    const box = await page.getByRole('dialog').boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 320 && box.height <= 256, JSON.stringify(box));
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.press('ArrowDown');
    const list = await page.locator('#picker-list').boundingBox();
    assert.ok(list.x >= 0 && list.x + list.width <= 320, JSON.stringify(list));
  }
  await close();
});

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
