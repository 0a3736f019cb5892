import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { systemRandom } from '../random.ts';
import { fakeSecrets } from './fake.ts';
import { fileSecrets } from './files.ts';
import { SealBroken, type Secrets } from './port.ts';

const folders: string[] = [];
async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'entente-secrets-'));
  folders.push(made);
  return made;
}
afterAll(() => Promise.all(folders.map((f) => rm(f, { recursive: true, force: true }))));

describe.each([
  ['files', async (): Promise<() => Promise<Secrets>> => {
    const kept = await folder();
    return () => fileSecrets(kept, systemRandom());
  }],
  ['fake', async (): Promise<() => Promise<Secrets>> => async () => fakeSecrets()],
])('secrets as %s', (_, place) => {
  test('what is sealed opens, also after a restart, and is never the same text twice', async () => {
    const open = await place();
    const secrets = await open();
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (plain) => {
      const [one, other] = [secrets.seal('a', plain), secrets.seal('a', plain)];
      expect(one).not.toBe(other);
      expect([secrets.open('a', one), secrets.open('a', other), secrets.isCurrent(one)]).toEqual([plain, plain, true]);
      if (plain.length > 8) expect(one.includes(plain)).toBe(false);
    }), { numRuns: 50 });
    const sealed = secrets.seal('a', 'the password');
    expect((await open()).open('a', sealed)).toBe('the password');
  });

  test('opens for nothing else, and not once a letter is changed or cut', async () => {
    const secrets = await (await place())();
    const sealed = secrets.seal('source one', 'the password');
    expect(() => secrets.open('source two', sealed)).toThrow(SealBroken);
    for (let i = 0; i < sealed.length; i++) {
      const other = sealed[i] === 'A' ? 'B' : 'A';
      // The last letter of base64url has bits that no byte uses.
      if (i === sealed.length - 1) continue;
      expect(() => secrets.open('source one', sealed.slice(0, i) + other + sealed.slice(i + 1)), String(i)).toThrow(SealBroken);
      expect(() => secrets.open('source one', sealed.slice(0, i)), String(i)).toThrow(SealBroken);
    }
  });
});

test('a further key seals from the next start on; what the first one sealed opens still', async () => {
  const kept = await folder();
  const before = await fileSecrets(kept, systemRandom());
  const sealed = before.seal('a', 'x');
  await writeFile(join(kept, '2.key'), systemRandom().bytes(32), { mode: 0o600 });
  const after = await fileSecrets(kept, systemRandom());
  expect([after.open('a', sealed), after.isCurrent(sealed), after.isCurrent(after.seal('a', 'x'))]).toEqual(['x', false, true]);
  expect(() => before.open('a', after.seal('a', 'x'))).toThrow(SealBroken);
});

test('the key is for its owner alone; several starts at once agree on one', async () => {
  const kept = await folder();
  const all = await Promise.all([1, 2, 3, 4].map(() => fileSecrets(kept, systemRandom())));
  const sealed = all[0]?.seal('a', 'x') ?? '';
  expect(all.map((one) => one.open('a', sealed))).toEqual(['x', 'x', 'x', 'x']);
  expect(await readdir(kept)).toEqual(['1.key']);
  expect((await stat(join(kept, '1.key'))).mode & 0o777).toBe(0o600);
  await chmod(join(kept, '1.key'), 0o644);
  await expect(fileSecrets(kept, systemRandom())).rejects.toThrow('0600');
});

test('the fake fails on command', () => {
  const secrets = fakeSecrets();
  const sealed = secrets.seal('a', 'x');
  secrets.failOpen();
  expect(() => secrets.open('a', sealed)).toThrow(SealBroken);
  expect(secrets.open('a', sealed)).toBe('x');
});
