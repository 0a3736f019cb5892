/** The reading room over HTTP: a fact for each window, the allowance, what the provider sees and does not, findings, the statement. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toUtf8 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { opens } from '#kit/review/commitment';
import { verifyStatement } from '#kit/review/statement';
import { verifyInclusion } from '#kit/merkle/proofs';
import { parseCheckpoint } from '#kit/note/checkpoint';
import { parseNote } from '#kit/note/note';
import { asHub, within } from '#world/db/scope';
import { bringSource } from '../../src/modules/catalogue/actions/snapshots.ts';
import { agreementOf, attested, clauseOf, grantOf } from '../../src/modules/agreements/decide/testing.ts';
import { insertAgreement } from '../../src/modules/agreements/store.ts';
import { insertReview, insertVisit, visitOf } from '../../src/modules/centre/store/visits.ts';
import { tarOf } from '../../src/kit/archive/testing.ts';
import { round } from '../../src/app/chores.ts';
import { testHub, type Answer, type TestHub } from '../hub.ts';

const at: { hub?: TestHub; cookies: Record<string, string>; ids: Record<string, string> } = { cookies: {}, ids: {} };
const hub = (): TestHub => at.hub as TestHub;
const ask = (who: string, method: string, path: string, body?: unknown): Promise<Answer> => hub().ask(method, path, body, { cookie: at.cookies[who] ?? '' });
const id = (name: string): string => at.ids[name] ?? '';

/** Sixty files of some 20 KiB, one that is a single long line, one that is empty. */
const files = [
  ...Array.from({ length: 60 }, (_, i) => ({ path: `shield/src/f${String(i).padStart(2, '0')}.c`,
    text: `int f${i}(void) { return ${i}; } /* ${'x'.repeat(40)} */\n`.repeat(260) })),
  { path: 'shield/one-line.js', text: 'a=1;'.repeat(20_000) }, { path: 'shield/empty', text: '' },
  { path: 'shield/update/risky.c', text: `${'int x;\n'.repeat(40)}  strcpy(name, packet->name);\n${'int y;\n'.repeat(40)}` },
];

async function newVisit(over: object = {}): Promise<string> {
  const asked = await ask('son', 'POST', '/api/visits', {
    artefact: id('source'), level: 'red', mode: 'remote', goals: 'The update path', questions: ['Can an update be forged?'],
    shares: { perDay: 10_000, inAll: 10_000 }, trailOpensAfter: 30,
    items: [{ kind: 'person', name: 'Son', ref: 'per_son' }, { kind: 'tool', name: 'grep', ref: 'a'.repeat(64) }], ...days(), ...over,
  });
  expect(asked.status, asked.text).toBe(201);
  const { visit, items } = asked.json<{ visit: { id: string }; items: { id: string }[] }>();
  for (const item of items) expect((await ask('moser', 'POST', `/api/visits/${visit.id}/vet`, { item: item.id, state: 'approved' })).status).toBe(200);
  expect((await ask('moser', 'POST', `/api/visits/${visit.id}/decide`, { agree: true })).status).toBe(200);
  return visit.id;
}
const days = (): { from: string; to: string } => ({
  from: hub().world.clock.iso().slice(0, 10), to: new Date(hub().world.clock.now() + 30 * 86_400_000).toISOString().slice(0, 10),
});

const begin = async (visit: string, body: object = {}): Promise<string> => {
  const begun = await ask('son', 'POST', `/api/visits/${visit}/reviews`, body);
  expect(begun.status, begun.text).toBe(201);
  return begun.json<{ review: { id: string } }>().review.id;
};

interface Shown { window: { view: string; text: string; count: number; number: number; lines: number; isNew: boolean; left: number; fresh: number; proof: {
  index: number; size: number; hashes: string[]; leaf: string; checkpoint: string } } }
const open = (review: string, path: string, number = 0): Promise<Answer> => ask('son', 'POST', `/api/reviews/${review}/windows`, { path, number });
const facts = async (name: string): Promise<number> => asHub('counting facts', async () => (await hub().world.db
  .as<{ ledger_openings: { class: string } }>().selectFrom('ledger_openings').select('class').where('class', '=', name).execute()).length);

