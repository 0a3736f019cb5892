/**
 * What rebuilders say of a provider's releases, with the engine's own comparisons: the four products, each way of saying more than
 * was found, one voice for each party, corrections, what the hub finds itself, and what passes to a successor.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compare } from '#kit/compare/compare';
import { seal } from '#kit/attest/dsse';
import { bundleOf } from '#kit/attest/bundle';
import { evidenceOf, evidenceText } from '#kit/attest/evidence';
import { nodeVerifying } from '#kit/hash/node';
import { asHub } from '#world/db/scope';
import { fakeDisassembler, type FakeDisassembler } from '#world/disassembler/fake';
import { systemDisassembler } from '#world/disassembler/objdump';
import type { Disassembler } from '#world/disassembler/port';
import { linuxSandboxes } from '#world/sandbox/linux';
import { equivalenceOf, passOnBuilds } from '#modules/builds/index';
import { debOf, gzipOf, programOf } from '../../src/kit/compare/testing.ts';
import { evidenceOn, keyOf, sha256Of, type Tried } from '../../src/kit/attest/testing.ts';
import { attest } from '../../src/cli/attest.ts';
import { demoPosture, origin, testHub, type TestHub } from '../hub.ts';

const reads: { readonly fake: FakeDisassembler; real: Disassembler | null } = { fake: fakeDisassembler(), real: null };
const at: { hub?: TestHub; cookies: Record<string, string> } = { cookies: {} };
const hub = (): TestHub => at.hub as TestHub;
const ask = (who: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  hub().ask(method, path, body, { cookie: at.cookies[who] ?? '', headers });

interface Line { id: string; rebuild: string; said: string; stands: string; check: string; supersededBy: string | null; provider: boolean; unexplained: number }
interface Taken { code?: string; at?: string; rebuild: { id: string }; verdicts: Line[] }
interface Matrix { equivalence: Record<string, unknown>; files: { verdict: string | null; dissent: boolean }[]; verdicts: Line[] }

async function send(who: string, path: string, body: Uint8Array | string): Promise<{ status: number; json: Taken }> {
  const response = await hub().composition.app(demoPosture).request(`${origin}${path}`, {
    method: 'POST', body: body as never, headers: { host: 'localhost:8080', origin, cookie: at.cookies[who] ?? '', 'content-type': 'application/octet-stream' },
  });
  return { status: response.status, json: await response.json() as Taken };
}

/** Somebody asks, a colleague agrees, and it is done. */
async function register(who: string, colleague: string, name: string): Promise<string> {
  const input = { name, publicKey: keyOf(name).publicKey };
  const asked = (await ask(who, 'POST', '/api/approvals', { operation: 'rebuilders.register', input, reason: 'compared' }))
    .json<{ id: string; inputSha256: string }>();
  await ask(colleague, 'POST', `/api/approvals/${asked.id}/approve`, { inputSha256: asked.inputSha256 });
  const made = await ask(who, 'POST', '/api/rebuilders', input, { 'entente-approval': asked.id });
  expect(made.status, made.text).toBe(201);
  return made.json<{ rebuilder: { id: string } }>().rebuilder.id;
}

/** A product that everybody may know of, with a published release of these files. */
async function released(name: string, files: Record<string, Uint8Array>, version = '1'): Promise<string> {
  const { product } = (await ask('moser', 'POST', '/api/products', { name, open: true })).json<{ product: { id: string } }>();
  return nextRelease(product.id, files, version);
}
async function nextRelease(product: string, files: Record<string, Uint8Array>, version: string): Promise<string> {
  const { release } = (await ask('moser', 'POST', `/api/products/${product}/releases`, { version })).json<{ release: { id: string } }>();
  for (const [file, bytes] of Object.entries(files)) {
    const { status } = await send('moser', `/api/releases/${release.id}/artefacts?kind=binary&access=public&tlp=CLEAR&name=${file}`, bytes);
    expect(status).toBe(201);
  }
  expect((await ask('moser', 'POST', `/api/releases/${release.id}/publish`, {})).status).toBe(200);
  return release.id;
}

const [kestrel, centre, second] = ['kestrel.example/build', 'centre.example/one', 'centre.example/two'].map((name) => keyOf(name));
const evidence = (by: ReturnType<typeof keyOf> | undefined, files: readonly Tried[], log?: string): Promise<string> =>
  evidenceOn({ signer: (by ?? expect.fail()).signer, at: hub().world.clock.iso(), ...log === undefined ? {} : { log } }, files);
