/**
 * Three hubs that know nothing of each other: a centre, a vendor and another centre. The vendor has an agreement with each
 * centre, one recorded by the first centre's hub, one by the vendor's own; the centres have none with each other. Every hub
 * calls its own organisation `org_hub`.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeVerifier } from '#kit/bundle/testing';
import { verifyBundle } from '#kit/bundle/verify';
import { toUtf8 } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { parsePolicy } from '#kit/note/policy';
import { insertOrganisation } from '../../src/modules/parties/store.ts';
import type { Role } from '../../src/modules/parties/model.ts';
import { testHub, type TestHub } from '../hub.ts';

interface File { name: string; text: string }
interface Held { id: string; documentSha256: string; authorityName: string; counterpartName: string; signatures: { organisation: string }[] }
interface Node { readonly hub: TestHub; readonly policy: string }

const nodes = new Map<string, Node>();
const node = (name: string): Node => nodes.get(name) as Node;
const names = { a: 'Centre of Aland', b: 'Borealis Security', c: 'Centre of Corvia' } as const;

/** A hub with its own organisation and those that it has introduced, each with a principal. */
async function start(name: keyof typeof names, others: readonly (keyof typeof names)[]): Promise<void> {
  const hub = await testHub({ demo: false, alone: { log: `${name}.example/ledger`, name: names[name] } });
  const organisation = (key: keyof typeof names, id: string, by: string | null) => insertOrganisation(hub.world.db, {
    id, name: names[key], nameLocal: null, kind: key === 'b' ? 'vendor' : 'national-centre', country: 'VN',
  }, by);
  await organisation(name, 'org_hub', null);
  for (const other of others) await organisation(other, `org_${other}side`, 'org_hub');
  const { vkey } = (await hub.ask('GET', '/api/ledger/status')).json<{ vkey: string }>();
  nodes.set(name, { hub, policy: `log ${vkey}\nquorum none\n` });
}

const enter = (hub: TestHub, organisation: string, role: Role = 'principal'): Promise<string> =>
  hub.enter({ id: `per_${organisation.slice(4)}${role.replace('-', '')}`, organisation, roles: [role] });

/** Drafted and signed by both sides on the hub of the authority. */
async function signedOn(name: string, counterpart: string): Promise<{ id: string; documentSha256: string }> {
  const { hub } = node(name);
  const [ours, theirs] = [await enter(hub, 'org_hub'), await enter(hub, counterpart)];
  const drafted = await hub.ask('POST', '/api/agreements', {
    template: 'mou', counterpart, parts: ['transparency'], products: ['Shield'], effectiveOn: '2026-06-01', expiresOn: '2027-06-01', zone: 'UTC',
  }, { cookie: ours });
  expect(drafted.text).toContain('agr_');
  const draft = drafted.json<{ id: string; documentSha256: string }>();
  for (const cookie of [ours, theirs]) {
    const signed = await hub.ask('POST', `/api/agreements/${draft.id}/sign`, { documentSha256: draft.documentSha256 }, { cookie });
    expect([signed.status, signed.text]).toEqual([200, signed.text]);
  }
  await hub.composition.sequencer.drain();
  await hub.composition.sequencer.idle();
  return draft;
}

async function copied(name: string, agreement: string, organisation: string): Promise<File> {
  const { hub } = node(name);
  const answer = await hub.ask('POST', `/api/agreements/${agreement}/export`, {}, { cookie: await enter(hub, organisation) });
  expect([answer.status, answer.text.slice(0, 300)]).toEqual([200, answer.text.slice(0, 300)]);
  return answer.json<File>();
}

const kept = new Map<string, { id: string; documentSha256: string; file: File }>();
const pact = (name: string) => kept.get(name) as { id: string; documentSha256: string; file: File };

/** What the principal of a hub's own organisation hears when it offers a copy. */
async function offer(name: string, file: File, policy: string, sides: { authority: string | null; counterpart: string | null }) {
  const { hub } = node(name);
  return hub.ask('POST', '/api/held-copies', { file, policy, ...sides }, { cookie: await enter(hub, 'org_hub') });
}

