import fc from 'fast-check';
import { expect, test } from 'vitest';
import { zipOf } from './testing.ts';
import { isZip, membersOf, ZipError } from './unzip.ts';

async function text(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
const member = fc.record({ name: fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{0,5})?$/), text: fc.string({ maxLength: 300 }), stored: fc.boolean() });

test('what was packed comes out, folders left out', async () => {
  await fc.assert(fc.asyncProperty(fc.array(member, { maxLength: 6 }), async (members) => {
    const zip = zipOf(members);
    expect(isZip(zip)).toBe(true);
    const found = await Promise.all(membersOf(zip).map(async ({ name, bytes }) => [name, await text(bytes())]));
    expect(found).toEqual(members.filter(({ name }) => !name.endsWith('/')).map((one) => [one.name, one.text]));
  }), { numRuns: 150 });
});

test('a zip that is cut, or has a byte changed, gives what was packed or a ZipError', async () => {
  const whole = zipOf([{ name: 'a', text: 'x'.repeat(500) }, { name: 'b', text: 'another', stored: true }]);
  const texts = new Set(['x'.repeat(500), 'another']);
  await fc.assert(fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), async (at, byte, cut) => {
    const broken = cut ? whole.subarray(0, at) : Buffer.concat([whole.subarray(0, at), Buffer.from([byte]), whole.subarray(at + 1)]);
    try {
      for (const { bytes } of membersOf(broken)) expect(texts.has(await text(bytes()))).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(ZipError);
    }
  }), { numRuns: 500 });
});

test('what lies about itself, is encrypted, or lies over another is refused; a bomb costs no memory and ends at its stated size', async () => {
  const read = async (zip: Buffer): Promise<string> => {
    for (const { bytes } of membersOf(zip)) await text(bytes());
    return 'read';
  };
  const failure = (zip: Buffer): Promise<string> => read(zip).catch((error: Error) => (error instanceof ZipError ? error.message : String(error)));
  expect(await failure(zipOf([{ name: 'a', text: 'abc', crc: 1 }]))).toContain('not what it states');
  expect(await failure(zipOf([{ name: 'a', text: 'abc', size: 2 }]))).toContain('longer than it states');
  expect(await failure(zipOf([{ name: 'a', text: 'abc', flags: 1 }]))).toContain('encrypted');
  expect(await failure(Buffer.from('PK\u0005\u0006'))).toContain('no end');
  const over = zipOf([{ name: 'a', text: 'abc' }, { name: 'b', text: 'abc' }]);
  const central = over.indexOf(Buffer.from([0x50, 0x4b, 1, 2]), over.indexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 1);
  over.writeUInt32LE(0, central + 42);
  expect(await failure(over)).toContain('over one another');
  const bomb = zipOf([{ name: 'a', text: '0'.repeat(200_000_000) }]);
  expect(bomb.length).toBeLessThan(300_000);
  let longest = 0;
  for (const { bytes } of membersOf(bomb)) for await (const piece of bytes()) longest = Math.max(longest, piece.length);
  expect(longest).toBeLessThanOrEqual(262_144);
});