const matrix = async (release: string, who = 'son'): Promise<Matrix> => (await ask(who, 'GET', `/api/releases/${release}/rebuilds`)).json<Matrix>();

const packed = (program: Uint8Array, time = 0): Buffer => debOf([{ name: 'usr/bin/example', bytes: program }], {
  pack: (b) => gzipOf(b, time), suffix: 'gz', time,
});
const usage = Buffer.from('usage: example [file]\0version 1.0\0'.repeat(8));
const planted = Buffer.from(usage);
planted.fill('backdoorhere', 40, 52);
const plain = packed(programOf({ constants: usage }));

beforeAll(async () => {
  at.hub = await testHub({ disassembler: { decode: (code) => (reads.real ?? reads.fake).decode(code) } });
  for (const who of ['moser', 'keller', 'son', 'lan', 'sato']) at.cookies[who] = await hub().as(`per_${who}`);
  await register('moser', 'keller', 'kestrel.example/build');
  await register('son', 'lan', 'centre.example/one');
  await register('son', 'lan', 'centre.example/two');
}, 120_000);
afterAll(() => at.hub?.close());

describe('four products', () => {
  const four: Readonly<Record<string, { shipped: Uint8Array; rebuilt: Uint8Array | null; verdict: string; summary: string }>> = {
    reproducible: { shipped: plain, rebuilt: plain, verdict: 'IDENTICAL', summary: 'identical' },
    'timestamps only': { shipped: packed(programOf(), 8), rebuilt: packed(programOf(), 7), verdict: 'CODE-IDENTICAL', summary: 'equivalent' },
    'twelve bytes': { shipped: packed(programOf({ constants: planted })), rebuilt: plain, verdict: 'DIFFERENT', summary: 'different' },
    unbuildable: { shipped: plain, rebuilt: null, verdict: 'NOT-REBUILT', summary: 'cannot-build' },
  };
  const releases: Record<string, string> = {};
  test.each(Object.entries(four))('%s', async (name, { shipped, rebuilt, verdict, summary }) => {
    const release = await released(name, { 'example.deb': shipped });
    releases[name] = release;
    expect((await matrix(release)).equivalence).toMatchObject({ state: 'not-assessed', verdict: null, assessed: 0, files: 1 });
    const taken = await send('son', `/api/releases/${release}/rebuilds`, await evidence(centre, [{ name: 'example.deb', shipped, rebuilt }], `$ ${name}\n`));
    expect(taken).toMatchObject({ status: 201, json: { verdicts: [{ said: verdict, stands: verdict, provider: false }] } });
    expect((await matrix(release)).equivalence).toMatchObject({ state: summary, verdict, assessed: 1, parties: 1, independent: 1, dissent: false });
    const shown = (await ask('moser', 'GET', `/api/verdicts/${taken.json.verdicts[0]?.id}`))
      .json<{ regions: { region: string; bytes: number; rule: string | null }[] }>();
    if (name === 'twelve bytes') expect(shown.regions.find((r) => r.rule === null)).toMatchObject({ region: '.rodata', bytes: 12 });
  });
  test('one changed byte of the first flips its verdict, and the one that found it is not outvoted', async () => {
    const release = releases['reproducible'] ?? expect.fail();
    const changed = Buffer.from(usage);
    changed[100] = (changed[100] ?? 0) ^ 1;
    const rebuilt = packed(programOf({ constants: changed }));
    await send('moser', `/api/releases/${release}/rebuilds`, await evidence(kestrel, [{ name: 'example.deb', shipped: plain, rebuilt }]));
    const found = await matrix(release);
    expect(found.equivalence).toMatchObject({ state: 'different', dissent: true, parties: 2, rebuilders: 2, independent: 1 });
    expect(found.verdicts.map((v) => v.said)).toEqual(['IDENTICAL', 'DIFFERENT']);
  });
  test('are public by their sum alone, where their product is', async () => {
    const { status, text } = await hub().ask('GET', '/api/public/rebuilds');
    expect(status).toBe(200);
    const { items } = JSON.parse(text) as { items: { name: string; equivalence: { state: string } }[] };
    expect(Object.fromEntries(items.map((i) => [i.name, i.equivalence.state]))).toEqual({
      reproducible: 'different', 'timestamps only': 'equivalent', 'twelve bytes': 'different', unbuildable: 'cannot-build',
    });
    expect(text).not.toContain('example.deb');
  });
  test('are said of the statement of a review and of the product in the same words', async () => {
    expect(await asHub('the test', () => equivalenceOf(hub().world, releases['timestamps only'] ?? ''))).toMatchObject({ state: 'equivalent' });
    const { items } = (await ask('son', 'GET', '/api/products')).json<{ items: { name: string; badge: { equivalence: string } | null }[] }>();
    expect(items.find((i) => i.name === 'unbuildable')?.badge?.equivalence).toBe('cannot-build');
  });
});