beforeAll(async () => {
  await start('a', ['b']);
  await start('b', ['c']);
  await start('c', []);
  for (const [name, counterpart] of [['a', 'org_bside'], ['b', 'org_cside']] as const) {
    const signed = await signedOn(name, counterpart);
    kept.set(name, { ...signed, file: await copied(name, signed.id, counterpart) });
  }
}, 300_000);
afterAll(async () => { for (const { hub } of nodes.values()) await hub.close(); });

test('a copy crosses from A to B and from B to C, with the digest that was signed, once, and is found there', async () => {
  for (const [from, to] of [['a', 'b'], ['b', 'c']] as const) {
    const { file, documentSha256 } = pact(from);
    const sides = { authority: null, counterpart: 'org_hub' };
    const first = await offer(to, file, node(from).policy, sides);
    expect([first.status, first.text.slice(0, 400)]).toEqual([201, first.text.slice(0, 400)]);
    expect(first.json<Held>()).toMatchObject({ documentSha256, signatures: [{ organisation: names[from] }, { organisation: names[to] }] });
    const again = await offer(to, file, node(from).policy, sides);
    expect(again.json<Held>().id).toBe(first.json<Held>().id);
    const { hub } = node(to);
    await hub.composition.sequencer.drain();
    const cookie = await enter(hub, 'org_hub');
    const { copies } = (await hub.ask('GET', '/api/held-copies', undefined, { cookie })).json<{ copies: Held[] }>();
    expect(copies.map((c) => [c.authorityName, c.counterpartName])).toEqual([[names[from], names[to]]]);
    const { facts } = (await hub.ask('GET', '/api/facts?class=agreement.imported', undefined, { cookie })).json<{ facts: object[] }>();
    expect(facts).toHaveLength(1);
    expect((await hub.ask('GET', `/api/held-copies/${copies[0]?.id}`, undefined, { cookie })).json<{ text: string }>().text).toBe(file.text);
  }
});

test('a held copy gives no right and is passed no further: on the hub that holds it there is no such agreement', async () => {
  for (const [name, own] of [['b', [pact('b').id]], ['c', []]] as const) {
    const { hub } = node(name);
    const cookie = await enter(hub, 'org_hub');
    const { agreements } = (await hub.ask('GET', '/api/agreements', undefined, { cookie })).json<{ agreements: { id: string }[] }>();
    expect(agreements.map((a) => a.id)).toEqual(own);
    const foreign = pact(name === 'b' ? 'a' : 'b').id;
    expect((await hub.ask('GET', `/api/agreements/${foreign}`, undefined, { cookie })).status).toBe(404);
    expect((await hub.ask('POST', `/api/agreements/${foreign}/export`, {}, { cookie })).status).toBe(404);
    const reader = await hub.enter({ id: 'per_reader', organisation: 'org_hub', roles: ['reviewer'] });
    expect((await hub.ask('GET', '/api/held-copies', undefined, { cookie: reader })).status).toBe(403);
  }
});

test('offered to who is no party to it, a copy answers as an agreement that never was, whatever is claimed', async () => {
  const { hub } = node('c');
  const never = await hub.ask('GET', '/api/agreements/agr_neverwas', undefined, { cookie: await enter(hub, 'org_hub') });
  for (const sides of [
    { authority: 'org_hub', counterpart: null }, { authority: null, counterpart: 'org_hub' }, { authority: 'org_hub', counterpart: 'org_bside' },
    { authority: null, counterpart: 'org_bside' }, { authority: 'org_hub', counterpart: 'org_hub' }, { authority: null, counterpart: null },
    { authority: 'org_neverwas', counterpart: 'org_hub' },
  ]) {
    const refused = await offer('c', pact('a').file, node('a').policy, sides);
    expect([sides, refused.status, refused.text]).toEqual([sides, 404, never.text]);
  }
});

