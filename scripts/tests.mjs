/**
 * Runs one tier of tests after the set-up: `node scripts/tests.mjs test|conformance|ci [vitest words]`. With CI=true a
 * skipped test is a failure, since there everything that a test could want is installed. The last line counts.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [tier = 'test', ...words] = process.argv.slice(2);
await setUp({ build: true });

const scratch = mkdtempSync(join(tmpdir(), 'entente-tests-'));
const report = join(scratch, 'report.json');
const ran = spawnSync(process.execPath, [
  join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json',
  `--outputFile.json=${report}`, ...words,
], { cwd: root, stdio: 'inherit', env: { ...process.env, TIER: tier } });

let counts = { passed: 0, failed: 1, skipped: 0 };
try {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites, success } = JSON.parse(readFileSync(report, 'utf8'));
  counts = { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  if (!success && counts.failed === 0) counts.failed = Math.max(1, numFailedTestSuites);
} catch {
  process.stdout.write('The test run left no report.\n');
}
rmSync(scratch, { recursive: true, force: true });
if (process.env.CI === 'true' && counts.skipped > 0) {
  process.stdout.write(`${counts.skipped} skipped: a failure where CI=true\n`);
  counts.failed += counts.skipped;
  counts.skipped = 0;
}
if (ran.status !== 0 && counts.failed === 0) counts.failed = 1;
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}\n`);
process.exit(counts.failed > 0 ? 1 : 0);