describe('evidence is refused', () => {
  let release = '';
  const refuses = async (text: string | Uint8Array, code: string, who = 'son', query = ''): Promise<Taken> => {
    const { status, json } = await send(who, `/api/releases/${release}/rebuilds${query}`, text);
    expect([json.code, status >= 400]).toEqual([code, true]);
    expect((await matrix(release)).verdicts).toEqual([]);
    return json;
  };
  beforeAll(async () => { release = await released('Refusals', { 'example.deb': plain,
    'other.deb': packed(programOf({ constants: Buffer.from('other') })) }); });

  test('where its signature is forged, or its key is another organisation’s', async () => {
    const read = evidenceOf(await evidence(centre, [{ name: 'example.deb', shipped: plain, rebuilt: plain }])) ?? expect.fail();
    const forged = { ...read, envelopes: read.envelopes.map((e) => ({ ...e, signatures: [{ keyid: 'centre.example/one',
      sig: Buffer.alloc(64).toString('base64') }] })) };
    expect((await refuses(evidenceText(forged), 'evidence.refused')).at).toMatch(/signature of centre.example\/one is wrong/);
    await refuses(await evidence({ ...keyOf('x'), signer: { ...keyOf('x').signer, name: 'centre.example/one' } }, [{ name: 'e', shipped: plain,
      rebuilt: plain }]),
      'evidence.refused');
    await refuses(await evidence(kestrel, [{ name: 'example.deb', shipped: plain, rebuilt: plain }]), 'evidence.refused');
    await refuses(await evidence(keyOf('nobody.example/x'), [{ name: 'example.deb', shipped: plain, rebuilt: plain }]), 'evidence.refused');
  });
  test('where it speaks of another release', async () => {
    const other = packed(programOf({ constants: Buffer.from('another release') }));
    expect((await refuses(await evidence(centre, [{ name: 'example.deb', shipped: other, rebuilt: other }]), 'evidence.other-release')).at).toBe('example.deb');
  });
  test('where it states a verdict that its own regions contradict', async () => {
    const rebuilt = packed(programOf({ constants: planted }));
    const comparison = await compare(plain, rebuilt, { name: 'example.deb' });
    const bundle = async (judgement: { comparison: typeof comparison }) => evidenceText(await bundleOf(nodeVerifying, {
      signer: (centre ?? expect.fail()).signer, recipeSha256: sha256Of('r'), environmentSha256: sha256Of('e'), sources: [], runId: 'x',
      products: [{ name: 'example.deb', sha256: sha256Of(rebuilt) }], startedAt: hub().world.clock.iso(), finishedAt: hub().world.clock.iso(),
      files: [{ name: 'example.deb', sha256: sha256Of(plain), judgement: { ...judgement, trials: [] } }],
    }));
    expect((await refuses(await bundle({ comparison: { ...comparison, verdict: 'CODE-IDENTICAL' } }),
      'evidence.refused')).at).toMatch(/its regions give DIFFERENT/);
    expect((await refuses(await bundle({ comparison: { ...comparison, verdict: 'IDENTICAL' } }), 'evidence.refused')).at).toMatch(/its regions give DIFFERENT/);
    // The statement alone is typed: the judgement says what was found.
    const honest = evidenceOf(await bundle({ comparison })) ?? expect.fail();
    const payload = Buffer.from(honest.envelopes[1]?.payload ?? '', 'base64').toString().replaceAll('DIFFERENT', 'IDENTICAL').replace('"different"',
      '"identical"')
      .replace('"FAILED"', '"PASSED"');
    const typed = await seal('application/vnd.in-toto+json', Buffer.from(payload), [(centre ?? expect.fail()).signer]);
    const [provenance] = honest.envelopes;
    expect((await refuses(evidenceText({ ...honest, envelopes: [provenance ?? expect.fail(), typed] }),
      'evidence.refused')).at).toMatch(/its comparison gives DIFFERENT/);
  });
  test('where it is none, is of tomorrow, names no build or another, or comes for whoever may not know of the release', async () => {
    await refuses('nothing', 'evidence.unreadable');
    const read = evidenceOf(await evidence(centre, [{ name: 'example.deb', shipped: plain, rebuilt: plain }])) ?? expect.fail();
    await refuses(evidenceText({ ...read, envelopes: read.envelopes.slice(1) }), 'evidence.builds');
    const other = evidenceOf(await evidenceOn({ signer: (centre ?? expect.fail()).signer, at: hub().world.clock.iso(), recipe: 'another' },
      [{ name: 'example.deb', shipped: plain, rebuilt: plain }])) ?? expect.fail();
    await refuses(evidenceText({ ...read, envelopes: [other.envelopes[0] ?? expect.fail(), read.envelopes[1] ?? expect.fail()] }), 'evidence.recipe');
    await refuses(await evidenceOn({ signer: (centre ?? expect.fail()).signer, at: '2099-01-01T00:00:00.000Z' }, [{ name: 'e', shipped: plain,
      rebuilt: plain }]),
      'evidence.future');
    const { status } = await send('son', '/api/releases/rel_neverwas/rebuilds', 'nothing');
    expect(status).toBe(404);
  });
  test('where what it compared with is no product of its build', async () => {
    const comparison = await compare(plain, packed(programOf({ constants: planted })), { name: 'example.deb' });
    await refuses(evidenceText(await bundleOf(nodeVerifying, {
      signer: (centre ?? expect.fail()).signer, recipeSha256: sha256Of('r'), environmentSha256: sha256Of('e'), sources: [], runId: 'x', products: [],
      startedAt: hub().world.clock.iso(), finishedAt: hub().world.clock.iso(),
      files: [{ name: 'example.deb', sha256: sha256Of(plain), judgement: { comparison, trials: [] } }],
    })), 'evidence.product');
  });
});

