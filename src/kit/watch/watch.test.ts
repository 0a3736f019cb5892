import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeDigest, nodeVerifying } from '../hash/node.ts';
import { changesBetween, findingsBetween, findingsIn } from './changes.ts';
import { comparePositions, ManifestFault, writeOwn, type OwnManifest } from './manifest.ts';
import { clockBeside, openObservation, signObservation, type Observation } from './observation.ts';
import { addressOf, readManifest } from './read.ts';
import { splitsOf, type Run } from './split.ts';
import { FileDigest, firstDifference, readView, regionBetween, viewText, type SeenFile, type View } from './view.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const digestOf = (content: Uint8Array): ReturnType<FileDigest['end']> => {
  const digest = new FileDigest(nodeDigest, content.length);
  digest.update(content);
  return digest.end();
};
const seen = (name: string, version: string | null, content: Uint8Array, asListed: boolean | null = true): SeenFile =>
  ({ name, version, status: 200, asListed, ...digestOf(content) });
const own = (over: Partial<OwnManifest> = {}): OwnManifest => ({
  format: 'entente-update', v: 1, product: 'Shield', channel: 'stable', serial: 7, version: '7.1', at: '2026-06-01T00:00:00Z', expires: null,
  files: [{ name: 'shield', version: '7.1', url: 'shield-7.1.bin', sha256: 'a'.repeat(64), size: 9 }], withdrawn: [], ...over,
});
const gone: SeenFile = { name: 'manifest', version: null, status: 404, size: 0, sha256: null, asListed: null, pieceSize: 0, pieces: [] };
function viewOf(manifest: OwnManifest, files: readonly SeenFile[] = []): View {
  const { position, entries, withdrawn } = readManifest('entente-update', bytes(writeOwn(manifest)));
  return {
    v: 1, format: 'entente-update', manifest: seen('manifest', null, bytes(writeOwn(manifest)), null), fault: null, position, listed: entries.length,
    listing: 'b'.repeat(64), entries: [...entries], withdrawn: [...withdrawn], files: [...files],
  };
}
const fault = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof ManifestFault) return error.message;
    throw error;
  }
  throw new Error('it was read');
};

