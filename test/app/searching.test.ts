/** Searching in a sitting, over HTTP: the index, what is shown with its fact and what it uses up, hostile patterns, and a crawler. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toUtf8 } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { verifyInclusion } from '#kit/merkle/proofs';
import { parseCheckpoint } from '#kit/note/checkpoint';
import { parseNote } from '#kit/note/note';
import { blocksIn } from '#kit/review/blocks';
import { asHub, within } from '#world/db/scope';
import { sequencedFacts } from '#modules/ledger/index';
import { round } from '../../src/app/chores.ts';
import { tarOf } from '../../src/kit/archive/testing.ts';
import { bringSource } from '../../src/modules/catalogue/actions/snapshots.ts';
import { testHub, type Answer, type TestHub } from '../hub.ts';

const at: { hub?: TestHub; cookies: Record<string, string>; ids: Record<string, string> } = { cookies: {}, ids: {} };
const hub = (): TestHub => at.hub as TestHub;
const ask = (who: string, method: string, path: string, body?: unknown): Promise<Answer> => hub().ask(method, path, body, { cookie: at.cookies[who] ?? '' });
const id = (name: string): string => at.ids[name] ?? '';

/** Eighty files of some 12 KiB, each with a name that stands in it once, and one that stands in all. */
const textOf = (i: number): string => Array.from({ length: 300 }, (_, line) => (line === 150 ? `static int only_${i}(void) { return everywhere; }\n`
  : `int f${i}_${line}(void) { return ${line}; }\n`)).join('');
const files = [
  ...Array.from({ length: 80 }, (_, i) => ({ path: `shield/src/f${String(i).padStart(2, '0')}.c`, text: textOf(i) })),
  { path: 'shield/src/use.c', text: 'int use(void) {\n  return only_7() + only_8();\n}\n' },
  { path: 'shield/long.js', text: `a=1;${'b=2;'.repeat(10_000)}needle_in_one_line=3;${'c=4;'.repeat(10_000)}` },
  { path: 'shield/sixteen.txt', text: Buffer.from('\ufeffneedle in sixteen bits\n', 'utf16le') },
  { path: 'shield/odd [name]*.c', text: 'int odd_one;\n' },
];
const blocks = files.reduce((sum, { text }) => sum + blocksIn(Buffer.from(text as string).length), 0);

async function newVisit(shares: { perDay: number; inAll: number } = { perDay: 10_000, inAll: 10_000 }, bait: readonly string[] = []): Promise<string> {
  const today = hub().world.clock.iso().slice(0, 10);
  const asked = await ask('son', 'POST', '/api/visits', {
    artefact: id('source'), level: 'red', mode: 'remote', goals: 'The update path', questions: [], shares, trailOpensAfter: 30, from: today,
    to: new Date(hub().world.clock.now() + 30 * 86_400_000).toISOString().slice(0, 10), items: [{ kind: 'person', name: 'Son', ref: 'per_son' }],
  });
  expect(asked.status, asked.text).toBe(201);
  const { visit, items } = asked.json<{ visit: { id: string }; items: { id: string }[] }>();
  for (const item of items) await ask('moser', 'POST', `/api/visits/${visit.id}/vet`, { item: item.id, state: 'approved' });
  if (bait.length > 0) expect((await ask('keller', 'PUT', `/api/visits/${visit.id}/bait`, { paths: bait })).status).toBe(200);
  expect((await ask('moser', 'POST', `/api/visits/${visit.id}/decide`, { agree: true })).status).toBe(200);
  return visit.id;
}
const begin = async (visit: string): Promise<string> => {
  const begun = await ask('son', 'POST', `/api/visits/${visit}/reviews`, {});
  expect(begun.status, begun.text).toBe(201);
  return begun.json<{ review: { id: string } }>().review.id;
};

