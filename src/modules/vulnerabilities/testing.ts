/** Vulnerability information for tests and benchmarks: records with no engine but their own, a caller who may what its roles say. */
import type { Caller } from '#kit/endpoint';
import { fakeClock } from '#world/clock';
import type { Db } from '#world/db/port';
import { asHub } from '#world/db/scope';
import { testDb } from '#world/db/testing';
import { idsFrom } from '#world/ids';
import { seededRandom } from '#world/random';
import { exchangeMigrations } from '#modules/exchange/index';
import { callerOf } from '../exchange/testing.ts';
import { deliverVulnerabilities, type Delivery, type Report } from './actions/intake.ts';
import type { VulnParts } from './actions/parts.ts';
import type { sourceKinds } from './model.ts';
import { vulnerabilitiesMigrations } from './store/schema.ts';
import { sourceNamed } from './store/sources.ts';

export const publisher = 'org_publisher';

export interface VulnShelf {
  readonly db: Db;
  readonly parts: VulnParts;
  /** A file from an organisation's source of that kind. */
  bring(org: string, kind: (typeof sourceKinds)[number], bytes: string | Uint8Array, more?: Partial<Delivery>): Promise<Report>;
  caller(org: string, person?: string): Caller;
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

export async function openVulnShelf(): Promise<VulnShelf> {
  const db = await testDb([...exchangeMigrations, ...vulnerabilitiesMigrations]);
  const clock = fakeClock('2026-06-15T02:00:00.000Z');
  const ids = idsFrom(clock, seededRandom('7'));
  const parts: VulnParts = { db, clock, ids, publisher: () => Promise.resolve(publisher) };
  return {
    db, parts, caller: callerOf,
    bring: (org, kind, bytes, more = {}) => asHub('a delivery of a test', async () => {
      const source = await sourceNamed(db, { id: ids.next('vsr'), scope: org, kind, name: `${kind} of ${org}` }, clock.iso());
      return deliverVulnerabilities(parts, { source, actor: { org, person: 'per_one' }, unmarked: null, through: null, ...more }, pieces(Buffer.from(bytes)));
    }),
  };
}
