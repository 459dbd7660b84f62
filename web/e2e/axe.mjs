// axe-core's rules (WCAG 2.2 A and AA, and good practice) on a page as it stands.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Fails with every violation. */
export async function assertAccessible(page, what) {
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