beforeAll(async () => {
  at.hub = await testHub();
  for (const who of ['moser', 'son', 'lan', 'sato', 'keller']) at.cookies[who] = await hub().as(`per_${who}`);
  at.ids['product'] = (await ask('moser', 'POST', '/api/products', { name: 'Kestrel Shield' })).json<{ product: { id: string } }>().product.id;
  const release = await ask('moser', 'POST', `/api/products/${id('product')}/releases`, { version: '7.1' });
  at.ids['release'] = release.json<{ release: { id: string } }>().release.id;
  const artefact = await asHub('source code for the test', () => bringSource(hub().world, {
    actor: { org: 'org_kestrel', person: 'per_moser' }, release: id('release'), name: 'source', access: 'agreement', tlp: 'AMBER', keepTop: false,
  }, tarOf(files)));
  at.ids['source'] = artefact.id;
  await ask('moser', 'POST', `/api/releases/${id('release')}/publish`, {});
}, 600_000);
afterAll(() => at.hub?.close());

describe('a window', () => {
  test('comes with its place in the log, and opens again within its lease without another view', async () => {
    at.ids['visit'] = await newVisit();
    at.ids['review'] = await begin(id('visit'));
    const before = await facts('view.granted');
    const { window } = (await open(id('review'), 'src/f00.c')).json<Shown>();
    expect([window.isNew, window.count, window.lines]).toEqual([true, 2, 260]);
    expect(window.text.split('\n')).toHaveLength(201);
    expect(await facts('view.granted')).toBe(before + 1);
    const { proof } = window;
    const checkpoint = parseCheckpoint(parseNote(toUtf8(proof.checkpoint))?.text ?? '');
    const leafHash = nodeTreeHash.leaf(toUtf8(proof.leaf));
    expect(await verifyInclusion(nodeTreeHash.sha256, { index: proof.index, size: proof.size, leafHash, root: checkpoint?.root ?? new Uint8Array() },
      proof.hashes.map((h) => new Uint8Array(Buffer.from(h, 'base64'))))).toBe(true);
    expect((await open(id('review'), 'src/f00.c')).json<Shown>().window).toMatchObject({ isNew: false, view: window.view, fresh: 0 });
    hub().world.clock.advance(11 * 60_000);
    expect((await open(id('review'), 'src/f00.c')).json<Shown>().window).toMatchObject({ isNew: true, fresh: 0 });
    expect(await facts('view.granted')).toBe(before + 2);
  });
  test('of a file with one long line is a piece of that line, and what is not there is not there', async () => {
    const { window } = (await open(id('review'), 'one-line.js', 2)).json<Shown>();
    expect([window.count, window.text.length]).toEqual([5, 16 * 1024]);
    for (const [path, number] of [['one-line.js', 5], ['empty', 0], ['src', 0], ['../x', 0], ['nowhere', 0]] as const) {
      expect([path, (await open(id('review'), path, number)).status]).toEqual([path, 404]);
    }
    const risky = await ask('son', 'POST', `/api/reviews/${id('review')}/windows`, { path: 'src/f01.c', line: 230 });
    expect(risky.json<Shown>().window.number).toBe(1);
  });
  test('is for whoever sits there alone', async () => {
    for (const who of ['moser', 'lan', 'sato', 'keller']) {
      const answer = await ask(who, 'POST', `/api/reviews/${id('review')}/windows`, { path: 'src/f00.c' });
      expect([who, [403, 404].includes(answer.status), answer.text.includes('return 0')]).toEqual([who, true, false]);
    }
  });
  test('is not shown where the log does not take its view', async () => {
    const { blobs } = hub().world;
    const write = blobs.replace.bind(blobs);
    const before = await facts('view.granted');
    Object.assign(blobs, { replace: () => Promise.reject(new Error('the disk of the log is gone')) });
    const refused = await open(id('review'), 'src/f02.c');
    Object.assign(blobs, { replace: write });
    expect([refused.status, refused.text.includes('return 2')]).toEqual([503, false]);
    expect(refused.text).toContain('review.ledger-unavailable');
    // The view counts, and the same window afterwards is the same view.
    const again = (await open(id('review'), 'src/f02.c')).json<Shown>().window;
    expect([again.isNew, again.text.includes('return 2')]).toEqual([false, true]);
    expect(await facts('view.granted')).toBe(before + 1);
  });
});