interface News {
  phase: string; lines?: { path: string; line: number; text: string; match: { from: number; to: number } | null; cut: boolean }[]; fresh?: number;
    left?: number;
  proof?: { index: number; size: number; hashes: string[]; leaf: string; checkpoint: string }; shown?: number; problem?: { code: string };
  coverage?: { files: number; excluded: number; ruledOut: number; read: number; notReached: number; refused: number; ended: string; index: string };
}
/** Asks, and reads the answer to its end. */
async function search(review: string, asked: object, most = 200): Promise<{ status: number; code: string; news: News[]; text: string; places: string[] }> {
  const begun = await ask('son', 'POST', `/api/reviews/${review}/searches`, asked);
  if (begun.status !== 201) return { status: begun.status, code: begun.json<{ code: string }>().code, news: [], text: begun.text, places: [] };
  const found = await ask('son', 'GET', `/api/reviews/${review}/searches/${begun.json<{ search: { id: string } }>().search.id}?most=${most}`);
  if (found.status !== 200) return { status: found.status, code: found.json<{ code: string }>().code, news: [], text: found.text, places: [] };
  const news = found.text.trim().split('\n').map((line) => JSON.parse(line) as News);
  return {
    status: 200, code: news.find((n) => n.problem)?.problem?.code ?? '', news, text: found.text,
    places: news.flatMap((n) => n.lines ?? []).map((l) => `${l.path}:${l.line}`),
  };
}
const end = (news: readonly News[]): News => news.at(-1) as News;
const coverage = (news: readonly News[]): NonNullable<News['coverage']> => news.find((n) => n.coverage)?.coverage as NonNullable<News['coverage']>;
const facts = (name: string) => asHub('facts of a class', () => sequencedFacts(hub().world.db, [name], 0, 100_000));
const totals = async (visit: string): Promise<{ blocks: number; today: number; perDay: number; inAll: number }> =>
  (await ask('son', 'GET', `/api/visits/${visit}`)).json<{ totals: { blocks: number; today: number; perDay: number; inAll: number } }>().totals;
const isProved = async ({ index, size, hashes, leaf, checkpoint }: NonNullable<News['proof']>): Promise<boolean> => verifyInclusion(nodeTreeHash.sha256, {
  index, size, leafHash: nodeTreeHash.leaf(toUtf8(leaf)), root: parseCheckpoint(parseNote(toUtf8(checkpoint))?.text ?? '')?.root ?? new Uint8Array(),
}, hashes.map((h) => new Uint8Array(Buffer.from(h, 'base64'))));

beforeAll(async () => {
  at.hub = await testHub();
  for (const who of ['moser', 'son', 'lan', 'keller']) at.cookies[who] = await hub().as(`per_${who}`);
  const { product } = (await ask('moser', 'POST', '/api/products', { name: 'Kestrel Shield' })).json<{ product: { id: string } }>();
  const { release } = (await ask('moser', 'POST', `/api/products/${product.id}/releases`, { version: '7.1' })).json<{ release: { id: string } }>();
  const artefact = await asHub('source code for the test', () => bringSource(hub().world, {
    actor: { org: 'org_kestrel', person: 'per_moser' }, release: release.id, name: 'source', access: 'agreement', tlp: 'AMBER', keepTop: false,
  }, tarOf(files as never)));
  at.ids = { product: product.id, source: artefact.id };
  await ask('moser', 'POST', `/api/releases/${release.id}/publish`, {});
}, 600_000);
afterAll(() => at.hub?.close());

describe('the index', () => {
  test('is made once somebody may review the source, says what it holds, and is on the record of both sides', async () => {
    at.ids['visit'] = await newVisit(undefined, ['src/f79.c']);
    at.ids['review'] = await begin(id('visit'));
    const before = await ask('son', 'GET', `/api/reviews/${id('review')}/index`);
    expect(before.json<{ index: object }>().index).toMatchObject({ state: 'making', files: 0 });
    expect((await search(id('review'), { text: 'only_7' })).code).toBe('review.index-not-ready');
    await Promise.all([round(hub().world, hub().composition), round(hub().world, hub().composition)]);
    const { index } = (await ask('son', 'GET', `/api/reviews/${id('review')}/index`)).json<{ index: { name: string } }>();
    expect(index).toMatchObject({ state: 'made', files: files.length, text: files.length - 1, binary: 1, refused: 0 });
    await hub().composition.sequencer.drain();
    const stated = await facts('source.indexed');
    expect(stated.map((f) => f.body['index'])).toEqual([index.name]);
  });
});

