import { describe, expect, test } from 'vitest';
import { readBundle, readBundleBytes, type BundleEnd, type BundleItem, type BundleLimits, type BundleObject, type BundleProblem } from './bundle.ts';
import { held } from '../../../test/held.ts';
import { jsonFault } from './json-fault.ts';

async function read(source: string | Uint8Array, limits: Partial<BundleLimits> = {}): Promise<{ objects: BundleObject[]; problems: BundleProblem[];
  end: BundleEnd }> {
  const items: BundleItem[] = [];
  for await (const item of readBundleBytes(typeof source === 'string' ? Buffer.from(source) : source, limits)) items.push(item);
  const end = items.at(-1);
  if (end?.kind !== 'end') throw new Error('no end');
  return { objects: items.filter((i) => i.kind === 'object'), problems: items.filter((i) => i.kind === 'problem'), end };
}
const told = async (source: string | Uint8Array, limits: Partial<BundleLimits> = {}): Promise<unknown[]> =>
  (await read(source, limits)).problems.map((p) => [p.code, p.offset, p.index, ...(p.fatal ? ['fatal'] : [])]);
const names = async (source: string | Uint8Array): Promise<unknown[]> => (await read(source)).objects.map((o) => o.value['n'] ?? o.value['type']);

describe('objects are found', () => {
  test('in a bundle, whatever stands before and behind the list', async () => {
    const text = '{"x":{"objects":[{"n":0}]},"objects":[{"n":1},{"n":2,"s":"]}\\"{"}],"id":"bundle--1","type":"bundle"}';
    const { objects, problems, end } = await read(text);
    expect(problems).toEqual([]);
    expect(objects.map((o) => o.value)).toEqual([{ n: 1 }, { n: 2, s: ']}"{' }]);
    expect(objects.map((o) => [o.index, o.offset, o.length])).toEqual([[0, 38, 7], [1, 46, 19]]);
    expect(Buffer.from(objects[1]?.raw ?? []).toString()).toBe('{"n":2,"s":"]}\\"{"}');
    expect(end).toMatchObject({ form: 'bundle', fields: { id: 'bundle--1', type: 'bundle', x: { objects: [{ n: 0 }] } }, objects: 2, bad: 0,
      bytes: text.length });
  });
  test('in an envelope, also where it has none', async () => {
    expect((await read('{"more":true,"next":"a","objects":[{"n":1}]}')).end).toMatchObject({ form: 'bundle', fields: { more: true, next: 'a' },
      objects: 1 });
    expect(await read(' {} ')).toMatchObject({ objects: [], problems: [], end: { form: 'bundle', fields: {} } });
    expect(await read('{"more":false}')).toMatchObject({ objects: [], problems: [], end: { form: 'bundle', fields: { more: false } } });
    expect(await read('{"type":"bundle","id":"b","objects":[]}')).toMatchObject({ problems: [], end: { fields: { type: 'bundle', id: 'b' }, objects: 0 } });
  });
  test('in a list, in lines, and by themselves', async () => {
    expect(await names('[{"n":1},\n {"n":2}]')).toEqual([1, 2]);
    expect((await read('[]')).end).toMatchObject({ form: 'list', objects: 0 });
    const lines = await read('{"type":"tool","n":1}\n{"type":"tool","n":2}\r\n\n\u001e{"n":3}');
    expect(lines).toMatchObject({ problems: [], end: { form: 'lines', objects: 3, fields: {} } });
    expect(lines.objects.map((o) => o.offset)).toEqual([0, 22, 47]);
    expect(await names('{"type":"observed-data","objects":{"0":{"type":"url"}}}')).toEqual(['observed-data']);
    expect(await names('{"type":"x-own","objects":[{"n":1}]}')).toEqual(['x-own']);
  });
});