describe('a voice', () => {
  test('is one for each rebuilder and file; a correction takes its place and stays to be seen', async () => {
    const release = await released('Voices', { 'example.deb': plain });
    const wrong = packed(programOf({ constants: planted }));
    const said = await send('son', `/api/releases/${release}/rebuilds`, await evidence(centre, [{ name: 'example.deb', shipped: plain, rebuilt: wrong }]));
    const again = await evidence(centre, [{ name: 'example.deb', shipped: plain, rebuilt: plain }], 'again');
    expect(await send('son', `/api/releases/${release}/rebuilds`, again)).toMatchObject({ status: 409, json: { code: 'verdict.given-already' } });
    expect(await send('son', `/api/releases/${release}/rebuilds?corrects=${said.json.rebuild.id}`, again)).toMatchObject({ status: 400,
      json: { code: 'rebuild.reason' } });
    expect((await send('son', `/api/releases/${release}/rebuilds?corrects=rbd_neverwas&reason=x`, again)).status).toBe(404);
    const two = await evidence(second, [{ name: 'example.deb', shipped: plain, rebuilt: plain }], 'two');
    expect((await send('son', `/api/releases/${release}/rebuilds?corrects=${said.json.rebuild.id}&reason=x`, two)).status).toBe(404);
    const corrected = await send('son', `/api/releases/${release}/rebuilds?corrects=${said.json.rebuild.id}&reason=wrong+compiler`, again);
    expect(corrected.status).toBe(201);
    const { verdicts, equivalence } = await matrix(release);
    expect(verdicts).toMatchObject([{ said: 'DIFFERENT', supersededBy: corrected.json.verdicts[0]?.id, supersededWhy: 'wrong compiler' }, { said: 'IDENTICAL',
      supersededBy: null }]);
    expect(equivalence).toMatchObject({ state: 'identical', rebuilders: 1 });
    expect(await send('son', `/api/releases/${release}/rebuilds?corrects=${said.json.rebuild.id}&reason=x`, again))
      .toMatchObject({ status: 409, json: { code: 'evidence.recorded' } });
    await hub().composition.sequencer.drain();
    const facts = (await ask('lan', 'GET', `/api/facts?class=verdict.superseded&subject=${said.json.verdicts[0]?.id}`)).json<{ facts: unknown[] }>().facts;
    expect(facts).toHaveLength(1);
  });
  test('of two rebuilders of one organisation is one party’s, and the worse of them', async () => {
    const release = await released('Parties', { 'example.deb': plain });
    await send('son', `/api/releases/${release}/rebuilds`, await evidence(centre, [{ name: 'example.deb', shipped: plain, rebuilt: plain }], 'p1'));
    await send('son', `/api/releases/${release}/rebuilds`, await evidence(second, [{ name: 'example.deb', shipped: plain, rebuilt: null }], 'p2'));
    expect((await matrix(release)).equivalence).toMatchObject({ state: 'cannot-build', rebuilders: 2, parties: 1, dissent: false });
  });
  test('is of one release: the next begins unassessed, and not all of it is incomplete', async () => {
    const { product } = (await ask('moser', 'POST', '/api/products', { name: 'Heirs', open: true })).json<{ product: { id: string } }>();
    const one = await nextRelease(product.id, { 'example.deb': plain }, '1');
    const text = await evidence(centre, [{ name: 'example.deb', shipped: plain, rebuilt: plain }], 'heirs');
    expect((await send('son', `/api/releases/${one}/rebuilds`, text)).status).toBe(201);
    const two = await nextRelease(product.id, { 'example.deb': plain, 'more.deb': packed(programOf({ constants: Buffer.from('more') })) }, '2');
    expect((await matrix(two)).equivalence).toMatchObject({ state: 'not-assessed', files: 2, assessed: 0 });
    expect(await send('son', `/api/releases/${two}/rebuilds`, text)).toMatchObject({ status: 409, json: { code: 'evidence.recorded' } });
    await send('son', `/api/releases/${two}/rebuilds`, await evidence(centre, [{ name: 'example.deb', shipped: plain, rebuilt: plain }], 'anew'));
    expect((await matrix(two)).equivalence).toMatchObject({ state: 'incomplete', files: 2, assessed: 1 });
  });
});