describe('a search', () => {
  test('finds a line, with its place in the log, its coverage, and what it uses up', async () => {
    const before = await totals(id('visit'));
    const { news, places } = await search(id('review'), { text: 'only_7', wholeWord: true });
    expect(places).toEqual(['src/f07.c:151', 'src/use.c:2']);
    const [first] = news;
    const [line] = first?.lines ?? [];
    expect(line?.text.slice(line.match?.from, line.match?.to)).toBe('only_7');
    expect(await isProved(first?.proof as never)).toBe(true);
    expect(await isProved(end(news).proof as never)).toBe(true);
    const { files: all, excluded, ruledOut, read, notReached, ended } = coverage(news);
    expect([all, excluded + ruledOut + read + notReached, ended]).toEqual([files.length, files.length, 'complete']);
    expect((await totals(id('visit'))).blocks).toBe(before.blocks + 2);
    // The same again shows nothing new, and is a fact all the same.
    expect((await search(id('review'), { text: 'only_7', wholeWord: true })).news[0]?.fresh).toBe(0);
    const shown = await facts('search.shown');
    expect(shown).toHaveLength(2);
    expect(shown[0]?.body['lines']).toMatchObject([{ path: 'src/f07.c', line: 151 }, { path: 'src/use.c', line: 2 }]);
  });
  test('goes by case, word, path, language and pattern, in one file or in all', async () => {
    const places = async (asked: object): Promise<number> => (await search(id('review'), asked)).places.length;
    expect(await places({ text: 'ONLY_7' })).toBe(0);
    expect(await places({ text: 'ONLY_7', anyCase: true })).toBe(12);
    expect(await places({ text: 'ONLY_7', anyCase: true, wholeWord: true })).toBe(2);
    expect(await places({ text: String.raw`only_[78]\(`, kind: 'regex' })).toBe(3);
    expect(await places({ text: String.raw`only_[78]\(`, kind: 'regex', globs: ['use.c'] })).toBe(1);
    expect(await places({ text: 'needle', languages: ['javascript'] })).toBe(1);
    expect(await places({ text: 'only_8', path: 'src/use.c' })).toBe(1);
    expect(await places({ text: 'odd_one', path: 'odd [name]*.c' })).toBe(1);
  });
  test('of one long line shows a piece of it, and of a file in UTF-16 its text', async () => {
    const [line] = (await search(id('review'), { text: 'needle_in_one_line' })).news[0]?.lines ?? [];
    expect([line?.cut, line?.text.length, line?.text.slice(line.match?.from, line.match?.to)]).toEqual([true, 400, 'needle_in_one_line']);
    expect((await search(id('review'), { text: 'needle in sixteen' })).places).toEqual(['sixteen.txt:1']);
  });
  test('for nothing is a fact too, and shows its coverage', async () => {
    const before = (await facts('search.asked')).length;
    const { news } = await search(id('review'), { text: 'nowhere_at_all' });
    expect(news.map((n) => n.phase)).toEqual(['coverage', 'done']);
    expect(await isProved(end(news).proof as never)).toBe(true);
    expect((await facts('search.asked')).length).toBe(before + 1);
  });
  test('with a pattern that is none is refused with its place, and a hostile one ends', async () => {
    const before = (await facts('search.asked')).length;
    for (const text of [String.raw`(a)\1`, '(?=x)', '[z-a]', '(']) {
      const { status, text: said } = await search(id('review'), { text, kind: 'regex' });
      expect([text, status, said.includes('pattern')]).toEqual([text, 400, true]);
    }
    expect((await facts('search.asked')).length).toBe(before);
    const { news } = await search(id('review'), { text: '(a+)+$', kind: 'regex', languages: ['javascript'] });
    expect(['complete', 'too-costly']).toContain(coverage(news).ended);
  });
  test('is for whoever sits there alone, and shows nothing where the log does not take it', async () => {
    const begun = (await ask('son', 'POST', `/api/reviews/${id('review')}/searches`, { text: 'only_9' })).json<{ search: { id: string } }>();
    for (const who of ['moser', 'lan', 'keller']) {
      const answers = [await ask(who, 'POST', `/api/reviews/${id('review')}/searches`, { text: 'only_9' }),
        await ask(who, 'GET', `/api/reviews/${id('review')}/searches/${begun.search.id}`)];
      expect([who, ...answers.map((a) => [403, 404].includes(a.status))]).toEqual([who, true, true]);
    }
    const { blobs } = hub().world;
    const write = blobs.replace.bind(blobs);
    Object.assign(blobs, { replace: () => Promise.reject(new Error('the disk of the log is gone')) });
    const silent = await search(id('review'), { text: 'only_11' });
    const define = await ask('son', 'POST', `/api/reviews/${id('review')}/definitions`, { name: 'only_12' });
    Object.assign(blobs, { replace: write });
    expect([silent.code, silent.text.includes('static'), silent.places]).toEqual(['review.ledger-unavailable', false, []]);
    expect([define.status, define.text.includes('static')]).toEqual([503, false]);
    await hub().composition.sequencer.drain();
    expect((await search(id('review'), { text: 'only_11' })).places).toEqual(['src/f11.c:151']);
  });
  test('in one file that is bait has opened it, to the provider’s principal; its lines among those of all files have not', async () => {
    const opened = async (): Promise<string[]> => (await ask('keller', 'GET', `/api/visits/${id('visit')}/bait`))
      .json<{ opened: { path: string }[] }>().opened.map((o) => o.path);
    expect((await search(id('review'), { text: 'only_79' })).places).toEqual(['src/f79.c:151']);
    expect(await opened()).toEqual([]);
    expect((await search(id('review'), { text: 'nowhere_79', path: 'src/f79.c' })).places).toEqual([]);
    expect(await opened()).toEqual([]);
    expect((await search(id('review'), { text: 'only_79', path: 'src/f79.c' })).places).toEqual(['src/f79.c:151']);
    expect(await opened()).toEqual(['src/f79.c']);
  });
  test('ends with as many lines as were wanted, and says that there are more', async () => {
    const { news, places } = await search(id('review'), { text: 'everywhere' }, 30);
    expect([places.length, coverage(news).ended, end(news).phase]).toEqual([30, 'enough', 'done']);
    expect(coverage(news).notReached).toBeGreaterThan(0);
  });
});

