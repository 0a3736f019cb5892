/** GR-05 on the embedded engine and a sample; the 5,000 rows and 40 askers run on PostgreSQL (test/ci/decide.test.ts). */
import { expect, test } from 'vitest';
import { testDb } from '#world/db/testing';
import { compareLists, rowsMigration } from './rows.ts';

test('list, count, pages, search, facets and export are the filter of all rows by the decision', async () => {
  const db = await testDb([rowsMigration]);
  try {
    expect(await compareLists(db, 5, { rows: 300, askers: 15 })).toBeGreaterThan(100);
  } finally {
    await db.close();
  }
});