describe('a manifest', () => {
  it('of our own form is read from its canonical bytes, and from no others', () => {
    const text = writeOwn(own());
    expect(readManifest('entente-update', bytes(text)).position).toEqual({ serial: 7, version: '7.1', at: '2026-06-01T00:00:00Z', expires: null });
    expect(fault(() => readManifest('entente-update', bytes(text.replace('"v":1', '"v": 1'))))).toMatch(/^character \d+: is not canonical JSON/);
    expect(fault(() => readManifest('entente-update', bytes(text.replace('"v":1', '"v":2'))))).toMatch(/^v: /);
    expect(fault(() => readManifest('entente-update', bytes(text.replace('a'.repeat(64), 'a'.repeat(63)))))).toMatch(/^files\[0\]\.sha256: /);
    expect(fault(() => readManifest('entente-update', Uint8Array.of(123, 34, 0xff, 34, 125)))).toBe('byte 2: is not UTF-8');
    const twice = own({ files: [...own().files, ...own().files] });
    expect(fault(() => readManifest('entente-update', bytes(writeOwn(twice))))).toBe('file "shield": is listed twice');
  });

  it('of Debian is a Release, framed or not, or a Packages', () => {
    const release = ['Origin: Debian', 'Suite: stable-security', 'Version: 12', 'Date: Thu, 26 Nov 2026 20:12:01 UTC',
      'Valid-Until: Thu, 03 Dec 2026 20:12:01 UTC', 'SHA256:',
      ` ${'c'.repeat(64)} 1234 main/binary-amd64/Packages.xz`, ` ${'d'.repeat(64)}  99 main/source/Sources.xz`, ''].join('\n');
    const read = readManifest('debian', bytes(release));
    expect(read.position).toEqual({ serial: null, version: '12', at: '2026-11-26T20:12:01.000Z', expires: '2026-12-03T20:12:01.000Z' });
    expect(read.entries[0]).toEqual({
      name: 'main/binary-amd64/Packages.xz', version: null, url: 'main/binary-amd64/Packages.xz', digest: `sha256:${'c'.repeat(64)}`, size: 1234,
    });
    const framed = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${release}-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n`;
    expect(readManifest('debian', bytes(framed))).toEqual(read);
    const packages = ['Package: xz-utils', 'Architecture: amd64', 'Version: 5.4.1-1+deb12u1', 'Filename: pool/main/x/xz.deb', 'Size: 471',
      `SHA256: ${'e'.repeat(64)}`, 'Description: x', ' more', ''].join('\n');
    const [entry] = readManifest('debian', bytes(packages)).entries;
    expect(entry).toMatchObject({ name: 'xz-utils:amd64', version: '5.4.1-1+deb12u1', size: 471 });
    expect(addressOf('https://deb.example/debian/dists/stable/main/binary-amd64/Packages', 'debian', entry ?? { url: '', version: null }))
      .toBe('https://deb.example/debian/pool/main/x/xz.deb');
    expect(fault(() => readManifest('debian', bytes(' starts: within')))).toBe('line 1: goes on with a field that did not begin');
    expect(fault(() => readManifest('debian', bytes('Origin: x\nOrigin: y\n')))).toBe('line 2: the field Origin stands twice');
    expect(fault(() => readManifest('debian', bytes('Origin: x\nDate: yesterday\nSHA256:\n')))).toBe('line 1: "yesterday" is no date');
    expect(fault(() => readManifest('debian', bytes('-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n')))).toMatch(/no end/);
  });

  it('of npm keeps only digests that say something', () => {
    const sha512 = Buffer.alloc(64, 7);
    const text = JSON.stringify({
      name: 'left', 'dist-tags': { latest: '2.0.0' }, time: { '2.0.0': '2026-01-02T00:00:00.000Z' },
      versions: {
        '1.0.0': { dist: { tarball: 'https://r.example/left-1.0.0.tgz', shasum: 'a'.repeat(40) }, deprecated: 'leaks' },
        '2.0.0': { dist: { tarball: 'https://r.example/left-2.0.0.tgz', integrity: `sha1-xx sha512-${sha512.toString('base64')}` } },
      },
    });
    const read = readManifest('npm', bytes(text));
    expect(read.position).toEqual({ serial: null, version: '2.0.0', at: '2026-01-02T00:00:00.000Z', expires: null });
    expect(read.entries.map((e) => e.digest)).toEqual([null, `sha512:${sha512.toString('hex')}`]);
    expect(read.withdrawn).toEqual([{ name: 'left', version: '1.0.0', why: 'leaks' }]);
    expect(fault(() => readManifest('npm', bytes('{"name":"x","versions":{},"dist-tags":{"latest":"9"}}')))).toMatch(/^dist-tags.latest: /);
    expect(fault(() => readManifest('npm', bytes('{')))).toBe('the text: is no JSON');
  });

  it('may be a plain list, as sha256sum writes it or with sizes', () => {
    const text = `# sums\n${'a'.repeat(64)}  one file.bin\n\nhttps://u.example/two.bin ${'B'.repeat(64)} 77\n`;
    expect(readManifest('list', bytes(text)).entries).toEqual([
      { name: 'https://u.example/two.bin', version: null, url: 'https://u.example/two.bin', digest: `sha256:${'b'.repeat(64)}`, size: 77 },
      { name: 'one file.bin', version: null, url: 'one file.bin', digest: `sha256:${'a'.repeat(64)}`, size: null },
    ]);
    expect(fault(() => readManifest('list', bytes('# one\nno digest here\n')))).toBe('line 2: has no SHA-256');
    expect(addressOf('https://u.example/SUMS', 'list', { url: 'javascript:alert(1)', version: null })).toBeNull();
  });

  it('is placed by serial, else by hour, else by version', () => {
    const at = (serial: number | null, hour: string | null, version: string | null) => ({ serial, at: hour, version, expires: null });
    expect(comparePositions('npm', at(2, null, null), at(10, null, null))).toBeLessThan(0);
    expect(comparePositions('debian', at(null, '2026-01-02T00:00:00Z', '9'), at(null, '2026-01-01T00:00:00Z', '10'))).toBeGreaterThan(0);
    expect(comparePositions('npm', at(null, null, '1.10.0'), at(null, null, '1.9.0'))).toBeGreaterThan(0);
    expect(comparePositions('list', at(null, null, null), at(null, null, null))).toBeNull();
  });
});

