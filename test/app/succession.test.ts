/**
 * One authority takes another's place (F06): everything it was bound to is the successor's, nobody's rights are wider than
 * they were, the people and keys of the old one open nothing, what they signed still verifies; and a crash between any two
 * steps is made good by the next round.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeVerifier } from '#kit/bundle/testing';
import { verifyBundle } from '#kit/bundle/verify';
import { toUtf8 } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { parsePolicy } from '#kit/note/policy';
import { PurposeName } from '../../src/modules/agreements/terms.ts';
import { documentSha256Of, sha256, canonicalText } from '../../src/modules/agreements/document.ts';
import { dutiesOf } from '../../src/modules/agreements/decide/obligation-store.ts';
import { kindOfRight } from '../../src/modules/agreements/decide/request.ts';
import { isNarrower } from '../../src/modules/agreements/decide/narrower.ts';
import type { Agreement } from '../../src/modules/agreements/model.ts';
import { succeedNext } from '../../src/modules/agreements/succeed.ts';
import { compilePolicy } from '../../src/modules/agreements/decide/policy.ts';
import { decide } from '../../src/modules/agreements/decide/weigh.ts';
import { sourcesOf } from '../../src/modules/agreements/mandate.ts';
import { agreementById, agreementsBetween, agreementsOf } from '../../src/modules/agreements/store.ts';
import { insertSuccession, lockedSuccession } from '../../src/modules/agreements/successions-store.ts';
import { organisations, people } from '../../src/app/demo/story.ts';
import { followSuccessions, holdingsOf } from '../../src/app/succession.ts';
import { round } from '../../src/app/chores.ts';
import { roleMatrix } from '../../src/modules/parties/roles.ts';
import { insertPasskey, passkeyById, personById } from '../../src/modules/parties/store.ts';
import type { FakeEvents } from '#world/events/fake';
import { testHub, type TestHub } from '../hub.ts';

const at: { hub?: TestHub } = {};
const hub = (): TestHub => at.hub as TestHub;
beforeAll(async () => { at.hub = await testHub(); });
afterAll(() => at.hub?.close());

const orgs = organisations.map((o) => o.id);

/** Every decision between any two organisations of the story, as `right subject owner purpose` to its outcome. */
async function decisions(rename: (org: string) => string): Promise<Map<string, string>> {
  const { db, clock } = hub().world;
  const found = new Map<string, string>();
  const all = (await Promise.all(orgs.map((org) => agreementsOf(db, org)))).flat();
  const pairs = new Map(all.flatMap((a) => [[`${a.authority} ${a.counterpart}`, a], [`${a.counterpart} ${a.authority}`, a]] as const));
  for (const [pair, agreement] of pairs) {
    const [subject = '', owner = ''] = pair.split(' ');
    const policy = compilePolicy(await sourcesOf(db, await agreementsBetween(db, subject, owner)));
    const rights = new Set(agreement.clauses.flatMap((c) => [...c.machine.grants, ...c.machine.prohibitions].flatMap((i) => i.actions)));
    for (const right of rights) {
      for (const purpose of PurposeName.options) {
        const { outcome } = decide(policy, {
          now: clock.iso(), actor: { org: subject, mfa: true, roles: roleMatrix[right] ?? [] }, action: right, purpose,
          resource: { owner, kind: kindOfRight(right), products: agreement.products },
        });
        found.set(`${right} ${rename(subject)} ${rename(owner)} ${purpose}`, outcome);
      }
    }
  }
  return found;
}

