import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64, fromHex, fromUtf8, toBase64, toHex, toUtf8 } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { formatNote, parseNote } from './note.ts';
import { PolicyError, parsePolicy } from './policy.ts';

const notelike = fc.array(fc.constantFrom(
  '— ', 'a.example', ' ', '\n', '\n\n', 'AAAAAAAA', 'AAAAAAA=', '\u2014', '\t', '1', '+', '\u00a0', 'é',
), { maxLength: 30 }).map((parts) => parts.join(''));

test('whatever parses as a note is spelt back to the same bytes', () => {
  fc.assert(fc.property(fc.oneof(notelike, fc.string({ unit: 'binary' })), (text) => {
    const note = parseNote(toUtf8(text));
    if (note) expect(formatNote(note)).toBe(text);
    const checkpoint = parseCheckpoint(text);
    if (checkpoint?.extensions.length === 0) expect(formatCheckpoint(checkpoint)).toBe(text);
  }), { numRuns: 2000 });
});

test('base64, hex and UTF-8 have one spelling each', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
    expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    expect(fromHex(toHex(bytes))).toEqual(bytes);
    const text = fromUtf8(bytes);
    if (text !== null) expect(toUtf8(text)).toEqual(bytes);
  }), { numRuns: 500 });
  fc.assert(fc.property(fc.base64String(), fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (text, at, letter) => {
    const i = text.length ? at % text.length : 0;
    const changed = text.slice(0, i) + letter + text.slice(i + 1);
    const read = fromBase64(changed);
    if (read) expect(toBase64(read)).toBe(changed);
  }), { numRuns: 1000 });
});

test('a policy is read or refused with its line, never anything else', async () => {
  const word = fc.constantFrom('log', 'witness', 'group', 'quorum', 'least', 'none', 'a', '1', '#', ' ', '\t', '\n', 'all');
  await fc.assert(fc.asyncProperty(fc.array(word, { maxLength: 20 }), async (words) => {
    await parsePolicy(nodeVerifying, toUtf8(`${words.join(' ')}\n`)).catch((error: unknown) => {
      expect(error).toBeInstanceOf(PolicyError);
    });
  }), { numRuns: 300 });
});