describe('a view', () => {
  it('is read from its canonical text, and its pieces add up', () => {
    const view = viewOf(own(), [seen('shield', '7.1', bytes('content'))]);
    expect(readView(viewText(view))).toEqual({ view });
    expect(readView(JSON.stringify(view, null, 1))).toEqual({ why: 'a view is canonical JSON' });
    expect(readView(viewText(view).replace('"pieceSize":4096', '"pieceSize":8192'))).toHaveProperty('why');
    expect(readView('x'.repeat(1024 * 1024 + 1))).toHaveProperty('why');
  });

  it('tells the piece where two files differ first', () => {
    const content = new Uint8Array(3_000_000).fill(5);
    const other = content.slice();
    other[2_000_001] = 6;
    const region = regionBetween(seen('f', null, content), seen('f', null, other));
    expect(region).toEqual({ from: 1_998_848, to: 2_015_232, pieces: 1, of: 184 });
    expect(firstDifference(content.subarray(region?.from, region?.to), other.subarray(region?.from, region?.to))).toBe(2_000_001 - 1_998_848);
    expect(regionBetween(seen('f', null, content), seen('f', null, content))).toBeNull();
    expect(regionBetween(seen('f', null, content), seen('f', null, content.subarray(0, 5)))).toEqual({ from: 0, to: 3_000_000, pieces: 1, of: 1 });
    expect(regionBetween(seen('f', null, content), gone)).toBeNull();
  });
});

describe('from one view to the next', () => {
  const before = viewOf(own(), [seen('shield', '7.1', bytes('one'))]);
  const next = own({
    serial: 8, version: '7.2', at: '2026-07-01T00:00:00Z', files: [{ name: 'shield', version: '7.2', url: 'shield-7.2.bin', sha256: 'c'.repeat(64), size: 9 }],
  });

  it('an update is no alarm', () => {
    expect(findingsBetween(before, viewOf(next))).toEqual([]);
    expect(changesBetween(before, viewOf(next)).map((c) => c.kind)).toEqual(['added', 'removed']);
  });

  it('a channel that went back says from what to what', () => {
    expect(findingsBetween(viewOf(next), before)).toEqual([{ kind: 'rolled-back', name: 'manifest', from: '7.2', to: '7.1' }]);
    const again = viewOf({ ...own(), serial: 9 });
    expect(findingsBetween(viewOf(next), again)).toEqual([{ kind: 'rolled-back', name: 'shield', from: '7.2', to: '7.1' }]);
  });

  it('what is taken back is told, whether the channel says so or not', () => {
    const said = viewOf({ ...next, withdrawn: [{ name: 'shield', version: '7.1', why: 'crashes' }] });
    expect(findingsBetween(before, said)).toEqual([{ kind: 'withdrawn', name: 'shield', version: '7.1', why: 'said' }]);
    expect(findingsBetween(before, viewOf({ ...next, files: [] }))).toEqual([{ kind: 'withdrawn', name: 'shield', version: '7.1', why: 'gone' }]);
    expect(findingsBetween(before, { ...before, manifest: gone, listing: null })).toEqual([
      { kind: 'withdrawn', name: 'manifest', version: null, why: 'gone' },
    ]);
    expect(findingsIn(viewOf(own(), [{ ...gone, name: 'shield', version: '7.1' }]))).toEqual([
      { kind: 'withdrawn', name: 'shield', version: '7.1', why: 'not-served' },
    ]);
  });

  it('other bytes under the same version are told, and what is not as listed', () => {
    const [change] = findingsBetween(before, viewOf(own(), [seen('shield', '7.1', bytes('two'))]));
    expect(change).toMatchObject({ kind: 'replaced', name: 'shield', version: '7.1', region: { from: 0, to: 3 } });
    expect(findingsIn(viewOf(own(), [seen('shield', '7.1', bytes('two'), false)]))).toEqual([{ kind: 'unlike-listed', name: 'shield', version: '7.1' }]);
  });
});

