import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// `npm run dev` serves the sources and sends API calls to a running binary.
const api = process.env['CLAIRSCORE_URL'] ?? 'http://127.0.0.1:7860';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    // The binary serves the screen under `default-src 'self'`: nothing inline, not even small images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
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