test('all passes, nothing is wider, old keys open nothing, old signatures verify, whatever dies on the way', { timeout: 300_000 }, async () => {
  const { world, composition } = hub();
  const { db, clock } = world;
  const lan = await hub().as('per_lan');
  await hub().ask('POST', '/api/feeds', { name: 'old', title: 'Old', shape: 'ndjson' }, { cookie: lan });
  const feeds = (await hub().ask('GET', '/api/feeds', undefined, { cookie: lan })).json<{ items: { id: string }[] }>().items;
  const row = '{"time":"2026-06-01T00:00:00Z","type":"attack","src_ip":"100.64.0.1"}';
  await hub().ask('POST', `/api/feeds/${feeds[0]?.id}/batches?file=a.ndjson`, row, { cookie: lan });
  await insertPasskey(db, {
    id: 'key-of-minh', person: 'per_minh', name: 'key', public_key: new Uint8Array([1]), counter: '0', transports: [],
    created_at: clock.iso(), last_used_at: null,
  });
  const minh = await hub().as('per_minh');
  const token = (await hub().ask('POST', '/api/tokens', { name: 'x', scopes: ['agreement.list'], days: 30 }, { cookie: minh })).json<{ secret: string }>();
  // A duty runs, to acknowledge the centre's suspension: what the provider owes the centre is owed to the successor afterwards.
  await hub().ask('POST', '/api/agreements/agr_meridian/suspend', { part: 'technical-data', ground: 'technical', statement: 'moving' }, { cookie: minh });
  await round(world, composition);
  await round(world, composition);
  expect(await dutiesOf(db, 'org_hub')).toMatchObject([{ state: 'open', creditor: 'org_hub' }]);
  const before = await agreementsOf(db, 'org_hub');
  const held = await holdingsOf(db, 'org_hub');
  const outcomes = await decisions((org) => (org === 'org_hub' ? 'org_safety' : org));
  const bundle = await hub().ask('GET', '/api/ledger/bundle', undefined, { cookie: minh });

  const succession = {
    id: 'suc_test1', from: 'org_hub', to: 'org_safety', reason: 'by decree', effectiveAt: clock.iso(), state: 'accepted' as const,
    proposedBy: 'per_minh', proposedAt: clock.iso(), acceptedBy: 'per_hoa', acceptedAt: clock.iso(), tookEffectAt: null,
    consents: ['org_kestrel', 'org_meridian', 'org_minwaters', 'org_mintransit', 'org_songlam'].map((organisation) =>
      ({ organisation, person: 'per_keller', at: clock.iso() })),
  };
  expect(await insertSuccession(db, succession)).toBe(true);

  // It dies at the last step before the commit: nothing has passed.
  await expect(db.transaction((tx) => succeedNext(world, tx, async () => { throw new Error('killed'); }))).rejects.toThrow('killed');
  expect((await agreementsOf(db, 'org_hub')).map((a) => [a.id, a.version])).toEqual(before.map((a) => [a.id, a.version]));
  expect((await personById(db, 'per_minh'))?.status).toBe('active');
  // It dies after the commit, before and after the rows of telemetry were carried: the next round goes on.
  const events = world.events as FakeEvents;
  for (const how of ['failAndForget', 'failButPersist'] as const) {
    events.failNext('command', how);
    await expect(followSuccessions(world, composition.pipeline)).rejects.toThrow('failed as told');
  }
  await round(world, composition);
  await round(world, composition);

  const after = await agreementsOf(db, 'org_safety');
  expect(await agreementsOf(db, 'org_hub')).toEqual([]);
  expect(after.map((a) => a.id).sort()).toEqual(before.map((a) => a.id).sort());
  const items = (a: Agreement) => a.clauses.flatMap((c) => c.machine.grants.map((grant) => ({ agreement: a, grant })));
  const duties = (all: readonly Agreement[]) => all
    .flatMap((a) => a.clauses.flatMap((c) => c.machine.obligations.map((o) => `${a.id} ${o.id} ${o.debtor}`))).sort();
  expect(duties(after)).toEqual(duties(before));
  for (const old of before) {
    const now = await agreementById(db, old.id) as Agreement;
    const was = items(old);
    for (const child of items(now)) expect(was.some((parent) => parent.grant.id === child.grant.id && isNarrower(child, parent)), child.grant.id).toBe(true);
    if (old.status === 'draft') continue;
    // What was signed is what stands there, to the byte.
    expect([now.documentSha256, documentSha256Of(now), now.signatures]).toEqual([old.documentSha256, old.documentSha256, old.signatures]);
    expect(sha256(canonicalText(now))).toBe(now.signatures[0]?.documentSha256);
  }
  expect(await decisions((org) => org)).toEqual(outcomes);
  expect(await dutiesOf(db, 'org_hub')).toEqual([]);
  expect(await dutiesOf(db, 'org_safety')).toMatchObject([{ state: 'open', creditor: 'org_safety', debtor: 'org_meridian' }]);
  expect(await holdingsOf(db, 'org_safety')).toEqual(held);
  expect(Object.values(await holdingsOf(db, 'org_hub')).every((n) => n === 0)).toBe(true);

  // Nobody of the old organisation comes in: not by session, token, passkey or the chooser.
  expect((await hub().ask('GET', '/api/agreements', undefined, { cookie: minh })).status).toBe(401);
  expect((await hub().ask('GET', '/api/agreements', undefined, { headers: { authorization: `Bearer ${token.secret}` } })).status).toBe(401);
  expect(await passkeyById(db, 'key-of-minh')).toBeNull();
  for (const { id } of people.filter((p) => p.organisation === 'org_hub')) expect((await personById(db, id))?.status).toBe('suspended');

  // The successor sees the rows, and the statistics are published for it.
  const dung = await hub().as('per_dung');
  const seen = (await hub().ask('GET', '/api/events', undefined, { cookie: dung })).json<{ items: object[] }>();
  expect(seen.items).toHaveLength(1);
  expect((await lockedSuccession(db, 'suc_test1'))?.state).toBe('effective');
  // The record: one effect, whatever died, and the bundle exported before still verifies by its own key.
  const hoa = await hub().as('per_hoa');
  await composition.sequencer.drain();
  const { facts } = (await hub().ask('GET', '/api/facts?class=succession.took-effect', undefined, { cookie: hoa })).json<{ facts: object[] }>();
  expect(facts).toHaveLength(1);
  const { vkey } = (await hub().ask('GET', '/api/ledger/status')).json<{ vkey: string }>();
  const policy = await parsePolicy(nodeVerifying, toUtf8(`log ${vkey}\nquorum none\n`));
  expect((await verifyBundle([toUtf8(bundle.text)], policy, nodeVerifier)).verdict).toBe('verified');
});