describe('the allowance', () => {
  test('holds a crawler to what was agreed, whatever the order and however many sittings', async () => {
    const visit = await newVisit({ shares: { perDay: 2_000, inAll: 3_000 } });
    const asked = async (): Promise<{ blocks: number; ofBlocks: number; perDay: number; inAll: number }> =>
      (await ask('son', 'GET', `/api/visits/${visit}`)).json<{ totals: { blocks: number; ofBlocks: number; perDay: number; inAll: number } }>().totals;
    const refusals = new Set<string>();
    for (let day = 0; day < 3; day++) {
      const review = await begin(visit);
      for (let i = 0; i < 60; i++) {
        hub().world.clock.advance(30_000);
        const answer = await open(review, `src/f${String((i * 37 + day) % 60).padStart(2, '0')}.c`, (i + day) % 2);
        if (answer.status !== 200) refusals.add(answer.json<{ code: string }>().code);
      }
      expect((await asked()).blocks).toBeLessThanOrEqual((await asked()).inAll);
      hub().world.clock.advance(86_400_000);
      await hub().as('per_son').then((cookie) => { at.cookies['son'] = cookie; });
    }
    const { blocks, inAll, ofBlocks } = await asked();
    expect([...refusals]).toContain('review.allowance-used');
    expect(inAll).toBe(Math.ceil(ofBlocks * 0.3));
    expect(blocks).toBeGreaterThan(inAll - 6);
    at.cookies['moser'] = await hub().as('per_moser');
    // More takes both sides.
    const more = { shares: { perDay: 9_000, inAll: 9_000 }, reason: 'The parser is larger than we thought.' };
    await ask('son', 'PUT', `/api/visits/${visit}/allowance`, more);
    expect((await asked()).inAll).toBe(inAll);
    await ask('moser', 'PUT', `/api/visits/${visit}/allowance`, more);
    expect((await asked()).inAll).toBe(Math.ceil(ofBlocks * 0.9));
  }, 120_000);
});

