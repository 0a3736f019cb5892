// The tests of one tier (scripts/tests.mjs names it): `test` runs on any clone, `conformance` reads third-party data beside
// the clone, `ci` wants PostgreSQL and more. No isolation: there is no module-level state, so files may share a process.
import { defineConfig } from 'vitest/config';

const tiers = {
  test: { include: ['src/**/*.test.ts', 'src/**/*.fuzz.ts', 'test/**/*.test.ts'], exclude: ['test/ci/**', 'test/conformance/**'] },
  conformance: { include: ['test/conformance/**/*.test.ts'], exclude: [] },
  // What takes its turns on any clone runs again there, in its full counts.
  ci: {
    include: [
      'test/ci/**/*.test.ts', 'src/kit/bundle/{flip,tamper}.test.ts', 'test/browser/{pages,journeys}.test.ts', 'test/access/{hostile,one-gate}.test.ts',
    ],
    // Takes minutes by itself: with the full counts alone.
    exclude: process.env['FULL'] === 'yes' ? [] : ['test/ci/shards-whole.test.ts'],
  },
};
const tier = tiers[(process.env['TIER'] ?? 'test') as keyof typeof tiers];

export default defineConfig({
  resolve: { conditions: ['dev'] },
  ssr: { resolve: { conditions: ['dev', 'node'] } },
  test: {
    include: tier.include,
    exclude: [...tier.exclude, 'node_modules/**', 'dist/**'],
    isolate: false,
    pool: 'threads',
    maxWorkers: 2,
    setupFiles: ['test/seed.ts'],
    // No test asserts wall time: these only end what hangs, and leave room for a machine that is busy.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    passWithNoTests: false,
  },
});
