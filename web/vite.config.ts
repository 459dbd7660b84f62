import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';

import type { GetManualChunk } from 'rollup';
import { defineConfig } from 'vite';

/**
 * Whatever the first page needs is one file, parts that come later take from it what they share with
 * it: left to itself, Rollup makes a dozen small files of the latter, and as many requests.
 */
function firstPage(entry: string): GetManualChunk {
  let needed: Set<string> | undefined;
  return (id, { getModuleInfo }) => {
    if (!needed) {
      needed = new Set([entry]);
      for (const one of needed)
        getModuleInfo(one)?.importedIds.forEach((next) => needed?.add(next));
    }
    return needed.has(id) ? 'index' : undefined;
  };
}

// `npm run dev` serves the sources and sends API calls to a running binary.
const api = process.env['CLAIRSCORE_URL'] ?? 'http://127.0.0.1:7860';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    // The binary serves the screen under `default-src 'self'`: nothing inline, not even small images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Seven percent smaller than what esbuild leaves.
    minify: 'terser',
    terserOptions: { module: true, ecma: 2020, compress: { passes: 2 } },
    reportCompressedSize: true,
    rollupOptions: {
      output: {
        manualChunks: firstPage(fileURLToPath(new URL('src/main.ts', import.meta.url))),
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/customer', '/customers', '/features', '/shap', '/livez', '/readyz'].map((path) => [
        path,
        api,
      ]),
    ),
  },
});