describe('the provider', () => {
  test('sees how much was read, and not what, until the agreed days after the end are over', async () => {
    for (const who of ['moser', 'son']) at.cookies[who] = await hub().as(`per_${who}`);
    const visit = await newVisit();
    const review = await begin(visit);
    await open(review, 'update/risky.c');
    const seen = await ask('moser', 'GET', `/api/visits/${visit}`);
    expect(seen.json<{ totals: object }>().totals).toMatchObject({ reviews: 1, views: 1 });
    expect(seen.text).not.toContain('risky');
    expect((await ask('moser', 'GET', `/api/visits/${visit}/trail`)).json<{ code: string }>().code).toBe('visit.trail-closed');
    expect((await ask('son', 'GET', `/api/visits/${visit}/trail`)).text).toContain('risky.c');
    // Nor does the database give it: asked as the provider.
    const rows = () => within({ org: 'org_kestrel', person: 'per_moser', opened: new Set<string>() }, async () =>
      (await hub().world.db.as<{ centre_view: { path: string; visit: string } }>().selectFrom('centre_view').select('path').where('visit', '=',
        visit).execute()).length);
    expect(await rows()).toBe(0);
    await ask('son', 'POST', `/api/reviews/${review}/end`, {});
    expect((await ask('son', 'POST', `/api/visits/${visit}/close`, { copies: [{ what: 'printout',
      destroyed: false }] })).json<{ code: string }>().code).toBe('visit.copy-alive');
    expect((await ask('son', 'POST', `/api/visits/${visit}/close`, { copies: [{ what: 'printout', destroyed: true }] })).status).toBe(200);
    hub().world.clock.advance(31 * 86_400_000);
    for (const who of ['moser', 'son']) at.cookies[who] = await hub().as(`per_${who}`);
    expect((await ask('moser', 'GET', `/api/visits/${visit}/trail`)).text).toContain('risky.c');
    await hub().composition.sequencer.drain();
    expect(await facts('visit.trail-opened')).toBe(1);
    expect(await rows()).toBe(1);
  });
  test('cannot read a finding before it is disclosed, nor change one ever; its text proves equal to the commitment', async () => {
    const visit = await newVisit();
    const filed = await ask('son', 'POST', `/api/visits/${visit}/flaws`, {
      severity: 'high', title: 'A name is copied without its length', text: 'strcpy of what came over the network.', path: 'update/risky.c', line: 41,
    });
    const { flaw } = filed.json<{ flaw: { id: string; commitment: string; salt: string; content: object } }>();
    const before = await ask('moser', 'GET', '/api/flaws');
    expect(before.text).toContain(flaw.commitment);
    expect([before.text.includes('strcpy'), before.text.includes(flaw.salt)]).toEqual([false, false]);
    for (const verb of ['disclose', 'close']) expect((await ask('moser', 'POST', `/api/flaws/${flaw.id}/${verb}`,
      { reason: 'x' })).status).toBeGreaterThanOrEqual(403);
    const spoilt = await within({ org: 'org_kestrel', person: 'per_moser', opened: new Set<string>() }, () =>
      hub().world.db.as<{ centre_flaw: { id: string; severity: string } }>()
      .updateTable('centre_flaw').set({ severity: 'low' }).where('id', '=', flaw.id).executeTakeFirst());
    expect(Number(spoilt.numUpdatedRows)).toBe(0);
    hub().world.clock.advance(6 * 86_400_000);
    await round(hub().world, hub().composition);
    await hub().composition.sequencer.drain();
    expect(await facts('flaw.undisclosed')).toBe(1);
    for (const who of ['moser', 'son']) at.cookies[who] = await hub().as(`per_${who}`);
    await ask('son', 'POST', `/api/flaws/${flaw.id}/disclose`, {});
    const told = (await ask('moser', 'GET', '/api/flaws')).json<{ items: { id: string; salt: string; content: never; commitment: string }[] }>().items
      .find((f) => f.id === flaw.id);
    expect(await opens(nodeVerifying.sha256, flaw.commitment, told?.salt ?? '', told?.content as never)).toBe(true);
    expect((await ask('moser', 'POST', `/api/flaws/${flaw.id}/answer`,
      { text: 'Fixed in 7.2.' })).json<{ flaw: object }>().flaw).toMatchObject({ state: 'answered' });
  });
  test('clears notes with stubs, and cannot take a note away', async () => {
    const visit = await newVisit();
    const review = await begin(visit);
    const { note } = (await ask('son', 'POST', `/api/reviews/${review}/notes`, {
      path: 'update/risky.c', from: 41, to: 41, text: 'Line one\nThe key is 1234\nIt is in the open\nand more\nLast',
    })).json<{ note: { id: string; original: string } }>();
    expect((await ask('moser', 'DELETE', `/api/notes/${note.id}`)).status).toBe(404);
    const cleared = await ask('moser', 'POST', `/api/notes/${note.id}/clear`, { withheld: [{ from: 2, to: 4, reason: 'a key' }] });
    expect(cleared.json<{ note: object }>().note).toMatchObject({ text: 'Line one\n[3 lines withheld: a key]\nLast', original: note.original,
      state: 'cleared' });
    expect((await ask('son', 'GET', `/api/visits/${visit}/notes`)).json<{ items: { text: string }[] }>().items[0]?.text).toContain('[3 lines withheld: a key]');
    expect((await ask('moser', 'POST', `/api/notes/${note.id}/clear`, { withheld: [] })).status).toBe(409);
  });
});

