/** F16 over HTTP: a source against the release that was last reviewed, file by file and line by line, with no text and nobody's secrets. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asHub } from '#world/db/scope';
import { tarOf } from '../../src/kit/archive/testing.ts';
import { bringSource } from '../../src/modules/catalogue/actions/snapshots.ts';
import { testHub, type Answer, type TestHub } from '../hub.ts';

const at: { hub?: TestHub; cookies: Record<string, string>; ids: Record<string, string> } = { cookies: {}, ids: {} };
const hub = (): TestHub => at.hub as TestHub;
const ask = (who: string, method: string, path: string, body?: unknown): Promise<Answer> => hub().ask(method, path, body, { cookie: at.cookies[who] ?? '' });
const made = async <T>(who: string, path: string, body: object): Promise<T> => {
  const answer = await ask(who, 'POST', path, body);
  if (answer.status >= 300) throw new Error(`${path}: ${answer.text}`);
  return answer.json<T>();
};

type Files = readonly { readonly path: string; readonly text: string | Uint8Array }[];
const lines = (n: number, other: Readonly<Record<number, string>> = {}): string =>
  Array.from({ length: n }, (_, i) => `${other[i + 1] ?? `int line_${i + 1};`}\n`).join('');

const releases: readonly { readonly version: string; readonly files: Files }[] = [
  { version: '1.0', files: [{ path: 'x/a.c', text: lines(20) }, { path: 'x/gone.c', text: 'int gone;\n' }] },
  { version: '1.1', files: [
    { path: 'x/a.c', text: lines(20, { 4: 'int other_line;' }) }, { path: 'x/b.c', text: lines(50) }, { path: 'x/old/name.c', text: lines(30) },
    { path: 'x/bytes.bin', text: Uint8Array.of(1, 0, 2) },
  ] },
  { version: '2.0', files: [
    { path: 'x/a.c', text: lines(20, { 4: 'int other_line;' }) }, { path: 'x/b.c', text: lines(50, { 10: 'secret_ten\nsecret_eleven', 40: 'secret_forty' }) },
    { path: 'x/new/name.c', text: lines(30) }, { path: 'x/fresh.c', text: 'int fresh;\n' }, { path: 'x/bytes.bin', text: Uint8Array.of(1, 0, 3) },
  ] },
];

async function publish(product: string, version: string, files: Files, more: object = {}): Promise<string> {
  const { release } = await made<{ release: { id: string } }>('moser', `/api/products/${product}/releases`, { version, ...more });
  const source = await asHub('source code to read', () => bringSource(hub().world, {
    actor: { org: 'org_kestrel', person: 'per_moser' }, release: release.id, name: 'source', access: 'agreement', tlp: 'AMBER', keepTop: false,
  }, tarOf(files.map(({ path, text }) => ({ path, text: text as string })))));
  await made('moser', `/api/releases/${release.id}/publish`, {});
  at.ids[version] = release.id;
  hub().world.clock.advance(60_000);
  return source.id;
}

async function sitting(artefact: string): Promise<string> {
  const { visit, items } = await made<{ visit: { id: string }; items: { id: string }[] }>('son', '/api/visits', {
    artefact, level: 'red', mode: 'remote', goals: 'What is new', questions: [], shares: { perDay: 10_000, inAll: 10_000 }, trailOpensAfter: 30,
    from: '2026-06-15', to: '2026-06-30', items: [{ kind: 'person', name: 'Son', ref: 'per_son' }],
  });
  await made('moser', `/api/visits/${visit.id}/vet`, { item: items[0]?.id, state: 'approved' });
  await made('moser', `/api/visits/${visit.id}/decide`, { agree: true });
  return (await made<{ review: { id: string } }>('son', `/api/visits/${visit.id}/reviews`, {})).review.id;
}

interface Changes { since: { version: string; reviewed: boolean } | null; bases: { version: string; reviewed: boolean }[];
  items: { kind: string; path: string; from: string | null; seen: number }[]; counts: Record<string, number> }
interface History { since: { version: string } | null; was: string | null; lines: object[] | null; releases: { version: string; kind: string }[] }
const changes = async (review: string, since = ''): Promise<Changes> => (await ask('son', 'GET', `/api/reviews/${review}/changes${since}`)).json<Changes>();
const history = async (review: string, path: string, since = ''): Promise<History> =>
  (await ask('son', 'GET', `/api/reviews/${review}/history?path=${encodeURIComponent(path)}${since}`)).json<History>();

beforeAll(async () => {
  at.hub = await testHub();
  for (const who of ['moser', 'son', 'lan', 'rivera']) at.cookies[who] = await hub().as(`per_${who}`);
  const { product } = await made<{ product: { id: string } }>('moser', '/api/products', { name: 'Kestrel Shield' });
  const sources: string[] = [];
  for (const { version, files } of releases) {
    // Nobody outside knows of it yet: no answer below names it.
    if (version === '2.0') await publish(product.id, '1.9', files, { embargoUntil: '2027-01-01T00:00:00Z' });
    sources.push(await publish(product.id, version, files));
  }
  [at.ids['product'], at.ids['first']] = [product.id, await sitting(sources[0] ?? '')];
  at.ids['now'] = await sitting(sources[2] ?? '');
});
afterAll(() => at.hub?.close());
const id = (name: string): string => at.ids[name] ?? '';

describe('what changed', () => {
  test('of the first release is nothing, since there is none before it', async () => {
    expect(await changes(id('first'))).toMatchObject({ since: null, bases: [], items: [], counts: { added: 0, changed: 0, removed: 0, moved: 0 } });
    expect(await history(id('first'), 'a.c')).toMatchObject({ since: null, was: null, lines: null, releases: [{ version: '1.0', kind: 'first' }] });
  });
  test('is told since the newest release before, until one has read in another: then since that one', async () => {
    const told = await changes(id('now'));
    expect(told.since).toMatchObject({ version: '1.1', reviewed: false });
    expect(told.bases.map((b) => b.version)).toEqual(['1.1', '1.0']);
    expect(told.counts).toEqual({ added: 1, changed: 2, removed: 0, moved: 1 });
    expect(told.items.map((c) => [c.kind, c.path, c.from])).toEqual([
      ['changed', 'b.c', null], ['changed', 'bytes.bin', null], ['added', 'fresh.c', null], ['moved', 'new/name.c', 'old/name.c']]);
    await made('son', `/api/reviews/${id('first')}/windows`, { path: 'a.c', number: 0 });
    const since = await changes(id('now'));
    expect(since.since).toMatchObject({ version: '1.0', reviewed: true });
    expect(since.items.find((c) => c.kind === 'removed')?.path).toBe('gone.c');
    expect((await changes(id('now'), `?since=${id('1.1')}`)).since?.version).toBe('1.1');
  });
  test('shows what of it one has seen', async () => {
    await made('son', `/api/reviews/${id('now')}/windows`, { path: 'b.c', number: 0 });
    expect((await changes(id('now'))).items.find((c) => c.path === 'b.c')?.seen).toBeGreaterThan(0);
  });
});

describe('a file', () => {
  test('goes from release to release', async () => {
    const { releases: told } = await history(id('now'), 'a.c');
    expect(told.map((r) => [r.version, r.kind])).toEqual([['2.0', 'same'], ['1.1', 'changed'], ['1.0', 'first']]);
    expect((await history(id('now'), 'fresh.c')).releases.map((r) => r.kind)).toEqual(['added', 'absent', 'absent']);
  });
  test('names the lines that are other, and no text of them', async () => {
    const answer = await ask('son', 'GET', `/api/reviews/${id('now')}/history?path=b.c&since=${id('1.1')}`);
    expect(answer.json<History>()).toMatchObject({ was: 'b.c', lines: [{ at: 10, added: 2, removed: 1 }, { at: 41, added: 1, removed: 1 }] });
    expect(answer.text).not.toContain('secret');
    expect(await history(id('now'), 'a.c', `&since=${id('1.1')}`)).toMatchObject({ lines: [] });
  });
  test('that moved is followed to where it lay; one that is new has no lines, nor has one that is no text', async () => {
    expect(await history(id('now'), 'new/name.c', `&since=${id('1.1')}`)).toMatchObject({ was: 'old/name.c', lines: [] });
    expect(await history(id('now'), 'fresh.c', `&since=${id('1.1')}`)).toMatchObject({ was: null, lines: null });
    expect(await history(id('now'), 'bytes.bin', `&since=${id('1.1')}`)).toMatchObject({ was: 'bytes.bin', lines: null });
  });
  test('that is not there, a release that never was, one that comes later and a sitting of others answer in one way', async () => {
    const never = await ask('son', 'GET', `/api/reviews/${id('now')}/changes?since=rel_neverwas`);
    expect(never.status).toBe(404);
    expect((await ask('son', 'GET', `/api/reviews/${id('first')}/changes?since=${id('2.0')}`)).text).toBe(never.text);
    expect((await ask('son', 'GET', `/api/reviews/${id('now')}/history?path=gone.c`)).status).toBe(404);
    expect((await ask('son', 'GET', `/api/reviews/${id('now')}/changes?since=${id('1.9')}`)).text).toBe(never.text);
    for (const who of ['moser', 'lan', 'rivera']) {
      for (const path of ['changes', 'history?path=a.c']) expect((await ask(who, 'GET', `/api/reviews/${id('now')}/${path}`)).status).toBeGreaterThan(400);
    }
  });
  test('is not compared with a release that was withdrawn', async () => {
    expect((await ask('moser', 'POST', `/api/releases/${id('1.1')}/withdraw`, { reason: 'A key lay in it.' })).status).toBe(200);
    expect((await changes(id('now'))).bases.map((b) => b.version)).toEqual(['1.0']);
    expect((await ask('son', 'GET', `/api/reviews/${id('now')}/changes?since=${id('1.1')}`)).status).toBe(404);
  });
});