describe('what the hub finds itself', () => {
  test('counts where a rule was typed over what it does not cover', async () => {
    const release = await released('Lies', { 'example.deb': plain });
    const rebuilt = packed(programOf({ constants: planted }));
    const found = await compare(plain, rebuilt, { name: 'example.deb' });
    const lie = { ...found, verdict: 'CODE-IDENTICAL' as const, differences: found.differences.map((d) => (d.rule === null ? { ...d,
      rule: 'archive-time' as const } : d)) };
    const rules = [...new Set(lie.differences.flatMap((d) => d.rule ?? []))].sort().map((r) => `${r}/1`);
    const text = evidenceText(await bundleOf(nodeVerifying, {
      signer: (centre ?? expect.fail()).signer, recipeSha256: sha256Of('r'), environmentSha256: sha256Of('e'), sources: [], runId: 'lies',
      products: [{ name: 'example.deb', sha256: sha256Of(rebuilt) }], startedAt: hub().world.clock.iso(), finishedAt: hub().world.clock.iso(),
      files: [{ name: 'example.deb', sha256: sha256Of(plain), judgement: { comparison: { ...lie, rules }, trials: [] } }],
    }));
    const taken = await send('son', `/api/releases/${release}/rebuilds`, text);
    expect(taken).toMatchObject({ status: 201, json: { verdicts: [{ said: 'CODE-IDENTICAL', check: 'unchecked' }] } });
    expect(await send('son', `/api/rebuilds/${taken.json.rebuild.id}/files`, rebuilt))
      .toMatchObject({ status: 201, json: { verdicts: [{ said: 'CODE-IDENTICAL', stands: 'DIFFERENT', check: 'contradicts' }] } });
    expect((await matrix(release)).equivalence).toMatchObject({ state: 'different' });
  });
  test('shows bytes of both sides inside of their archives', async () => {
    const shipped = packed(programOf({ constants: planted }));
    const release = await released('Bytes', { 'example.deb': shipped });
    const taken = await send('son', `/api/releases/${release}/rebuilds`, await evidence(centre, [{ name: 'example.deb', shipped, rebuilt: plain }], 'bytes'));
    await send('son', `/api/rebuilds/${taken.json.rebuild.id}/files`, plain);
    const verdict = taken.json.verdicts[0]?.id ?? '';
    const { regions } = (await ask('son', 'GET', `/api/verdicts/${verdict}?only=unexplained`)).json<{ regions: { index: number }[] }>();
    const seen = (await ask('son', 'GET', `/api/verdicts/${verdict}/bytes?index=${regions[0]?.index}`))
      .json<{ part: string[]; region: string; shipped: { from: number; bytes: string; differs: { from: number; to: number } }; rebuilt: { bytes: string } }>();
    expect(seen.part.at(-1)).toBe('./usr/bin/example');
    const { from, bytes, differs } = seen.shipped;
    expect(Buffer.from(bytes, 'base64').subarray(differs.from - from, differs.to - from).toString()).toBe('backdoorhere');
    expect(Buffer.from(seen.rebuilt.bytes, 'base64').toString('latin1')).toContain('usage: example');
  });
});