describe('on site', () => {
  test('a room is one team’s a day, devices are handed in, and a changed tool does not start', async () => {
    const { room } = (await ask('moser', 'POST', '/api/rooms', { name: 'Blue room', place: 'Zürich', seats: 4 })).json<{ room: { id: string } }>();
    const device = { kind: 'device', name: 'Telephone', ref: 'serial 1' };
    const one = await newVisit({ mode: 'on-site', level: 'black', items: [{ kind: 'person', name: 'Son', ref: 'per_son' }, device, { kind: 'tool',
      name: 'ida', ref: 'b'.repeat(64) }] });
    const two = await newVisit({ mode: 'on-site' });
    expect((await ask('moser', 'POST', `/api/visits/${one}/reviews`, {})).status).toBe(403);
    expect((await ask('son', 'POST', `/api/visits/${one}/reviews`, {})).json<{ code: string }>().code).toBe('visit.no-room');
    expect((await ask('moser', 'POST', `/api/rooms/${room.id}/bookings`, { visit: one, ...days() })).status).toBe(201);
    expect((await ask('moser', 'POST', `/api/rooms/${room.id}/bookings`, { visit: two, from: days().to,
      to: days().to })).json<{ code: string }>().code).toBe('room.taken');
    expect((await ask('son', 'POST', `/api/visits/${one}/reviews`, {})).json<{ code: string }>().code).toBe('visit.device-not-surrendered');
    const item = (await ask('son', 'GET', `/api/visits/${one}`)).json<{ items: { id: string; kind: string }[] }>().items.find((i) => i.kind === 'device')?.id;
    await ask('moser', 'POST', `/api/visits/${one}/vet`, { item, state: 'surrendered' });
    expect((await ask('son', 'POST', `/api/visits/${one}/reviews`, { tools: [{ name: 'ida',
      sha256: 'c'.repeat(64) }] })).json<{ code: string }>().code).toBe('visit.tool-changed');
    const review = await begin(one, { tools: [{ name: 'ida', sha256: 'b'.repeat(64) }] });
    expect((await ask('moser', 'POST', `/api/visits/${one}/vet`, { item, state: 'returned' })).json<{ code: string }>().code).toBe('visit.review-open');
    await ask('son', 'POST', `/api/reviews/${review}/end`, {});
    expect((await ask('son', 'POST', `/api/visits/${one}/close`, { copies: [] })).json<{ code: string }>().code).toBe('visit.device-in-custody');
    expect((await ask('moser', 'POST', `/api/visits/${one}/vet`, { item, state: 'returned' })).status).toBe(200);
    expect((await ask('son', 'POST', `/api/visits/${one}/close`, { copies: [] })).status).toBe(200);
  });
});

test('the statement is computed from the views, verifies offline, and ages with the next release', async () => {
  const visit = await newVisit();
  expect((await ask('son', 'GET', `/api/visits/${visit}`)).status).toBe(200);
  const made = await ask('son', 'POST', `/api/visits/${visit}/statement`, { scope: ['The update path'] });
  expect(made.status, made.text).toBe(201);
  const { statement, text, secret } = made.json<{ statement: { id: string; behind: number }; text: string; secret: string }>();
  const { key } = (await hub().ask('GET', `/api/public/statements/${statement.id}`)).json<{ key: string }>();
  const trust = { keys: [key], secret: toUtf8(secret), at: hub().world.clock.iso() };
  expect(await verifyStatement(nodeVerifying, toUtf8(text), trust)).toMatchObject({ verdict: 'verified', statement: { equivalence: 'not assessed' } });
  expect((await verifyStatement(nodeVerifying, toUtf8(text.replace(/"seenBytes":\d/, '"seenBytes":9')), trust)).verdict).toBe('failed');
  expect([statement.behind, text.includes('risky.c'), secret.includes('risky.c')]).toEqual([0, false, true]);
  const release = (await ask('moser', 'POST', `/api/products/${id('product')}/releases`, { version: '7.2' })).json<{ release: { id: string } }>().release.id;
  await asHub('the next release', () => bringSource(hub().world, {
    actor: { org: 'org_kestrel', person: 'per_moser' }, release, name: 'source', access: 'agreement', tlp: 'AMBER', keepTop: false,
  }, tarOf(files)));
  await ask('moser', 'POST', `/api/releases/${release}/publish`, {});
  const listed = (await hub().ask('GET', '/api/public/statements')).json<{ items: { id: string; behind: number }[] }>().items;
  expect(listed.find((s) => s.id === statement.id)?.behind).toBe(1);
});

