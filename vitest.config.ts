// The tests of one tier (scripts/tests.mjs names it): `test` runs on any clone, `conformance` reads third-party data beside
// the clone, `ci` wants PostgreSQL and more. No isolation: there is no module-level state, so files may share a process.
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

/** What takes its turns on any clone runs there in its full counts, and the stories on PostgreSQL: not twice in one run of `.ci/run`. */
const again = ['src/kit/bundle/{flip,tamper}.test.ts', 'test/browser/{pages,journeys}.test.ts', 'test/access/{hostile,one-gate}.test.ts'];
const inCi = process.env['CI'] === 'true';

const tiers = {
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.fuzz.ts', 'test/**/*.test.ts'],
    exclude: ['test/ci/**', 'test/conformance/**', ...(inCi ? [...again, 'test/flows/stories.test.ts'] : [])],
  },
  conformance: { include: ['test/conformance/**/*.test.ts'], exclude: [] },
  ci: {
    include: ['test/ci/**/*.test.ts', ...again],
    // Takes minutes by itself: with the full counts alone.
    exclude: process.env['FULL'] === 'yes' ? [] : ['test/ci/shards-whole.test.ts'],
  },
};

/** The longest first, so that no worker is alone with them at the end; the rest by size, as without this. */
const longest = [
  'ci/flows', 'access/hostile', 'ci/shards', 'ci/nothing', 'ci/lists', 'ci/simulate', 'ci/kill-ingest', 'browser/pages', 'browser/journeys', 'bundle/flip',
  'access/leaks', 'flows/stories', 'access/matrix', 'access/agreed', 'access/mandate', 'access/rows', 'app/watch', 'kit/watermark', 'simulate/simulate',
];
class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]): ReturnType<BaseSequencer['sort']> {
    const place = (file: { moduleId: string }): number => {
      const at = longest.findIndex((name) => file.moduleId.endsWith(`${name}.test.ts`));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).sort((x, y) => place(x) - place(y));
  }
}
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
    sequence: { sequencer: LongestFirst },
    setupFiles: ['test/seed.ts'],
    // No test asserts wall time: these only end what hangs, and leave room for a machine that is busy.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    passWithNoTests: false,
  },
});
