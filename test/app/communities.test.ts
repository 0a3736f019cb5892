/** F46: members of a blind community read what each of them adds and learn of no other; who is none learns nothing at all. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asHub } from '#world/db/scope';
import { insertCollection, newUuid } from '#modules/exchange/index';
import { communityActions } from '../../src/modules/exchange/actions/communities.ts';
import { deliver } from '../../src/modules/exchange/actions/intake.ts';
import { reachInto, wholeReach } from '../../src/modules/exchange/gate.ts';
import { ownCollections, sourceNamed, type CollectionRecord } from '../../src/modules/exchange/store/collections.ts';
import { objectWithin } from '../../src/modules/exchange/store/objects.ts';
import { pageOf } from '../../src/modules/exchange/store/reading.ts';
import { callerOf, holder, indicator, uuidAt } from '../../src/modules/exchange/testing.ts';
import { testHub, type TestHub } from '../hub.ts';

const at = { hub: null as TestHub | null };
const hub = (): TestHub => at.hub as TestHub;
beforeAll(async () => { at.hub = await testHub(); }, 60_000);
afterAll(async () => {
  expect(hub().trace.lines.filter((l) => l.level === 'error')).toEqual([]);
  await at.hub?.close();
});

const members = Array.from({ length: 5 }, (_, i) => `org_member${i}`);
const all = { ids: null, types: null, specs: [20, 21], versions: { all: true, last: false, first: false, moments: [] } };

async function circle(id: string): Promise<CollectionRecord[]> {
  const { world } = hub();
  return asHub('a circle for tests', () => world.db.transaction(async (tx) => {
    await ownCollections(tx, holder, () => newUuid(world), 'per_one', world.clock.iso());
    const parts: CollectionRecord[] = [];
    for (const partner of members) {
      parts.push(await insertCollection(tx, {
        id: newUuid(world), kind: 'shared', title: 'Circle', description: '', alias: null, owner: holder, agreement: `agr_${partner}`, partner,
        ceiling: 'GREEN', types: null, accepts: true, openedAt: world.clock.iso(), openedBy: 'per_one', community: id,
      }));
    }
    return parts;
  }));
}

async function adds(into: CollectionRecord, objects: readonly Readonly<Record<string, unknown>>[]) {
  const { world } = hub();
  const org = into.partner as string;
  return asHub('a member adds', async () => {
    const source = await sourceNamed(world.db, holder, { id: world.ids.next('src'), kind: 'partner', name: org, org }, world.clock.iso());
    return deliver(world, { scope: holder, source, actor: { person: `per_${org}`, org }, clauses: [], own: false, into, unmarked: 'GREEN' },
      (async function* each() {
        for (const [i, value] of objects.entries()) yield { place: `object ${i}`, value, body: JSON.stringify(value) };
      })());
  });
}

const read = async (collection: CollectionRecord): Promise<string[]> => asHub('a member reads', async () => {
  const { reach, collection: c } = await reachInto(hub().world.db, callerOf(collection.partner as string), collection.id);
  return (await pageOf(hub().world.db, reach, c, { after: -1, limit: 100, ...all }, true)).rows.map((r) => r.id).sort();
});

describe('a blind community', () => {
  test('what a member adds goes to all of them in one transaction, whoever had it first, and its newer versions follow', async () => {
    const parts = await circle('com_one');
    const [first, second] = parts as [CollectionRecord, CollectionRecord];
    const one = indicator(1);
    expect((await adds(first, [one])).counts).toMatchObject({ accepted: 1 });
    // The same of another member is no news to it, and nothing that tells of the first.
    const again = await adds(second, [one]);
    expect(again.counts).toMatchObject({ duplicate: 1, refused: 0, quarantined: 0 });
    expect(again.lines).toEqual([]);
    const newer = { ...one, modified: '2025-02-01T00:00:00.000Z' };
    expect((await adds(first, [newer])).counts).toMatchObject({ accepted: 1 });
    for (const part of parts) expect(await read(part)).toEqual([`indicator--${uuidAt(1)}`, `indicator--${uuidAt(1)}`]);
  });

  test('what would tell who made it is refused with what to leave out, of its holder it is taken', async () => {
    const [first, second] = await circle('com_two') as [CollectionRecord, CollectionRecord];
    const named = { ...indicator(2), created_by_ref: `identity--${uuidAt(9)}` };
    const identity = { type: 'identity', spec_version: '2.1', id: `identity--${uuidAt(9)}`, created: '2025-01-01T00:00:00.000Z',
      modified: '2025-01-01T00:00:00.000Z', name: 'Bank of the South' };
    const report = await adds(first, [named, identity]);
    expect(report.counts).toMatchObject({ accepted: 0, refused: 2 });
    expect(report.lines.map((l) => l.text)).toEqual([expect.stringContaining('leave out created_by_ref'), expect.stringContaining('no identity')]);
    expect(await read(second)).toEqual([]);
  });

  test('a member reads its own part alone: nothing that it can ask names another, its number, or the community', async () => {
    const parts = await circle('com_three');
    await adds(parts[0] as CollectionRecord, [indicator(3)]);
    const [, me] = parts as [CollectionRecord, CollectionRecord];
    await asHub('a member asks', async () => {
      const { db } = hub().world;
      const caller = callerOf(me.partner as string);
      const reach = await wholeReach(db, caller);
      expect(reach.open.filter((c) => c.title === 'Circle' && c.community === 'com_three').map((c) => c.id)).toEqual([me.id]);
      for (const other of parts.filter((p) => p.id !== me.id)) {
        await expect(reachInto(db, caller, other.id)).rejects.toMatchObject({ code: 'collection.not-found' });
      }
      expect(await objectWithin(db, reach, me.partner as string, `indicator--${uuidAt(3)}`)).toMatchObject({ scope: holder });
      expect((await communityActions(hub().world)['communities.list']({}, caller)).items).toEqual([]);
    });
  });

  test('who is no member and asks for hundreds of numbers has byte-equal answers for those that there are and those that never were', async () => {
    const parts = await circle('com_four');
    await adds(parts[0] as CollectionRecord, [indicator(4)]);
    const cookie = await hub().as('per_rivera');
    const answer = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<string> => {
      const r = await hub().ask(method, path, body, { cookie });
      const headers = [...r.headers].filter(([name]) => name !== 'date' && name !== 'x-trace-id');
      return JSON.stringify([r.status, headers, r.text]);
    };
    const ids = [...parts.map((p) => p.id), ...Array.from({ length: 75 }, () => randomUUID())];
    const object = `indicator--${uuidAt(4)}`;
    const paths = [
      (id: string) => ['GET', `/api/collections/${id}/retractions`] as const, (id: string) => ['GET', `/taxii2/agr_meridian/collections/${id}/`] as const,
      (id: string) => ['GET', `/taxii2/agr_meridian/collections/${id}/objects/`] as const,
      (id: string) => ['POST', `/api/collections/${id}/objects`, { objects: [object] }] as const,
      (id: string) => ['GET', `/api/threats?collection=${id}`] as const,
    ];
    for (const path of paths) {
      const answers = new Set<string>();
      for (const id of ids) {
        const [method, url, body] = path(id);
        answers.add((await answer(method, url, body)).replaceAll(id, 'ID'));
      }
      expect(answers.size, path(ids[0] as string).join(' ')).toBe(1);
    }
    // The community's own number, and the object in it.
    const known = new Set<string>();
    for (const id of ['com_four', ...Array.from({ length: 20 }, () => `com_${randomUUID().slice(0, 4)}`)]) {
      known.add((await answer('POST', `/api/communities/${id}/close`, { reason: 'Probing.' })).replaceAll(id, 'ID'));
    }
    for (const id of [object, ...Array.from({ length: 20 }, () => `indicator--${randomUUID()}`)]) {
      known.add((await answer('GET', `/api/threats/${id}`)).replaceAll(id, 'ID'));
    }
    expect(known.size).toBeLessThanOrEqual(2);
  });
});
