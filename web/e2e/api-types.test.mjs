// The types of the API's client are those of the API.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { typesOf } from '../scripts/api-types.mjs';
import { api } from './browser.mjs';

test('the types in src/lib/api-types.ts are made from what the binary says', async () => {
  const kept = await readFile(new URL('../src/lib/api-types.ts', import.meta.url), 'utf8');
  assert.equal(kept, typesOf(await api('/openapi.json')));
});
