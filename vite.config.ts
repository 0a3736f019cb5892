/**
 * Bundles the web to dist/web: hashed files, no inline script, nothing from another host, the same bytes for the same
 * sources. `vite` alone serves the sources and passes the hub's paths on to a running hub.
 */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const hub = 'http://127.0.0.1:8080';

// A tool's configuration has to be a default export.
export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['dev', 'module', 'browser', 'development|production'] },
  build: {
    outDir: 'dist/web',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    chunkSizeWarningLimit: 700,
  },
  server: { port: 5173, strictPort: true, proxy: { '/api': hub, '/healthz': hub, '/ledger/': hub, '/map.json': hub } },
});
