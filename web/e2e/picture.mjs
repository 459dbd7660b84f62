// node e2e/picture.mjs FILE [CLIENT]: the picture of the screen in the README, from the server at
// CLAIRSCORE_URL.

import { goto, startBrowser } from './browser.mjs';

const [file, client] = process.argv.slice(2);
if (!file) throw new Error('usage: node e2e/picture.mjs FILE [CLIENT]');

const browser = await startBrowser();
const { page, close } = await browser.open({ width: 1366, height: 1390 });
await goto(page, client ? `/?client=${client}` : '/', client);
await page.screenshot({ path: file });
await close();
await browser.stop();
