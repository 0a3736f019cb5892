/** Every story in this folder over one hub, those that say `alone` over their own; no endpoint is without a story. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Operation } from '../../src/app/room.ts';
import { demoApi } from '../../src/app/demo/chooser.ts';
import { outline } from '../../src/app/outline.ts';
import { testHub, type TestHub } from '../hub.ts';
import { tell, type Asked } from './runner.ts';
import { at, filled, parseStory } from './story.ts';

const stories = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.txt')).sort()
  .map((name) => parseStory(name, readFileSync(join(import.meta.dirname, name), 'utf8')));
const shared: { hub?: TestHub } = {};
const asked: Asked[] = [];

afterAll(() => shared.hub?.close());

describe('stories', () => {
  test.each(stories.filter((story) => !story.alone).map((story) => [story.file, story.title, story] as const))('%s: %s', async (_, __, story) => {
    shared.hub ??= await testHub();
    asked.push(...await tell(story, shared.hub));
  });
  test.each(stories.filter((story) => story.alone).map((story) => [story.file, story.title, story] as const))('%s: %s', async (_, __, story) => {
    const hub = await testHub();
    try {
      asked.push(...await tell(story, hub));
    } finally {
      await hub.close();
    }
  });
});

/** Answered yes in no story: a passkey answers only to a browser. Its refusals are told; the journeys in test/browser say yes. */
const refusedOnly = new Set(['session.start', 'passkeys.add', 'passkeys.remove', 'invitations.accept']);

type Addressed = Pick<Operation, 'id'> & { readonly endpoint: Pick<Operation['endpoint'], 'method' | 'path'> };
const endpoints: readonly Addressed[] = [
  ...outline(), ...Object.entries(demoApi).map(([name, endpoint]) => ({ id: `demo.${name}`, endpoint })),
];
const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', String.raw`\.`).replaceAll(/:[A-Za-z]+/g, '[^/]+').replace('*', '.+')}$`);
const toldOf = ({ endpoint: { method, path } }: Addressed, others: readonly Addressed[]): Asked[] => {
  // `/api/x/:id` also fits what `/api/x/import` answers: the more literal of two paths is the one that was asked.
  const nearer = others.filter((o) => o.endpoint.method === method && o.endpoint.path !== path && patternOf(path).test(o.endpoint.path));
  return asked.filter((a) => a.method === method && patternOf(path).test(a.path)
    && !nearer.some((o) => patternOf(o.endpoint.path).test(a.path)));
};

// What was asked is only known when the stories have been told, in the order of this file; run alone, these fail.
describe('each endpoint has a story, and one that says yes', () => {
  test.each(endpoints.map((e) => [e.id, e] as const))('%s', (id, endpoint) => {
    const told = toldOf(endpoint, endpoints);
    expect(told.length, `${endpoint.endpoint.method} ${endpoint.endpoint.path} is in no story`).toBeGreaterThan(0);
    expect(told.some((a) => a.status < 300), `${id} says yes in a story`).toBe(!refusedOnly.has(id));
  });
});

describe('the form of a story', () => {
  const refused: [string, string, RegExp][] = [
    ['a line that says nothing', '# T\nfrobnicate it\n', /^x:2: “frobnicate it” says nothing/],
    ['a claim that is none', '# T\nGET /x\n  maybe 200\n', /^x:3: “maybe” says nothing/],
    ['a claim without a request', '# T\n  status 200\n', /^x:2: an indented line/],
    ['a body and a block without TEXT', '# T\nPOST /x {"a":1}\n  | b\n', /^x:2: .*no TEXT/],
    ['no title', 'GET /x\n', /^x:1: a story begins/],
  ];
  test.each(refused)('%s is refused with its place', (_, text, said) => expect(() => parseStory('x', text)).toThrow(said));
  test('a block becomes the body, or the JSON string at TEXT', () => {
    const [plain, placed] = parseStory('x', '# T\nPOST /x\n  | a\n  | b\nPOST /y {"csv":TEXT}\n  | "q"\n').steps;
    expect([plain, placed].map((s) => s?.kind === 'request' && s.body)).toEqual(['a\nb\n', '{"csv":"\\"q\\"\\n"}']);
  });
  test('what was not kept cannot be used', () =>
    expect(() => filled({ file: 'x', line: 7 }, '/api/{never}', new Map())).toThrow('x:7: nothing is kept as never'));
  test('a path finds fields, places in lists and items by a field', () => {
    const json = { a: [{ id: 'x', n: 1 }, { id: 'y', n: 2 }] };
    expect(['a.1.n', 'a[id=x].n', 'a[id=z].n', 'b.c'].map((path) => at(json, path))).toEqual([2, 1, undefined, undefined]);
  });
  test.each([
    ['a status', 'GET /api/session\n  status 404', /x:2: GET \/api\/session answered 200, not 404/],
    ['a value', 'GET /api/session\n  is actor "somebody"', /x:3: is /],
    ['a text', 'GET /api/session\n  contains xyzzy', /x:3: does not contain xyzzy/],
    ['a fact', 'as per_minh\nfact agreement.signed agr_neverwas', /x:3: 0 facts agreement\.signed/],
  ])('%s that does not hold fails at its line', async (_, lines, said) => {
    shared.hub ??= await testHub();
    await expect(tell(parseStory('x', `# T\n${lines}\n`), shared.hub)).rejects.toThrow(said);
  });
});