describe('a bad object stops no other', () => {
  test('whatever is wrong within it', async () => {
    expect(await told('[{"n":1},{"a":tru},{"a":1,"b":{"c":1,"c":2}},{"a":"\\ud800"},{"a":"\\ud83d\\ude00"},7,"x",[{}],null,{"n":2}]')).toEqual([
      ['syntax', 14, 1], ['duplicate-key', 37, 2], ['surrogate', 51, 3], ['not-object', 81, 5], ['not-object', 83, 6], ['not-object', 87, 7],
        ['not-object', 92, 8],
    ]);
    expect(await names('[{"n":1},{"a":tru},{"a":"\\u0061"},7,{"n":2}]')).toEqual([1, undefined, 2]);
  });
  test('where bytes are no UTF-8, and a line and column say where', async () => {
    const { problems, objects } = await read(Buffer.concat([Buffer.from('[\n {"a":1},\n  {"é":"'), Buffer.from([0xff]), Buffer.from('"},\n{"n":2}]')]));
    expect(problems).toMatchObject([{ code: 'utf-8', line: 3, column: 10, offset: 21, index: 1, fatal: false }]);
    expect(objects.map((o) => o.index)).toEqual([0, 2]);
    expect(await told(Buffer.concat([Buffer.from('[{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}]')]))).toEqual([['utf-8', 7, 0]]);
  });
  test('where a string lacks its end', async () => {
    expect(await told('[\n{"a":"x},\n{"n":2}]')).toEqual([['truncated', 20, 0, 'fatal']]);
    expect((await read('[{"a":"y\nz"},{"n":4}]')).problems).toMatchObject([{ code: 'syntax', offset: 8, line: 1, column: 9, index: 0 }]);
    expect(await names('{"type":"tool","n":1}\n{"n":"2}\n{"n":3}\n{"n":]}\n{"n":5}\nhello {"n":6}\n{"n":7}')).toEqual([1, 3, 5, 7]);
  });
  test('too large, too deep', async () => {
    const text = `[{"n":1},{"a":"${'x'.repeat(100)}"},{"a":${'['.repeat(9)}${']'.repeat(9)}},{"n":2}]`;
    expect(await told(text, { objectBytes: 60, depth: 5 })).toEqual([['too-large', 9, 1], ['too-deep', 118, 2]]);
    expect(await told(`{"type":"tool","a":${'['.repeat(9)}${']'.repeat(9)}}\n{"n":2}`, { depth: 9 })).toEqual([['too-deep', 0, 0]]);
    expect(await told(`{"type":"tool","a":"${'x'.repeat(100)}"}\n{"n":2}`, { objectBytes: 60 })).toEqual([['too-large', 0, 0]]);
    expect(await told('[{},{},{}]', { objects: 2 })).toEqual([['too-many', 7, null, 'fatal']]);
  });
  test('commas too many or too few', async () => {
    expect(await told('[{"n":1},,{"n":2} {"n":3},]')).toEqual([['syntax', 9, null], ['syntax', 18, null], ['syntax', 26, null]]);
    expect(await names('[{"n":1},,{"n":2} {"n":3},]')).toEqual([1, 2, 3]);
  });
});

