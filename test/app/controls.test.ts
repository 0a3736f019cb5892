/** What guards the reading room over HTTP: two words for an excerpt, copies that end, appeals, bait that nobody can tell apart, whose a picture is. */
import { createHash } from 'node:crypto';
import { decrypt, generateKey, readMessage, readPrivateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitmentOf, parseLeaf } from '#kit/bundle/leaf';
import { toUtf8 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { opens } from '#kit/review/commitment';
import { formatVkey, parseNote } from '#kit/note/note';
import { parsePolicy } from '#kit/note/policy';
import { drawnIndices, parseSample, verifySample } from '#kit/sample/sample';
import { asHub } from '#world/db/scope';
import { tarOf } from '../../src/kit/archive/testing.ts';
import { jpegOf, screen } from '../../src/kit/watermark/testing.ts';
import { bringSource } from '../../src/modules/catalogue/actions/snapshots.ts';
import { round } from '../../src/app/chores.ts';
import { demoPosture, testHub, type Answer, type TestHub } from '../hub.ts';

const at: { hub?: TestHub; cookies: Record<string, string>; ids: Record<string, string> } = { cookies: {}, ids: {} };
const hub = (): TestHub => at.hub as TestHub;
const ask = (who: string, method: string, path: string, body?: unknown): Promise<Answer> => hub().ask(method, path, body, { cookie: at.cookies[who] ?? '' });
const id = (name: string): string => at.ids[name] ?? '';
const day = (days: number): string => new Date(hub().world.clock.now() + days * 86_400_000).toISOString().slice(0, 10);
const line = 'int x;\n'.repeat(30);
const files = ['a', 'bait', 'c'].map((name) => ({ path: `s/${name}.c`, text: `/* ${name} */\n${line}` }));

const enter = async (): Promise<void> => {
  for (const who of ['moser', 'son', 'lan', 'keller', 'minh', 'sato']) at.cookies[who] = await hub().as(`per_${who}`);
};

/** A visit that is agreed to, with a sitting in it. */
async function sitting(bait: readonly string[]): Promise<{ visit: string; review: string }> {
  const asked = await ask('son', 'POST', '/api/visits', {
    artefact: id('source'), level: 'red', mode: 'remote', goals: 'x', questions: ['x'], shares: { perDay: 10_000, inAll: 10_000 }, trailOpensAfter: 30,
    items: [{ kind: 'person', name: 'Son', ref: 'per_son' }], from: day(0), to: day(30),
  });
  const { visit, items } = asked.json<{ visit: { id: string }; items: { id: string }[] }>();
  if (bait.length > 0) expect((await ask('keller', 'PUT', `/api/visits/${visit.id}/bait`, { paths: bait })).status).toBe(200);
  await ask('moser', 'POST', `/api/visits/${visit.id}/vet`, { item: items[0]?.id, state: 'approved' });
  await ask('moser', 'POST', `/api/visits/${visit.id}/decide`, { agree: true });
  const begun = await ask('son', 'POST', `/api/visits/${visit.id}/reviews`, {});
  expect(begun.status, begun.text).toBe(201);
  return { visit: visit.id, review: begun.json<{ review: { id: string } }>().review.id };
}
const open = (review: string, path: string): Promise<Answer> => ask('son', 'POST', `/api/reviews/${review}/windows`, { path });
const facts = (name: string): Promise<{ body: Record<string, unknown> }[]> => asHub('facts for the test', async () => {
  await hub().composition.sequencer.drain();
  const rows = await hub().world.db.as<{ ledger_openings: { class: string; fact: string } }>().selectFrom('ledger_openings').selectAll()
    .where('class', '=', name).execute();
  return rows.map((r) => (typeof r.fact === 'string' ? JSON.parse(r.fact) : r.fact) as { body: Record<string, unknown> });
});

beforeAll(async () => {
  at.hub = await testHub();
  await enter();
  const product = (await ask('moser', 'POST', '/api/products', { name: 'Kestrel Gateway' })).json<{ product: { id: string } }>().product.id;
  const release = (await ask('moser', 'POST', `/api/products/${product}/releases`, { version: '7.1' })).json<{ release: { id: string } }>().release.id;
  const artefact = await asHub('source code for the test', () => bringSource(hub().world, {
    actor: { org: 'org_kestrel', person: 'per_moser' }, release, name: 'source', access: 'agreement', tlp: 'AMBER', keepTop: true,
  }, tarOf(files)));
  at.ids['source'] = artefact.id;
  await ask('moser', 'POST', `/api/releases/${release}/publish`, {});
  Object.assign(at.ids, await sitting(['s/bait.c']));
}, 120_000);
afterAll(() => at.hub?.close());

describe('bait', () => {
  test('answers as any other file, field by field, and leaves a view in the log and nothing else', async () => {
    const shape = (answer: Answer): unknown => {
      const { window } = answer.json<{ window: Record<string, unknown> }>();
      return Object.entries(window).map(([key, value]) => [key, typeof value]);
    };
    const plain = await open(id('review'), 's/a.c');
    const bait = await open(id('review'), 's/bait.c');
    expect([bait.status, shape(bait)]).toEqual([200, shape(plain)]);
    expect(bait.text).not.toMatch(/bait(?!\.c| \*)/);
    const plan = await ask('son', 'GET', `/api/reviews/${id('review')}/plan?share=10000`);
    expect(plan.text).not.toContain('bait');
    expect(await facts('bait.opened')).toEqual([]);
    const told = await ask('keller', 'GET', `/api/visits/${id('visit')}/bait`);
    expect(told.json<{ opened: { path: string }[] }>().opened.map((o) => o.path)).toEqual(['s/bait.c']);
    for (const who of ['moser', 'son', 'minh', 'lan', 'sato']) {
      expect([who, [403, 404].includes((await ask(who, 'GET', `/api/visits/${id('visit')}/bait`)).status)]).toEqual([who, true]);
    }
  });
  test('is committed to in every agreeing, also where there is none, and proved to both when the visit has ended', async () => {
    const without = await sitting([]);
    const agreed = await facts('visit.agreed');
    expect(agreed.map((f) => /^[0-9a-f]{64}$/.test(String(f.body['bait'])))).toEqual([true, true]);
    await ask('son', 'POST', `/api/reviews/${without.review}/end`, {});
    expect((await ask('son', 'POST', `/api/visits/${without.visit}/close`, { copies: [] })).status).toBe(200);
    const revealed = (await ask('son', 'GET', `/api/visits/${without.visit}/revealed-bait`)).json<{ paths: string[]; salt: string; commitment: string }>();
    expect(revealed.paths).toEqual([]);
    expect(agreed.find((f) => f.body['visit'] === without.visit)?.body['bait']).toBe(revealed.commitment);
    expect(await opens(nodeVerifying.sha256, revealed.commitment, revealed.salt, { visit: without.visit, paths: [] })).toBe(true);
    expect(await opens(nodeVerifying.sha256, revealed.commitment, revealed.salt, { visit: without.visit, paths: ['s/a.c'] })).toBe(false);
  });
});

describe('an excerpt', () => {
  test('takes both words, neither by who asked, and opens with its stubs as the reader’s own copy', async () => {
    const asked = await ask('son', 'POST', `/api/reviews/${id('review')}/excerpts`, { path: 's/a.c', from: 1, to: 3, purpose: 'x', endsAt: day(20) });
    expect(asked.status, asked.text).toBe(201);
    const { excerpt } = asked.json<{ excerpt: { id: string; original: string; text: null } }>();
    at.ids['excerpt'] = excerpt.id;
    for (const who of ['son', 'lan', 'keller']) {
      expect([who, (await ask(who, 'POST', `/api/excerpts/${excerpt.id}/clear`, { agree: true })).status]).toEqual([who, 403]);
    }
    const cleared = await ask('moser', 'POST', `/api/excerpts/${excerpt.id}/clear`, { agree: true, withheld: [{ from: 2, to: 2, reason: 'a key' }] });
    expect(cleared.status, cleared.text).toBe(200);
    expect((await ask('son', 'POST', `/api/excerpts/${excerpt.id}/open`, {})).status).toBe(403);
    expect((await ask('keller', 'POST', `/api/excerpts/${excerpt.id}/agree`, { agree: true })).status).toBe(404);
    expect((await ask('minh', 'POST', `/api/excerpts/${excerpt.id}/agree`, { agree: true })).status).toBe(200);
    const { text, copy } = (await ask('son', 'POST', `/api/excerpts/${excerpt.id}/open`, {})).json<{ text: string; copy: { id: string; mark: string } }>();
    at.ids['copy'] = copy.id;
    expect(text.split('\n').slice(1, 4)).toEqual(['/* a */', '[1 line withheld: a key]', 'int x;']);
    expect(text.split(copy.mark)).toHaveLength(3);
    const [logged] = await facts('excerpt.cleared');
    expect(logged?.body).toMatchObject({ original: excerpt.original, withheld: 1 });
    expect(logged?.body['cleared']).not.toBe(excerpt.original);
    // Again is the same copy.
    expect((await ask('son', 'POST', `/api/excerpts/${excerpt.id}/open`, {})).json<{ copy: { id: string } }>().copy.id).toBe(copy.id);
  });
  test('has an end: after it nothing opens, and a copy that lives on is said aloud once', async () => {
    hub().world.clock.advance(21 * 86_400_000);
    await enter();
    expect((await ask('son', 'POST', `/api/excerpts/${id('excerpt')}/open`, {})).status).toBe(410);
    await round(hub().world, hub().composition);
    await round(hub().world, hub().composition);
    expect((await facts('copy.overdue')).map((f) => f.body['copy'])).toEqual([id('copy')]);
  });
  test('keeps the visit open while one copy lives; the certificate names each', async () => {
    await ask('son', 'POST', `/api/reviews/${id('review')}/end`, {});
    const close = (): Promise<Answer> => ask('son', 'POST', `/api/visits/${id('visit')}/close`, { copies: [{ what: 'slides', destroyed: true }] });
    const refused = await close();
    expect([refused.status, refused.json<{ code: string }>().code]).toEqual([409, 'visit.copy-alive']);
    expect((await ask('moser', 'POST', `/api/review-copies/${id('copy')}/destroy`, { how: 'x' })).status).toBe(403);
    expect((await ask('son', 'POST', `/api/review-copies/${id('copy')}/destroy`, { how: 'erased' })).status).toBe(200);
    expect((await close()).status).toBe(200);
    const certificate = (await facts('visit.closed')).find((f) => f.body['visit'] === id('visit'));
    expect(certificate?.body['destroyed']).toEqual(['s/a.c:1–3', 'slides']);
    const [revealed] = (await facts('bait.revealed')).filter((f) => f.body['visit'] === id('visit'));
    expect(revealed?.body).toMatchObject({ paths: ['s/bait.c'], opened: 1 });
  });
});

describe('a picture', () => {
  test('of somebody’s sitting is told to both sides of the visit, and to others it is nobody’s', async () => {
    const code = await asHub('the number of a mark', async () => (await hub().world.db.as<{ centre_review: { id: string; code: string } }>()
      .selectFrom('centre_review').select('code').where('id', '=', id('review')).executeTakeFirstOrThrow()).code);
    const picture = jpegOf(screen({ width: 420, height: 300, id: Number.parseInt(code, 16), dark: true, seed: 4 }), 60);
    for (const [who, told] of [['moser', true], ['keller', true], ['minh', true], ['sato', false]] as const) {
      const answer = await ask(who, 'POST', '/api/watermarks', picture);
      expect([who, answer.status === 403 || !answer.text.includes(id('review'))]).toEqual([who, !told]);
    }
    expect(await facts('watermark.found')).toHaveLength(3);
    expect((await ask('moser', 'POST', '/api/watermarks', Buffer.from('no picture'))).status).toBe(400);
  });
});

describe('a sample of the trail', () => {
  test('opens as many windows as were agreed to, which the checkpoint draws, and each step proves what it was', async () => {
    const { visit, review } = await sitting([]);
    for (const { path } of files) expect((await open(review, path)).status).toBe(200);
    const trail = (who: string): Promise<Answer> => ask(who, 'GET', `/api/visits/${visit}/trail`);
    expect((await trail('moser')).json<{ code: string }>().code).toBe('visit.trail-closed');
    expect((await ask('keller', 'POST', `/api/visits/${visit}/early-opening`, { reason: 'A spot check', sample: 0 })).status).toBe(400);
    expect((await ask('keller', 'POST', `/api/visits/${visit}/early-opening`, { reason: 'A spot check', sample: 2 })).json()).toMatchObject({
      asked: { sample: 2, state: 'waiting' } });
    expect((await trail('moser')).status).toBe(403);
    expect((await ask('minh', 'POST', `/api/visits/${visit}/early-opening/answer`, { agree: true })).status).toBe(200);

    const told = (await trail('moser')).json<Trail>();
    const all = (await trail('son')).json<Trail>();
    expect([told.items.length, all.items.length, told.sample]).toEqual([2, 3, all.sample]);
    expect(told.sample).toMatchObject({ count: 2, of: 3 });
    // Whoever has the checkpoint and the leaves draws the same.
    const inOrder = all.items.toSorted((a, b) => a.leaf - b.leaf).map((step) => step.view);
    const text = parseNote(toUtf8(told.sample.checkpoint))?.text ?? '';
    const drawn = drawnIndices(nodeTreeHash.sha256, `${text}${visit}\n`, 3, 2).map((i) => inOrder[i]);
    expect(told.items.map((step) => step.view).sort()).toEqual([...drawn].sort());
    expect((await facts('trail.sampled')).at(-1)?.body).toMatchObject({ visit, asked: 2, drawn: 2, of: 3 });

    // What was drawn opens, and the rest is as if it had never been; nothing else is told.
    const [step] = told.items as [Step];
    const opened = (await ask('moser', 'GET', `/api/visits/${visit}/trail/${step.view}`)).json<{ text: string; salt: string; proof: { leaf: string } }>();
    expect(isOpened(nodeTreeHash.sha256, opened)).toBe(true);
    expect(JSON.parse(opened.text)).toMatchObject({ class: 'view.granted', body: { view: step.view, path: step.path } });
    const hidden = inOrder.find((view) => !told.items.some((other) => other.view === view)) ?? '';
    const no = await ask('moser', 'GET', `/api/visits/${visit}/trail/${hidden}`);
    expect([no.status, no.json<{ code: string }>().code]).toEqual([404, 'view.not-found']);
    expect((await ask('son', 'GET', `/api/visits/${visit}/trail/${hidden}`)).status).toBe(200);
    expect((await ask('moser', 'GET', `/api/visits/${visit}/searches`)).status).toBe(403);
    // Looked at again, nothing is drawn anew.
    expect((await trail('keller')).json<Trail>().items).toEqual(told.items);
    expect((await facts('trail.sampled')).length).toBe(1);

    // After a sample the whole is what is left to ask for: no second one; a no can be followed by another asking.
    const early = (body: object): Promise<Answer> => ask('keller', 'POST', `/api/visits/${visit}/early-opening`, body);
    const answer = (body: object): Promise<Answer> => ask('minh', 'POST', `/api/visits/${visit}/early-opening/answer`, body);
    expect((await early({ reason: 'More', sample: 1 })).json()).toMatchObject({ status: 409, code: 'trail.sampled' });
    expect((await early({ reason: 'All' })).json()).toMatchObject({ asked: { sample: null, state: 'waiting' } });
    expect((await early({ reason: 'All' })).json()).toMatchObject({ status: 409, code: 'trail.asked' });
    expect((await answer({ agree: false, reason: 'Not yet' })).json()).toMatchObject({ asked: { state: 'refused', answer: 'Not yet' } });
    expect((await trail('moser')).json<Trail>().items).toEqual(told.items);
    expect((await early({ reason: 'An incident' })).status).toBe(201);
    expect((await answer({ agree: true })).status).toBe(200);
    expect((await trail('moser')).json<Trail>().items.length).toBe(3);
    expect((await early({ reason: 'x' })).json()).toMatchObject({ code: 'trail.open' });
  });
});

describe('an arbiter', () => {
  test('opens alone what was read: a file that neither side can read, checked with nothing but the log’s key', async () => {
    const pair = await generateKey({ userIDs: [{ name: 'Court' }], format: 'armored' });
    const { visit, review } = await sitting([]);
    const path = `/api/visits/${visit}/arbiter`;
    expect((await ask('minh', 'POST', path, { name: 'Court', key: pair.privateKey })).json()).toMatchObject({ code: 'arbiter.key-unusable' });
    expect((await ask('minh', 'POST', path, { name: 'Court', key: pair.publicKey })).json()).toMatchObject({ arbiter: { mine: true, state: 'waiting' } });
    expect((await ask('keller', 'POST', path, { name: 'Another', key: pair.publicKey })).json()).toMatchObject({ code: 'arbiter.named' });
    expect((await ask('minh', 'POST', `${path}/answer`, { agree: true })).json()).toMatchObject({ code: 'arbiter.not-found' });
    expect((await ask('keller', 'POST', `${path}/answer`, { agree: false })).json()).toMatchObject({ code: 'visit.reason' });
    expect((await ask('keller', 'POST', `${path}/answer`, { agree: false, reason: 'Not this one' })).json()).toMatchObject({ arbiter: { state: 'refused' } });
    // After a no another is named, by either side.
    expect((await ask('keller', 'POST', path, { name: 'The court', key: pair.publicKey })).status).toBe(201);
    expect((await ask('minh', 'POST', `${path}/answer`, { agree: true })).json()).toMatchObject({ arbiter: { mine: false, state: 'agreed' }, sealed: null });

    for (const file of files) expect((await open(review, file.path)).status).toBe(200);
    expect((await ask('keller', 'GET', `${path}/sealed`)).status).toBe(404);
    expect((await ask('son', 'POST', `/api/reviews/${review}/end`, {})).status).toBe(200);
    expect((await ask('son', 'POST', `/api/visits/${visit}/close`, { copies: [] })).json()).toMatchObject({ visit: { state: 'closed' } });
    expect((await ask('minh', 'POST', path, { name: 'x', key: pair.publicKey })).json()).toMatchObject({ code: 'visit.over' });

    // Both sides hold the same file, by the digest that the log has; what was read is still closed to the provider.
    const { sealed } = (await ask('moser', 'GET', path)).json<{ sealed: { digest: string; facts: number; bytes: number } }>();
    expect((await facts('trail.sealed')).at(-1)?.body).toMatchObject({ visit, digest: sealed.digest, facts: 3 });
    const file = await fileOf('keller', `${path}/sealed`);
    expect([file.length, createHash('sha256').update(file).digest('hex')]).toEqual([sealed.bytes, sealed.digest]);
    expect(await fileOf('minh', `${path}/sealed`)).toEqual(file);
    expect(Buffer.from(file).includes('s/a.c')).toBe(false);
    expect((await ask('moser', 'GET', `/api/visits/${visit}/trail`)).json()).toMatchObject({ code: 'visit.trail-closed' });
    expect((await ask('son', 'GET', `${path}/sealed`)).status).toBe(403);
    expect((await ask('keller', 'GET', '/api/visits/%zz/arbiter/sealed')).json()).toMatchObject({ status: 404 });

    const { data } = await decrypt({ message: await readMessage({ binaryMessage: file }), format: 'binary',
      decryptionKeys: await readPrivateKey({ armoredKey: pair.privateKey }) });
    const trail = parseSample(data as Uint8Array);
    const policy = await parsePolicy(nodeVerifying, toUtf8(`log ${formatVkey(hub().world.signer.key)}\nquorum none\n`));
    expect(await verifySample(nodeTreeHash, nodeVerifying, trail, policy)).toMatchObject({ verdict: 'verified', opened: 3, closed: [] });
    expect(trail.entries.map((e) => (JSON.parse(e.opening?.text ?? '{}') as { body: { path: string } }).body.path)).toEqual(files.map((f) => f.path));
  });
});

const fileOf = async (who: string, path: string): Promise<Uint8Array> => {
  const answer = await hub().composition.app(demoPosture).request(path, { headers: { host: 'localhost:8080', cookie: at.cookies[who] ?? '' } });
  expect(answer.status).toBe(200);
  return new Uint8Array(await answer.arrayBuffer());
};

interface Step { readonly view: string; readonly leaf: number; readonly path: string }
interface Trail { readonly items: readonly Step[]; readonly sample: { readonly checkpoint: string } }
const isOpened = (sha256: (bytes: Uint8Array) => Uint8Array, { text, salt, proof }: { text: string; salt: string; proof: { leaf: string } }): boolean =>
  commitmentOf(sha256, Buffer.from(salt, 'hex'), toUtf8(text)) === parseLeaf(proof.leaf)?.commitment;
