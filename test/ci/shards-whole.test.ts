/**
 * The landscape's own tests once more with their events on two ClickHouse servers: every suite that asks an engine, each with a database
 * of its own. With the full counts alone (`npm run check -- shards-whole`), since they take their time.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startShards, type Shards } from './clickhouse.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const suites = [
  'src/modules/landscape', 'test/app/scores.test.ts', 'test/app/exposures.test.ts', 'test/app/sources.test.ts', 'test/app/succession.test.ts',
];
const at = { shards: null as Shards | null };

describe('the landscape’s own tests on two ClickHouse servers', () => {
  beforeAll(async () => { at.shards = await startShards(); }, 300_000);
  afterAll(() => at.shards?.stop());

  test('all pass', () => {
    const ran = spawnSync('npx', ['vitest', 'run', '--reporter=dot', ...suites], {
      cwd: root, encoding: 'utf8', maxBuffer: 64 * 2 ** 20,
      env: { ...process.env, TIER: 'test', FULL: '', TEST_EVENTS_URL: at.shards?.url ?? '' },
    });
    expect(ran.status, `${ran.stdout}\n${ran.stderr}`.slice(-20_000)).toBe(0);
  }, 1_800_000);
});
