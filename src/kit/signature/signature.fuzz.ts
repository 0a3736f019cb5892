import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf, FieldError, listsOf, listText } from './fields.ts';
import { checkPush } from './profile.ts';

const word = fc.stringMatching(/^[ -~]{0,20}$/);
const key = fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,8}$/);
const bare = fc.oneof(word, fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }), fc.boolean(), fc.uint8Array({ maxLength: 20 }));
const params = fc.uniqueArray(fc.tuple(key, bare), { selector: ([name]) => name, maxLength: 5 }).map((all) => new Map(all));
const list = fc.record({ items: fc.array(fc.record({ value: word, params }), { maxLength: 6 }), params });

test('what is written is read back as it was', () => {
  fc.assert(fc.property(key, list, (name, value) => {
    const read = listsOf(`${name}=${listText(value)}`).get(name);
    expect(read && listText(read)).toBe(listText(value));
    expect(read?.items.map((item) => item.value)).toEqual(value.items.map((item) => item.value));
  }), { numRuns: 400 });
});

test('any text is read or refused with its place, never anything else', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.stringMatching(/^[a-z=("@);:,0-9 \\]{0,60}$/));
  fc.assert(fc.property(text, (given) => {
    for (const read of [listsOf, bytesOf]) {
      try {
        read(given);
      } catch (error) {
        expect(error).toBeInstanceOf(FieldError);
        expect((error as FieldError).offset).toBeLessThanOrEqual(given.length);
      }
    }
  }), { numRuns: 1000 });
});

test('no request with fields of any kind passes unless the verifier says yes, and none makes it throw', async () => {
  const field = fc.oneof(fc.constant(null), fc.string({ unit: 'binary', maxLength: 80 }), list.map((value) => `a=${listText(value)}`),
    fc.uint8Array({ maxLength: 70 }).map((bytes) => `a=:${Buffer.from(bytes).toString('base64')}:`));
  await fc.assert(fc.asyncProperty(field, field, field, async (input, signature, digest) => {
    const headers: Record<string, string | null> = { 'signature-input': input, signature, 'content-digest': digest, 'content-type': 'x' };
    const request = { method: 'POST', url: new URL('https://hub.example/x'), header: (name: string) => headers[name] ?? null };
    const answer = await checkPush(request, 1, () => new Uint8Array(32), { verifyEd25519: () => false });
    expect(answer.ok).toBe(false);
  }), { numRuns: 500 });
});
