import { defineConfig } from 'vitest/config';

// No isolation: there is no module-level state, so files may share one process, which is what keeps the loop short.
export default defineConfig({
  resolve: { conditions: ['dev'] },
  ssr: { resolve: { conditions: ['dev', 'node', 'import', 'module', 'default'] } },
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.fuzz.ts', 'test/**/*.test.ts'],
    exclude: ['test/ci/**', 'test/conformance/**', 'node_modules/**', 'dist/**'],
    isolate: false,
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