describe('a stream ends where nobody can tell how it goes on', () => {
  test('cut off', async () => {
    expect(await told('{"type":"bundle","objects":[{"n":1},{"n":2')).toEqual([['truncated', 42, 1, 'fatal']]);
    expect(await told('{"type":"bundle","objects":[{"n":1},')).toEqual([['truncated', 36, null, 'fatal']]);
    expect(await told('{"type":"bundle","objects":[{"n":1}]')).toEqual([['truncated', 36, null, 'fatal']]);
    expect(await told('[{"n":1}')).toEqual([['truncated', 8, null, 'fatal']]);
    expect(await told('{"type":"tool","a"')).toEqual([['truncated', 18, 0, 'fatal']]);
    expect(await told('{"type":"tool"}\n{"n":')).toEqual([['truncated', 21, 1, 'fatal']]);
    for (const nothing of ['', ' \n', '\ufeff']) expect((await told(nothing)).at(-1)).toEqual(['empty', Buffer.byteLength(nothing), null, 'fatal']);
  });
  test('in another encoding', async () => {
    expect(await told(Buffer.from('\ufeff[{}]', 'utf16le'))).toEqual([['utf-16', 0, null, 'fatal']]);
    expect(await told(Buffer.from('[{}]', 'utf16le'))).toEqual([['utf-16', 1, null, 'fatal']]);
    expect(await told(Buffer.from('[{}]', 'utf16le').swap16())).toEqual([['utf-16', 0, null, 'fatal']]);
    expect(await told('\ufeff[{"n":1}]')).toEqual([['bom', 0, null]]);
    expect(await names('\ufeff[{"n":1}]')).toEqual([1]);
  });
  test('as something else', async () => {
    expect(await told('<html>')).toEqual([['syntax', 0, null, 'fatal']]);
    expect(await told('{"type":"bundle","objects":[{"n":1}]} x')).toEqual([['syntax', 38, null, 'fatal']]);
    expect(await told('[{"n":1}]{}')).toEqual([['syntax', 9, null, 'fatal']]);
    expect(await told('[{"n":1},{"a":[1}},{"n":2}]')).toEqual([['syntax', 16, 1, 'fatal']]);
    for (const bad of ['{7', '{"a" 1}', '{"a":}', '{"a":1 2}', '{"objects":[}', '{"objects":[{}}']) expect((await told(bad)).at(-1))
      .toEqual(expect.arrayContaining(['syntax', 'fatal']));
  });
  test('and keys beside the list that stand twice are told', async () => {
    expect(await told('{"id":1,"objects":[{"n":1}],"id":2,"objects":[{"n":2}]}')).toEqual([['duplicate-key', 28, null], ['duplicate-key', 35, null]]);
    expect((await read('{"__proto__":1,"objects":[]}')).end.fields).toEqual(JSON.parse('{"__proto__":1}'));
    expect(await told('{"id":"\\ud800","more":tru,"objects":[{"n":1}]}')).toEqual([['surrogate', 1, null], ['syntax', 15, null]]);
  });
});

test('a consumer that stops early stops the source', async () => {
  let closed = false;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from('[');
      for (;;) yield Buffer.from('{"n":1},');
    } finally {
      closed = true;
    }
  }
  for await (const item of readBundle(source())) if (item.kind === 'object' && item.index === 3) break;
  expect(closed).toBe(true);
});

test('the first fault of a text is found where it is', () => {
  const at = (text: string): unknown => jsonFault(Buffer.from(text), 4)?.offset ?? null;
  for (const good of ['{}', ' [1, -0.5e+3 ,true,null,"\\u00e9\\ud83d\\ude00",{"a":{"b":[]}}] ', '0', '""']) expect(at(good), good).toBeNull();
  expect([
    '', '{', '[1,]', '{"a":1,}', '{"a"}', '{a:1}', '[01]', '[1 2]', '"\\x"', '"\\u12g4"', '"a\tb"', '[[[[[]]]]]', '{} x', '["\\udc00"]', '["\\ud800x"]',
      '["\\ud800', '{"a":1,"\\u0061":2}',
  ].map(at)).toEqual([0, 1, 3, 7, 4, 1, 1, 3, 1, 1, 2, 4, 3, 2, 2, 1, 7]);
});

test('a bundle of any size costs the memory of its largest object', async () => {
  const chunk = Buffer.from(`{"type":"tool","name":"${'x'.repeat(3000)}"},`.repeat(80));
  const chunks = 400;
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('{"type":"bundle","x":[');
    const numbers = Buffer.from('1,'.repeat(30_000));
    for (let i = 0; i < 160; i++) yield numbers;
    yield Buffer.from('1],"objects":[');
    for (let i = 0; i < chunks; i++) yield chunk;
    yield Buffer.from('{"n":1}]}');
  }
  const before = held();
  let [most, count] = [0, 0];
  for await (const item of readBundle(source())) {
    if (item.kind === 'problem') throw new Error(item.text);
    if (item.kind === 'object' && item.index % 8000 === 0) most = Math.max(most, held() - before);
    if (item.kind === 'end') count = item.objects;
  }
  expect(count).toBe(chunks * 80 + 1);
  // Ten megabytes beside the list and a hundred in it went by; what stands before a list is kept up to the size of one object.
  expect(most).toBeLessThan(12 * 1_048_576);
});