test('a name is found where it is defined and where it is used, and a file by a few letters', async () => {
  const defined = await ask('son', 'POST', `/api/reviews/${id('review')}/definitions`, { name: 'only_7' });
  expect(defined.json<{ definitions: object[] }>().definitions).toMatchObject([{ path: 'src/f07.c', line: 151, kind: 'function' }]);
  expect((await search(id('review'), { text: 'only_7', kind: 'references' })).places).toEqual(['src/use.c:2']);
  const none = await ask('son', 'POST', `/api/reviews/${id('review')}/definitions`, { name: 'no_such_name' });
  expect(none.json<{ definitions: object[]; proof: { index: number } }>()).toMatchObject({ definitions: [], fresh: 0 });
  const found = (await ask('son', 'GET', `/api/reviews/${id('review')}/files?text=use.c`)).json<{ items: { path: string }[]; of: number }>();
  expect([found.items[0]?.path, found.of]).toEqual(['src/use.c', files.length]);
});

test('what was searched for is the reviewer’s side’s until the rule opens it', async () => {
  expect((await ask('son', 'GET', `/api/visits/${id('visit')}/searches`)).text).toContain('needle_in_one_line');
  expect((await ask('moser', 'GET', `/api/visits/${id('visit')}/searches`)).json<{ code: string }>().code).toBe('visit.trail-closed');
  const rows = (table: 'centre_search' | 'centre_shown') => within({ org: 'org_kestrel', person: 'per_moser', opened: new Set<string>() }, async () =>
    (await hub().world.db.as<{ centre_search: { id: string }; centre_shown: { id: string } }>().selectFrom(table).select('id').execute()).length);
  expect([await rows('centre_search'), await rows('centre_shown')]).toEqual([0, 0]);
});

describe('a crawler that searches and reads', () => {
  test('never gets more than was agreed, whatever the order and however many sittings', async () => {
    const visit = await newVisit({ perDay: 1_500, inAll: 2_500 });
    const seen = new Set<string>();
    const refusals = new Set<string>();
    const { inAll, perDay, blocks: before } = await totals(visit);
    // The account is of the organisation and product: what was seen before counts.
    expect([inAll, before > 0, inAll > before]).toEqual([Math.ceil(blocks * 0.25), true, true]);
    for (let day = 0; day < 3; day++) {
      for (const who of ['moser', 'son']) at.cookies[who] = await hub().as(`per_${who}`);
      const today = (await totals(visit)).today;
      for (let sitting = 0; sitting < 2; sitting++) {
        const review = await begin(visit);
        for (let i = 0; i < 16; i++) {
          hub().world.clock.advance(20_000);
          const file = (i * 37 + day * 11 + sitting * 7) % 80;
          const path = `src/f${String(file).padStart(2, '0')}.c`;
          const turn = (i + sitting) % 4;
          if (turn === 0) {
            const answer = await ask('son', 'POST', `/api/reviews/${review}/windows`, { path, number: i % 2 });
            if (answer.status === 200) seen.add(`${path} ${i % 2}`);
            else refusals.add(answer.json<{ code: string }>().code);
          } else {
            const asked = turn === 1 ? { text: `f${file}_`, path } : turn === 2 ? { text: '.', kind: 'regex', globs: [path] } : { text: `return ${i}` };
            const { code, places } = await search(review, asked, 500);
            for (const place of places) seen.add(place);
            if (code) refusals.add(code);
          }
          const now = await totals(visit);
          expect(now.blocks).toBeLessThanOrEqual(inAll);
          expect(now.today).toBeLessThanOrEqual(Math.max(perDay, today));
        }
      }
      hub().world.clock.advance(86_400_000 - 2 * 16 * 20_000);
    }
    at.cookies['son'] = await hub().as('per_son');
    expect([...refusals]).toContain('review.allowance-used');
    expect((await totals(visit)).blocks).toBeGreaterThan(inAll - 8);
    // What was shown is within what was counted: each line lies in blocks that are.
    const shown = await facts('search.shown');
    const distinct = new Set(shown.flatMap(({ body }) => (body['lines'] as { digest: string; from: number; to: number }[]).flatMap(({ digest, from, to }) =>
      [Math.floor(from / 4096), Math.floor(Math.max(from, to - 1) / 4096)].map((block) => `${digest} ${block}`))));
    expect(distinct.size).toBeLessThanOrEqual(inAll);
    expect(seen.size).toBeGreaterThan(100);
  }, 300_000);
});