describe('machine code', () => {
  interface Row { is: string; shipped: { at: number; bytes: string; text: string } | null; rebuilt: { text: string } | null }
  interface Seen {
    shipped: { from: number; bytes: string }; rebuilt: { from: number; bytes: string };
    code: { ok: boolean; why?: string; rows?: Row[] } | null;
  }
  /** A release of the one that the centre rebuilt as the other, and a question for bytes of each region that differs. */
  async function rebuiltAs(name: string, shipped: Uint8Array, rebuilt: Uint8Array): Promise<{
    verdict: string; seen: (region: string, who?: string) => Promise<Seen>;
  }> {
    const release = await released(name, { 'example.deb': shipped });
    const taken = await send('son', `/api/releases/${release}/rebuilds`, await evidence(centre, [{ name: 'example.deb', shipped, rebuilt }], name));
    await send('son', `/api/rebuilds/${taken.json.rebuild.id}/files`, rebuilt);
    const verdict = taken.json.verdicts[0]?.id ?? '';
    const { regions } = (await ask('son', 'GET', `/api/verdicts/${verdict}`)).json<{ regions: { index: number; region: string }[] }>();
    return { verdict, seen: async (region, who = 'son') =>
      (await ask(who, 'GET', `/api/verdicts/${verdict}/bytes?index=${regions.find((r) => r.region === region)?.index}`)).json<Seen>() };
  }
  const code = Buffer.alloc(900, 0x90);
  const changed = Buffer.from(code).fill(0xcc, 500, 501);

  test('is shown as instructions of the bytes that are shown, never of others, and constants are not', async () => {
    const { seen } = await rebuiltAs('Code', packed(programOf({ code, constants: planted })), packed(programOf({ code: changed })));
    const { shipped, code: found } = await seen('.text');
    expect(found?.rows?.filter((r) => r.is !== 'same')).toMatchObject([{ is: 'changed', shipped: { text: '.byte 0x90' }, rebuilt: { text: '.byte 0xcc' } }]);
    const bytes = Buffer.from(shipped.bytes, 'base64');
    for (const { shipped: own } of found?.rows ?? []) {
      expect(own && bytes.subarray(own.at - shipped.from, own.at - shipped.from + own.bytes.length / 2).toString('hex')).toBe(own?.bytes);
    }
    expect((await seen('.rodata')).code).toBeNull();
    reads.fake.refuseNext('no-sandbox');
    expect((await seen('.text')).code).toEqual({ ok: false, why: 'no-sandbox' });
  });
  test('is opened with the bytes: whoever may not see them has neither, and the provider hears of one look', async () => {
    const { verdict, seen } = await rebuiltAs('Looks', packed(programOf({ code })), packed(programOf({ code: changed })));
    const looks = async (): Promise<number> =>
      (await ask('moser', 'GET', `/api/facts?class=difference.opened&subject=${verdict}`)).json<{ facts: unknown[] }>().facts.length;
    const before = await looks();
    await seen('.text');
    expect(await looks()).toBe(before + 1);
    expect(await seen('.text', 'moser')).toMatchObject({ code: { ok: true } });
    expect(await looks()).toBe(before + 1);
  });

  const [tool] = ['gcc', 'objdump'].every((program) => spawnSync(program, ['--version']).status === 0) ? linuxSandboxes(tmpdir()) : [];
  if (tool) {
    test('of a compiled program with a flipped branch is shown as the two branches', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'entente-builds-'));
      const built = async (sign: string): Promise<Buffer> => {
        await writeFile(join(folder, 'a.c'), `int main(int count, char **words) { if (count ${sign} 2022) return 7; return words == 0; }\n`);
        expect(spawnSync('gcc', ['-O0', '-o', join(folder, 'a'), join(folder, 'a.c')]).status).toBe(0);
        return readFile(join(folder, 'a'));
      };
      reads.real = systemDisassembler();
      try {
        const { seen } = await rebuiltAs('Branch', packed(await built('==')), packed(await built('!=')));
        const { code: found } = await seen('.text');
        expect(found?.rows?.filter((r) => r.is !== 'same').map((r) => `${r.is} ${r.shipped?.text.split(' ')[0]} ${r.rebuilt?.text.split(' ')[0]}`))
          .toEqual(['changed jne je']);
        expect(found?.rows?.some((r) => r.is === 'same' && r.shipped?.text.includes('$0x7e6'))).toBe(true);
      } finally {
        reads.real = null;
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});

/** The hub behind a real port, for a program with a token. */
async function behindPort<T>(act: (address: string) => Promise<T>): Promise<T> {
  const app = hub().composition.app(demoPosture);
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => void (async () => {
      const fields = { host: 'localhost:8080', authorization: request.headers.authorization ?? '', 'content-type': 'application/octet-stream' };
      const answer = await app.request(`${origin}${request.url ?? ''}`, { method: 'POST', headers: fields, body: Buffer.concat(pieces) });
      response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
    })());
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  try {
    return await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('entente attest sends evidence, files and log with a token, and says where the hub finds less', async () => {
  const release = await released('Attested', { 'example.deb': plain });
  const rebuilt = packed(programOf({ constants: planted }));
  const folder = await mkdtemp(join(tmpdir(), 'entente-attest-'));
  const file = async (name: string, bytes: Uint8Array | string): Promise<string> => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };
  const made = await ask('son', 'POST', '/api/tokens', { name: 'rebuilder', scopes: ['rebuild.attest', 'product.view', 'source.view'], days: 1 });
  const { secret } = made.json<{ secret: string }>();
  const said: string[] = [];
  const out = (line: string): void => void said.push(line);
  try {
    await behindPort(async (address) => {
      const log = '$ make\nattested\n';
      const request = {
        evidence: await file('e', await evidence(centre, [{ name: 'example.deb', shipped: plain, rebuilt }], log)),
          release: `${address}/api/releases/${release}`,
        rebuilt: [await file('example.deb', rebuilt)], log: await file('build.log', log), corrects: null, reason: null,
      };
      await expect(attest(request, undefined, out)).rejects.toThrow('ENTENTE_TOKEN');
      await expect(attest({ ...request, evidence: request.log }, secret, out)).rejects.toThrow('no evidence bundle');
      await expect(attest({ ...request, corrects: 'rbd_x' }, secret, out)).rejects.toThrow('belong together');
      expect(await attest(request, secret, out)).toBe(0);
      expect(said).toEqual([expect.stringMatching(/^rbd_.*: DIFFERENT$/), 'rebuilt example.deb: taken', 'log build.log: taken']);
      await expect(attest(request, secret, out)).rejects.toThrow('This very evidence was recorded before.');
    });
    expect((await matrix(release)).verdicts).toMatchObject([{ said: 'DIFFERENT', check: 'agrees' }]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('what an organisation has said passes to its successor, which is then one party with itself', async () => {
  const release = await released('Passing', { 'example.deb': plain });
  await send('moser', `/api/releases/${release}/rebuilds`, await evidence(kestrel, [{ name: 'example.deb', shipped: plain, rebuilt: plain }], 'pass'));
  await send('son', `/api/releases/${release}/rebuilds`, await evidence(centre, [{ name: 'example.deb', shipped: plain, rebuilt: plain }], 'pass on'));
  expect((await matrix(release)).equivalence).toMatchObject({ parties: 2 });
  await asHub('the test', () => hub().world.db.transaction((tx) => passOnBuilds(tx, 'org_kestrel', 'org_hub')));
  expect((await matrix(release)).equivalence).toMatchObject({ state: 'identical', parties: 1, rebuilders: 2 });
});