test('a copy is not taken in by the policy of another hub, nor changed on the way, nor made of a draft', async () => {
  const { file } = pact('a');
  const sides = { authority: null, counterpart: 'org_hub' };
  const wrong = await offer('b', file, node('c').policy, sides);
  expect(wrong.json()).toMatchObject({ code: 'copy.not-verified', at: 'file.text, line 4' });
  const changed = await offer('b', { ...file, text: file.text.replace('2027-06-01', '2037-06-01') }, node('a').policy, sides);
  expect(changed.json()).toMatchObject({ code: 'copy.not-verified', at: 'file.text, line 3' });
  expect((await offer('b', file, 'log nothing\n', sides)).json()).toMatchObject({ code: 'copy.policy', at: 'policy' });
  const { hub } = node('a');
  const cookie = await enter(hub, 'org_hub');
  const draft = (await hub.ask('POST', '/api/agreements', {
    template: 'mou', counterpart: 'org_bside', parts: ['capacity'], products: [], effectiveOn: '2026-06-01', expiresOn: '2027-06-01', zone: 'UTC',
  }, { cookie })).json<{ id: string }>();
  expect((await hub.ask('POST', `/api/agreements/${draft.id}/export`, {}, { cookie })).json()).toMatchObject({ code: 'agreement.not-signed' });
});

test('the ledger that a centre hands the vendor verifies by that centre’s key and opens only what the vendor may read', async () => {
  const { hub, policy } = node('a');
  const bundle = await hub.ask('GET', '/api/ledger/bundle', undefined, { cookie: await enter(hub, 'org_bside') });
  const verdict = await verifyBundle([toUtf8(bundle.text)], await parsePolicy(nodeVerifying, toUtf8(policy)), nodeVerifier);
  expect(verdict).toMatchObject({ verdict: 'verified', figures: { reader: 'org_bside' } });
  const opened = bundle.text.split('\n').filter((l) => l.startsWith('fact ')).map((l) => JSON.parse(l.slice(l.indexOf('{'))) as { readers: string[] });
  expect(opened.length).toBeGreaterThan(0);
  expect(opened.filter((fact) => !fact.readers.includes('org_bside'))).toEqual([]);
  const other = await parsePolicy(nodeVerifying, toUtf8(node('c').policy));
  expect(await verifyBundle([toUtf8(bundle.text)], other, nodeVerifier)).toMatchObject({ verdict: 'undecided' });
  // Who has a session on another hub has none here, and who is nobody gets nothing.
  const stranger = await enter(node('c').hub, 'org_hub');
  expect((await hub.ask('GET', '/api/ledger/bundle', undefined, { cookie: stranger })).status).toBe(401);
  expect((await hub.ask('GET', '/api/ledger/bundle')).status).toBe(401);
});

/** Every row of every table, as text. */
async function everything(hub: TestHub): Promise<string> {
  const q = hub.world.db.as<Record<string, never>>();
  const tables = await sql<{ name: string }>`select table_name as name from information_schema.tables where table_schema = 'public'`.execute(q);
  const rows: string[] = [];
  for (const { name } of tables.rows) {
    const found = await sql<{ row: string }>`select row_to_json(t)::text as row from ${sql.table(name)} t`.execute(q);
    rows.push(...found.rows.map((r) => r.row));
  }
  return rows.join('\n');
}

test('no table of A or C holds anything of the other; B holds the copy that crossed to it', async () => {
  const [a, b, c] = [await everything(node('a').hub), await everything(node('b').hub), await everything(node('c').hub)];
  expect([names.c, 'c.example', pact('b').id].filter((word) => a.includes(word))).toEqual([]);
  expect([names.a, 'a.example', pact('a').id].filter((word) => c.includes(word))).toEqual([]);
  expect([names.a, 'a.example', pact('a').id].filter((word) => b.includes(word))).toHaveLength(3);
});
