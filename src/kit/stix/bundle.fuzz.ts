import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBundle, type BundleItem } from './bundle.ts';
import { jsonFault } from './json-fault.ts';

async function* cutAt(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}
async function itemsOf(bytes: Uint8Array, sizes: readonly number[]): Promise<BundleItem[]> {
  const items: BundleItem[] = [];
  for await (const item of readBundle(cutAt(bytes, sizes), { objectBytes: 2000, depth: 12, objects: 50 })) {
    // Where reading ended early, how much was read is the chunks' matter.
    items.push(item.kind === 'end' ? { ...item, bytes: 0 } : item);
  }
  return items;
}
const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
const object = fc.dictionary(fc.string({ maxLength: 5 }).filter((k) => k !== 'type' && k !== 'objects'), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });
const spaces = fc.constantFrom(0, 1, 2);
/** The bytes of a bundle, an envelope, a list or lines. */
const document = fc.tuple(fc.array(object, { maxLength: 6 }), fc.constantFrom('bundle', 'late', 'envelope', 'list', 'lines'), spaces).map(([objects,
  form, space]) => {
  const text = {
    bundle: () => JSON.stringify({ type: 'bundle', id: 'b', objects }, null, space),
    late: () => JSON.stringify({ objects, more: false, x: { objects: [1] } }, null, space),
    envelope: () => JSON.stringify({ more: true, objects }, null, space),
    list: () => JSON.stringify(objects, null, space),
    lines: () => objects.map((o) => `${JSON.stringify({ type: 'tool', ...o })}\n`).join(''),
  }[form]();
  return { objects: form === 'lines' ? objects.map((o) => ({ type: 'tool', ...o })) : objects, text };
});

test('every object is given out with its own bytes, wherever the chunks are cut', async () => {
  await fc.assert(fc.asyncProperty(document, sizes, async ({ objects, text }, cuts) => {
    const bytes = Buffer.from(text);
    const items = await itemsOf(bytes, cuts);
    const found = items.filter((i) => i.kind === 'object');
    // An object without half a surrogate is sound, one with it is told.
    const problems = items.filter((i) => i.kind === 'problem');
    expect(found.length + problems.filter((p) => p.index !== null).length).toBe(objects.length);
    for (const { index, offset, length, raw, value } of found) {
      expect(Buffer.compare(raw, bytes.subarray(offset, offset + length))).toBe(0);
      expect(value).toEqual(JSON.parse(JSON.stringify(objects[index])));
    }
    expect(problems.every((p) => p.code === 'surrogate' || p.code === 'empty')).toBe(true);
  }), { numRuns: 300 });
});

test('damaged bytes give the same items however they are cut, and nothing is invented', async () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(...Buffer.from('{}[]",:\\\n\0u')), fc.nat({ max: 255 })), fc.boolean()),
    { maxLength: 4 });
  await fc.assert(fc.asyncProperty(document, damage, fc.nat(), sizes, async ({ text }, changes, cut, cuts) => {
    let bytes = Buffer.from(text);
    for (const [at, byte, insert] of changes) {
      const i = at % (bytes.length + 1);
      bytes = Buffer.concat([bytes.subarray(0, i), Buffer.from([byte]), bytes.subarray(insert ? i : i + 1)]);
    }
    if (cut % 4 === 0) bytes = bytes.subarray(0, cut % (bytes.length + 1));
    const whole = await itemsOf(bytes, [1_000_000]);
    expect(await itemsOf(bytes, cuts)).toEqual(whole);
    let last = -1;
    let places = 0;
    for (const item of whole) {
      if (item.kind === 'end') continue;
      expect(item.offset).toBeLessThanOrEqual(bytes.length);
      if (item.kind === 'problem') {
        const lines = bytes.subarray(0, item.offset).toString('latin1').split('\n');
        expect([item.line, item.column]).toEqual([lines.length, (lines.at(-1) ?? '').length + 1]);
      }
      if (item.index === null) continue;
      expect(item.index).toBe(places++);
      if (item.kind !== 'object') continue;
      expect(item.offset).toBeGreaterThan(last);
      expect(JSON.parse(Buffer.from(item.raw).toString())).toEqual(item.value);
      last = item.offset + item.length - 1;
    }
    expect(whole.at(-1)?.kind).toBe('end');
  }), { numRuns: 1000 });
});

test('a text has a fault exactly if JSON.parse refuses it, but for keys and surrogates', () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 3 }), fc.nat(), fc.constantFrom(...'{}[]",:\\u01.e- \n'), fc.boolean(), (value, at, letter, insert) => {
    const text = JSON.stringify(value);
    const i = at % (text.length + 1);
    const changed = text.slice(0, i) + letter + text.slice(insert ? i : i + 1);
    const fault = jsonFault(Buffer.from(changed), 100);
    let parsed = true;
    try {
      JSON.parse(changed);
    } catch {
      parsed = false;
    }
    if (fault?.code === 'duplicate-key' || fault?.code === 'surrogate') return;
    expect(fault === null, changed).toBe(parsed);
  }), { numRuns: 3000 });
});
