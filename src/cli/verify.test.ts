import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toBase64 } from '#kit/encoding';
import { policyText, sampleBundle, sampleEntry, sampleLog, seededSigner } from '#kit/bundle/testing';
import { verify, verifyRequest } from './verify.ts';

const folder = await mkdtemp(join(tmpdir(), 'entente-verify-'));
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  const signer = await seededSigner('log.example', 'cli');
  const log = sampleLog(Array.from({ length: 10_000 }, (_, i) => sampleEntry(i)));
  const bundle = await sampleBundle({ log, signer });
  await writeFile(path('good.bundle'), bundle);
  await writeFile(path('policy'), policyText(signer, `least log.example 9999 ${toBase64(
    sampleLog(log.entries.slice(0, 9999)).root)}\n`));
  await writeFile(path('forked.policy'), policyText(signer, `least log.example 9999 ${toBase64(log.root)}\n`));
  await writeFile(path('other.policy'), policyText(await seededSigner('other.example', 'other')));
  await writeFile(path('bad.policy'), 'trust me\n');
  const at = bundle.indexOf('\nleaf 7777 ') + 40;
  bundle[at] = (bundle[at] ?? 0) ^ 1;
  await writeFile(path('bad.bundle'), bundle);
  await new Promise<void>((resolve, reject) => {
    const script = fileURLToPath(new URL('../../scripts/build-verify.mjs', import.meta.url));
    execFile(process.execPath, [script, folder], (error) => error ? reject(error) : resolve());
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ran { code: number; out: string; err: string }

/** Runs the bundled verifier on Node alone, in its own folder. */
const bare = (...words: string[]): Promise<Ran> => new Promise((resolve) => {
  const options = { cwd: folder, env: {} };
  execFile(process.execPath, ['entente-verify.mjs', ...words], options, (error, out, err) => {
    resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
  });
});

async function here(bundle: string, policy: string | null): Promise<Ran> {
  const ran = { code: 0, out: '', err: '' };
  ran.code = await verify({ bundle: path(bundle), policy: policy && path(policy), json: false }, {
    out: (line) => { ran.out += line; }, err: (line) => { ran.err += line; },
  });
  return ran;
}

test('on bare Node an untouched bundle of 10,000 facts passes, twice, and a flipped one fails at its entry', async () => {
  for (let i = 0; i < 2; i++) {
    const { code, out } = await bare('good.bundle', '--policy', 'policy');
    expect([code, out]).toEqual([0, expect.stringContaining('verified. log.example, 10000 facts, 5000 of them opened')]);
  }
  const { code, out } = await bare('bad.bundle', '--policy=policy', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ file: 'bad.bundle', verdict: 'failed', place: { what: 'entry 7777', entry: 7777 } });
  expect((await bare()).code).toBe(64);
});

test('without a policy that names the log nothing is decided; what is wrong in itself fails all the same', async () => {
  expect(await here('good.bundle', null)).toMatchObject({ code: 2, out: expect.stringContaining('no policy') as string });
  expect(await here('good.bundle', 'other.policy')).toMatchObject({ code: 2 });
  expect(await here('good.bundle', 'bad.policy')).toMatchObject({
    code: 2, out: expect.stringContaining('policy line 1') as string,
  });
  expect(await here('bad.bundle', null)).toMatchObject({ code: 1 });
  expect(await here('good.bundle', 'forked.policy')).toMatchObject({
    code: 1, out: expect.stringContaining('does not begin with the least') as string,
  });
  expect(await here('good.bundle', 'absent.policy')).toMatchObject({ code: 66 });
  expect(await here('absent.bundle', 'policy')).toMatchObject({ code: 66 });
});

test('the words of the command', () => {
  expect(verifyRequest(['b', '--policy', 'p', '--json'])).toEqual({ bundle: 'b', policy: 'p', json: true });
  expect(verifyRequest(['--policy=p', 'b'])).toEqual({ bundle: 'b', policy: 'p', json: false });
  for (const bad of [[], ['b', 'c'], ['b', '--polic', 'p'], ['b', '--policy'], ['--json', '--json', 'b']]) {
    expect(verifyRequest(bad)).toBeNull();
  }
});
