/** Import, mirror and fsck as commands: a bundle becomes a copy, the copy is served, mirrored once more, checked, and damaged. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entente, get } from '../app/process.ts';

const vectors = join(import.meta.dirname, '..', '..', 'docs', 'specs', 'vectors');
const [bundle, policy] = [join(vectors, 'ledger-3.bundle'), join(vectors, 'ledger-3.policy')];
const at = { folder: '' };
beforeAll(async () => { at.folder = await mkdtemp(join(tmpdir(), 'entente-mirror-')); });
afterAll(() => rm(at.folder, { recursive: true, force: true }));

async function run(...words: string[]): Promise<{ code: number | null; out: string }> {
  const ran = entente(words, {});
  const { code } = await ran.exited;
  return { code, out: ran.out() + ran.err() };
}

test('a bundle becomes a copy that is served, mirrored and checked; damage is named', async () => {
  const [first, second] = [join(at.folder, 'first'), join(at.folder, 'second')];
  const taken = await run('ledger', 'import', bundle, '--policy', policy, '--data', first);
  expect(taken).toMatchObject({ code: 0 });
  expect(taken.out).toMatch(/3 leaves, 3 of them new/);
  const bad = join(at.folder, 'bad.bundle');
  await writeFile(bad, (await readFile(bundle, 'utf8')).replace('"class":"', '"class":"x'));
  const refused = await run('ledger', 'import', bad, '--policy', policy, '--data', first);
  expect(refused.code).toBe(1);
  expect(refused.out).toMatch(/not taken in at entry 0, byte \d+/);

  // Its own source is away; it serves what it has.
  const source = entente(['mirror', '--url', 'http://127.0.0.1:1/ledger', '--policy', policy, '--data', first, '--port', '0'], {});
  const [, address = ''] = await source.until(/served at (\S+)/);
  expect((await run('ledger', 'import', bundle, '--policy', policy, '--data', first)).code).toBe(75);
  expect((await run('mirror', '--url', address, '--policy', policy, '--data', second, '--once')).code).toBe(0);
  expect(JSON.parse(await readFile(join(second, 'status.json'), 'utf8'))).toMatchObject({ verdict: 'current', size: 3, why: null });
  await source.until(/Nobody answers/);
  expect(JSON.parse((await get(address, '/status')).text)).toMatchObject({ verdict: 'unreachable', size: 3 });
  expect((await get(address, '/checkpoint')).text).toBe((await readFile(bundle, 'utf8')).split('\n').slice(1, 7).join('\n').replace(/\n*$/, '\n'));
  for (const path of ['/tile/0/000', '/tile/0/000.p/4', '/status.json', '/nothing']) {
    expect((await get(address, path)).status, path).toBe(404);
  }
  const checked = await run('ledger', 'fsck', '--url', address, '--policy', policy);
  expect(checked).toMatchObject({ code: 0 });
  expect(checked.out).toMatch(/3 entries, their tiles and root are whole; signed by/);
  source.child.kill('SIGTERM');
  expect((await source.exited).code).toBe(0);

  expect((await run('ledger', 'fsck', '--folder', second, '--policy', policy)).code).toBe(0);
  const entries = join(second, 'blobs', 'objects', 'ledger', 'tile', 'entries', '000.p', '3');
  const bytes = await readFile(entries);
  bytes[bytes.length - 3] = 0x20;
  await writeFile(entries, bytes);
  const found = await run('ledger', 'fsck', '--folder', second);
  expect(found.code).toBe(1);
  expect(found.out).toContain('WRONG at entry 2');
  expect((await run('ledger', 'fsck', '--url', 'http://127.0.0.1:1/')).code).toBe(69);
  expect((await run('ledger', 'fsck', '--url', 'x', '--folder', 'y')).code).toBe(64);
});