test('the plan begins with what is dangerous, and the tree shows how much was seen', async () => {
  const review = await begin(await newVisit());
  const plan = (await ask('son', 'GET', `/api/reviews/${review}/plan`)).json<{ ofLines: number; files: number; stretches: { path: string }[] }>();
  expect([plan.stretches[0]?.path, plan.files]).toEqual(['update/risky.c', 63]);
  const tree = (await ask('son', 'GET', `/api/reviews/${review}/folder`)).json<{ entries: { name: string; seen: number }[] }>().entries;
  expect(tree.find((e) => e.name === 'src')?.seen).toBeGreaterThan(0);
  expect(tree.find((e) => e.name === 'empty')?.seen).toBe(0);
});

test('where the clause wants the provider’s word for each window, none opens without it, and it opens that window once', async () => {
  const { db, clock } = hub().world;
  const clause = clauseOf('1.1', { grants: [grantOf({
    id: 'agr_each:1.1:g1', grantee: 'counterpart', actions: ['source.view'], kinds: ['source'], products: 'ALL_NAMED', maxTlp: 'AMBER+STRICT', maxLevel: 4,
    purposes: ['oversight'], conditions: { mfa: false, networks: [], approvals: { count: 1, from: 'other-party' } },
  })] });
  const review = 'rvw_each';
  await asHub('a visit that somebody else made', () => db.transaction(async (tx) => {
    await insertAgreement(tx, agreementOf([attested(clause)], {
      id: 'agr_each', authority: 'org_kestrel', counterpart: 'org_minwaters', products: ['Kestrel Shield'],
    }));
    const visit = await visitOf(tx, 'org_hub', id('visit'));
    await insertVisit(tx, { ...visit as NonNullable<typeof visit>, id: 'vis_each', scope: 'org_minwaters', state: 'agreed', from_day: days().from,
      to_day: days().to, per_day: 10_000, in_all: 10_000 }, []);
    await insertReview(tx, { id: review, visit: 'vis_each', scope: 'org_minwaters', owner: 'org_kestrel', person: 'per_reader', code: 'x',
      began_at: clock.iso(),
      ended_at: null, mark: 'reader' });
  }));
  at.cookies['reader'] = await hub().enter({ id: 'per_reader', organisation: 'org_minwaters', roles: ['reviewer'] });
  const input = { review, path: 'src/f50.c', number: 0 };
  const openIt = (approval?: string, path = input.path): Promise<Answer> => hub().ask('POST', `/api/reviews/${review}/windows`, { path, number: 0 }, {
    cookie: at.cookies['reader'] ?? '', headers: approval === undefined ? {} : { 'entente-approval': approval },
  });
  const code = (answer: Answer): string => answer.json<{ code: string }>().code;
  const before = await facts('view.granted');
  expect(code(await openIt())).toBe('mandate.approval-missing');
  const asked = await ask('reader', 'POST', '/api/approvals', { operation: 'reviews.openWindow', input, reason: 'One file' });
  expect(asked.status, asked.text).toBe(201);
  const approval = asked.json<{ id: string; inputSha256: string }>();
  expect(code(await openIt(approval.id))).toBe('approval.waiting');
  expect((await ask('moser', 'POST', `/api/approvals/${approval.id}/approve`, { inputSha256: approval.inputSha256 })).status).toBe(200);
  expect(await facts('view.granted')).toBe(before);
  expect((await openIt(approval.id)).json<Shown>().window.text).toContain('return 50');
  expect(await facts('view.granted')).toBe(before + 1);
  expect(code(await openIt(approval.id, 'src/f51.c'))).toMatch(/^approval\./);
});
