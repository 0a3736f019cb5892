/**
 * GR-03 in full: 10,000 requests that nearly hold, put to our decision and to Cedar's; GR-05 on PostgreSQL. Seeds
 * are printed, and can be given.
 */
import { expect, test } from 'vitest';
import { compare } from '../oracle/differential.ts';
import { compareLists, rowsMigration } from '../oracle/rows.ts';
import { startPostgres } from './postgres.ts';

test('our decision is Cedar’s on 10,000 requests, with the same grants', () => {
  const seed = Number(process.env['SEED'] ?? 20_260_601);
  const { asked, allowed, differences } = compare(seed, 10_000);
  process.stdout.write(`decide: seed ${seed}, ${allowed} of ${asked} allowed\n`);
  expect(differences.slice(0, 3)).toEqual([]);
  expect(asked).toBe(10_000);
  expect(allowed / asked).toBeGreaterThan(0.3);
  expect(allowed / asked).toBeLessThan(0.5);
  // Cedar takes a millisecond or two each, and many times that on a machine that is shared.
}, 900_000);

test('GR-05: 5,000 rows, 40 askers, six kinds of list on PostgreSQL: each is the filter of all by the decision', async () => {
  const server = await startPostgres();
  const db = await server.open('rows', [rowsMigration]);
  try {
    const seed = Number(process.env['SEED'] ?? 20_260_601);
    const seen = await compareLists(db, seed, { rows: 5000, askers: 40 });
    process.stdout.write(`rows: seed ${seed}, ${seen} rows seen\n`);
    expect(seen).toBeGreaterThan(2000);
  } finally {
    await db.close();
    await server.stop();
  }
}, 600_000);
