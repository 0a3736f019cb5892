/** The form of a story: every kind of wrong line is refused with its place. */
import { afterAll, describe, expect, test } from 'vitest';
import { testHub, type TestHub } from '../hub.ts';
import { tell } from './runner.ts';
import { at, filled, parseStory } from './story.ts';

const own: { hub?: TestHub } = {};
afterAll(() => own.hub?.close());

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
    own.hub ??= await testHub();
    await expect(tell(parseStory('x', `# T\n${lines}\n`), own.hub)).rejects.toThrow(said);
  });
});
