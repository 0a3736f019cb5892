/** F45: a recall to fifty recipients, who acknowledges and who is overdue, and what a copy elsewhere becomes. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recallOf } from '#kit/stix/recall';
import { asHub } from '#world/db/scope';
import { applyRecall, insertCollection, newUuid, tendRecalls } from '#modules/exchange/index';
import { recallActions } from '../../src/modules/exchange/actions/recalls.ts';
import { collectionsOf, sourceNamed } from '../../src/modules/exchange/store/collections.ts';
import { take } from '../../src/modules/exchange/store/log.ts';
import { tombstonesIn } from '../../src/modules/exchange/store/recalls.ts';
import { rankOf } from '../../src/modules/exchange/rules/tlp.ts';
import { callerOf, indicator, offered, openShelf, uuidAt } from '../../src/modules/exchange/testing.ts';
import { testHub, type TestHub } from '../hub.ts';

const at = { hub: null as TestHub | null };
const hub = (): TestHub => at.hub as TestHub;
beforeAll(async () => { at.hub = await testHub(); }, 60_000);
afterAll(async () => {
  expect(hub().trace.lines.filter((l) => l.level === 'error')).toEqual([]);
  await at.hub?.close();
});

const recipients = Array.from({ length: 50 }, (_, i) => `org_r${String(i).padStart(2, '0')}`);

describe('a recall to fifty recipients', () => {
  test('forty-eight acknowledge, two are shown overdue, and only their next sync begins with the note', async () => asHub('test', async () => {
    const { world } = hub();
    const acts = recallActions(world);
    const shelf = await openShelf(world.db, () => newUuid(world), { partner: recipients[0] as string });
    const colls = [shelf.shared.coll];
    for (const partner of recipients.slice(1)) {
      const made = await world.db.transaction((tx) => insertCollection(tx, {
        id: newUuid(world), kind: 'shared', title: partner, description: '', alias: null, owner: 'org_holder', agreement: `agr_${partner}`, partner,
        ceiling: 'AMBER', types: null, accepts: false, openedAt: world.clock.iso(), openedBy: 'per_one',
      }));
      colls.push(made.coll);
    }
    const source = await sourceNamed(world.db, 'org_holder', { id: 'src_own', kind: 'own', name: 'own', org: 'org_holder' }, world.clock.iso());
    const rules = (await collectionsOf(world.db, 'org_holder')).map((c) => ({ coll: c.coll, kind: c.kind, ceiling: rankOf(c.ceiling), types: c.types }));
    await world.db.transaction((tx) => take(tx, {
      scope: 'org_holder', source: source.id, creators: new Set(), own: true, rules, nowUs: () => world.clock.now() * 1000, eyes: [], by: 'per_one',
    }, [offered(indicator(1)), offered(indicator(2))]));

    const id = `indicator--${uuidAt(1)}`;
    const { recall } = await acts['recalls.begin']({ objects: [id], reason: 'It names a victim.', hours: 24 }, callerOf());
    expect(recall.counts).toEqual({ recipients: 50, acknowledged: 0, outstanding: 50, overdue: 0 });
    for (const [i, org] of recipients.entries()) {
      if (i === 7 || i === 31) continue;
      await acts['recalls.acknowledge']({ recall: recall.id, said: 'removed', note: '', remove: false }, callerOf(org));
    }
    world.clock.advance(24 * 3_600_000);
    await tendRecalls(world);
    await tendRecalls(world);
    const after = (await acts['recalls.view']({ recall: recall.id }, callerOf())).recall;
    expect(after.counts).toEqual({ recipients: 50, acknowledged: 48, outstanding: 0, overdue: 2 });
    expect(after.recipients.slice(0, 3).map((r) => [r.org, r.state])).toEqual([['org_r07', 'overdue'], ['org_r31', 'overdue'], ['org_r00', 'acknowledged']]);

    for (const [i, org] of recipients.entries()) {
      const stones = await tombstonesIn(world.db, org, colls[i] as number, 10);
      expect(stones.map((s) => s.objects)).toEqual(i === 7 || i === 31 ? [[id]] : []);
      // Nobody learns of another.
      const mine = (await acts['recalls.received']({ state: 'all' }, callerOf(org))).items;
      expect(mine.map((r) => r.objects.map((o) => o.id))).toEqual([[id]]);
      expect(JSON.stringify(mine)).not.toMatch(new RegExp(recipients.filter((o) => o !== org).join('|')));
    }
    const { rows } = await sql<{ fact: { body: { recipient: string } } }>`select fact from facts_outbox where class = 'recall.overdue'`.execute(
      world.db.as<object>());
    expect(rows.map((r) => r.fact.body.recipient).sort()).toEqual(['org_r07', 'org_r31']);
  }));

  test('a recall that came from another server destroys what came by its source, once, and nothing that came otherwise', async () => asHub('test', async () => {
    const { world } = hub();
    const [here, there] = [
      await sourceNamed(world.db, 'org_holder', { id: 'src_peer', kind: 'taxii', name: 'peer', org: null }, world.clock.iso()),
      await sourceNamed(world.db, 'org_holder', { id: 'src_other', kind: 'taxii', name: 'other', org: null }, world.clock.iso()),
    ];
    const rules = (await collectionsOf(world.db, 'org_holder')).map((c) => ({ coll: c.coll, kind: c.kind, ceiling: rankOf(c.ceiling), types: c.types }));
    const taking = { scope: 'org_holder', creators: new Set<string>(), own: false, rules, nowUs: () => world.clock.now() * 1000, eyes: [], by: 'per_one' };
    await world.db.transaction((tx) => take(tx, { ...taking, source: here.id }, [offered(indicator(11))]));
    await world.db.transaction((tx) => take(tx, { ...taking, source: there.id }, [offered(indicator(12))]));
    const recall = {
      scope: 'org_holder', source: here.id, objects: [`indicator--${uuidAt(11)}`, `indicator--${uuidAt(12)}`, `indicator--${uuidAt(99)}`],
      reason: 'Called back at its source.', acknowledgeBy: '2099-01-01T00:00:00.000Z', by: 'system',
    };
    expect(await applyRecall(world, recall)).toBe(1);
    expect(await applyRecall(world, recall)).toBe(0);
    const again = await world.db.transaction((tx) => take(tx, { ...taking, source: here.id }, [offered(indicator(11)), offered(indicator(12))]));
    expect(again.verdicts.map((v) => v.outcome)).toEqual(['duplicate', 'duplicate']);
    const { rows } = await sql<{ bodies: string; words: string; atoms: string }>`select
      (select count(body) from exchange_version v join exchange_object o on o.obj = v.obj where o.stix_id = ${recall.objects[0]}) as bodies,
      (select count(*) from exchange_doc d join exchange_object o on o.obj = d.obj where o.stix_id = ${recall.objects[0]}) as words,
      (select count(*) from exchange_atom a join exchange_object o on o.obj = a.obj where o.stix_id = ${recall.objects[0]}) as atoms`
      .execute(world.db.as<object>());
    expect(rows.map((r) => [Number(r.bodies), Number(r.words), Number(r.atoms)])).toEqual([[0, 0, 0]]);
  }));
});

describe('over TAXII', () => {
  test('the note is read back by a program, bears the label, and keeps the page in its bounds and its order', async () => {
    const [lan, keller] = [await hub().as('per_lan'), await hub().as('per_keller')];
    const objects = Array.from({ length: 5 }, (_, i) => indicator(100 + i));
    await hub().ask('POST', '/api/threats/imports?source=own', JSON.stringify(objects), { cookie: lan });
    const opened = await hub().ask('POST', '/api/collections', { agreement: 'agr_kestrel', ceiling: 'GREEN', title: 'For Kestrel', alias: 'kes' },
      { cookie: lan });
    expect(opened.status, opened.text).toBe(201);
    await hub().ask('POST', '/api/recalls', { objects: [objects[0]?.['id'], objects[1]?.['id']], reason: 'Over-shared.' }, { cookie: lan });
    const page = async (query: string) => {
      const answer = await hub().ask('GET', `/taxii2/agr_kestrel/collections/kes/objects/${query}`, undefined, { cookie: keller });
      return { ...answer.json<{ objects: Record<string, unknown>[]; more?: boolean; next?: string }>(), headers: answer.headers };
    };
    const first = await page('?limit=2');
    expect(first.objects.map((o) => o['type'])).toEqual(['note', 'indicator']);
    expect(recallOf(first.objects[0])?.objects).toEqual([objects[0]?.['id'], objects[1]?.['id']]);
    expect(first.objects[0]?.['object_marking_refs']).toEqual(['marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb']);
    // The place in the log is that of the entries; the page that goes on has none.
    expect(first.headers.get('x-taxii-date-added-first')).toBe(first.headers.get('x-taxii-date-added-last'));
    const rest = await page(`?limit=2&next=${encodeURIComponent(first.next as string)}`);
    expect(rest.objects.map((o) => o['id'])).toEqual([objects[3], objects[4]].map((o) => o?.['id']));
    const after = await page(`?added_after=${rest.headers.get('x-taxii-date-added-last') ?? ''}`);
    expect(after.objects.map((o) => o['type'])).toEqual(['note']);
    expect((await page(`?match[id]=${String(objects[1]?.['id'])}`)).objects.map((o) => o['type'])).toEqual(['note']);
    expect((await page(`?match[id]=${String(objects[2]?.['id'])}`)).objects.map((o) => o['type'])).toEqual(['indicator']);
    // It is the holder's own that is called back: its own library shows it still, and no note.
    const own = await hub().ask('GET', '/taxii2/own/collections/', undefined, { cookie: lan });
    const library = own.json<{ collections: { id: string; title: string }[] }>().collections.find((c) => c.title === 'library');
    const held = await hub().ask('GET', `/taxii2/own/collections/${library?.id ?? ''}/objects/`, undefined, { cookie: lan });
    expect(held.json<{ objects: Record<string, unknown>[] }>().objects.filter((o) => o['type'] === 'note')).toEqual([]);
  });
});