describe('a split view', () => {
  const minute = 60_000;
  const run = (observer: string, place: string, view: string, from: number, to: number): Run =>
    ({ observer, place, view, from: from * minute, to: to * minute });
  const a = viewOf(own(), [seen('shield', '7.1', bytes('one'))]);
  const changed = viewOf(own(), [seen('shield', '7.1', bytes('onf'))]);
  const later = viewOf(own({ serial: 8, version: '7.2', at: '2026-07-01T00:00:00Z', files: [] }));
  const views = new Map([['a', a], ['changed', changed], ['later', later]]);

  it('of one version is named at once, with who is served otherwise, the file and where it differs', () => {
    const [split, ...more] = splitsOf([run('o1', 'DE', 'a', 0, 3), run('o2', 'FR', 'a', 0, 3), run('o3', 'VN', 'changed', 2, 2)], views, 2 * minute);
    expect(more).toEqual([]);
    expect(split).toMatchObject({ name: 'shield', version: '7.1', why: 'one-version-two-contents', region: { from: 0, to: 3, pieces: 1, of: 1 } });
    expect(split?.odd.map((r) => r.place)).toEqual(['VN']);
    expect(split?.rest.map((r) => r.place)).toEqual(['DE', 'FR']);
  });

  it('is none while an update spreads, and one where both go on', () => {
    const spreading = [run('o1', 'DE', 'a', 0, 3), run('o2', 'FR', 'a', 0, 3), run('o3', 'VN', 'later', 2, 3)];
    expect(splitsOf(spreading, views, 2 * minute)).toEqual([]);
    const stays = [run('o1', 'DE', 'a', 0, 5), run('o2', 'FR', 'a', 0, 3), run('o3', 'VN', 'later', 2, 5)];
    expect(splitsOf(stays, views, 2 * minute)[0]).toMatchObject({ why: 'at-the-same-time', odd: [{ place: 'VN' }] });
  });

  it('counts places and not observers: many in one country outvote nobody', () => {
    const vietnam = ['o1', 'o2', 'o3'].map((observer) => run(observer, 'VN', 'changed', 0, 9));
    const runs = [...vietnam, run('o4', 'DE', 'a', 0, 9), run('o5', 'FR', 'a', 0, 9)];
    expect(splitsOf(runs, views, 0)[0]?.odd.map((r) => r.observer)).toEqual(['o1', 'o2', 'o3']);
  });
});

describe('an observation', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = { name: 'vn-1', publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url') };
  const signer = { name: 'vn-1', sign: (message: Uint8Array): Uint8Array => sign(null, message, privateKey) };
  const observation: Observation = {
    v: 1, channel: 'chn_1', observer: 'vn-1', number: 3, at: '2026-06-01T00:00:00Z', url: 'https://u.example/m', view: 'a'.repeat(64), served: null,
  };

  it('opens with its own key and with no other, and not with a byte changed', async () => {
    const envelope = await signObservation(observation, signer);
    expect(await openObservation(nodeVerifying, envelope, key)).toEqual({ observation });
    const other = Buffer.from(envelope.payload, 'base64').toString().replace('"number":3', '"number":4');
    const forged = { ...envelope, payload: Buffer.from(other).toString('base64') };
    expect(await openObservation(nodeVerifying, forged, key)).toEqual({ why: 'the signature of vn-1 is wrong' });
    expect(await openObservation(nodeVerifying, envelope, { ...key, name: 'vn-2' })).toEqual({ why: 'no key that is known has signed it' });
    expect(await openObservation(nodeVerifying, await signObservation({ ...observation, observer: 'other' }, signer), key))
      .toEqual({ why: 'it names another observer than has signed it' });
  });

  it('is by a clock that is judged beside another', () => {
    const now = Date.parse('2026-06-01T00:10:00Z');
    expect(clockBeside('2026-06-01T00:10:30Z', now)).toEqual({ state: 'good', ms: 30_000 });
    expect(clockBeside('2026-06-01T00:11:30Z', now).state).toBe('ahead');
    expect(clockBeside('2026-06-01T00:00:00Z', now)).toEqual({ state: 'behind', ms: -600_000 });
    expect(clockBeside(null, now).state).toBe('unknown');
  });

  it('is the one that the specification prints', async () => {
    const vector = JSON.parse(readFileSync(new URL('../../../docs/specs/vectors/watch.json', import.meta.url), 'utf8')) as {
      publicKey: string; manifest: string; view: string; observation: string; envelope: Parameters<typeof openObservation>[1];
    };
    const read = await openObservation(nodeVerifying, vector.envelope, { name: 'vector', publicKey: Buffer.from(vector.publicKey, 'base64') });
    expect(read).toHaveProperty('observation');
    const view = readView(vector.view);
    expect('view' in view && view.view.entries).toEqual(readManifest('entente-update', bytes(vector.manifest)).entries);
    expect('observation' in read && read.observation.view).toBe(Buffer.from(await nodeVerifying.sha256(bytes(vector.view))).toString('hex'));
    expect(Buffer.from(vector.envelope.payload, 'base64').toString()).toBe(vector.observation);
  });
});
