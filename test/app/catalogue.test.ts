/** Source code of a provider, from the archive to what a reviewer under an agreement sees, and nobody else; embargo, withdrawal, doors. */
import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeTreeHash } from '#kit/hash/node';
import { verifyProof, type TreeProof } from '#kit/tree/proof';
import { asHub } from '#world/db/scope';
import { bytesIn, changesBetween, fileIn, filesIn, folderIn, reviewed, snapshotsOfRelease } from '#modules/catalogue/index';
import { tarOf, type TarPart } from '../../src/kit/archive/testing.ts';
import { simpleBundle } from '../../src/kit/git/testing.ts';
import { demoPosture, origin, testHub, type Answer, type TestHub } from '../hub.ts';

const at: { hub?: TestHub; cookies: Record<string, string>; product: string; one: string; two: string; source: string; root: string } = {
  cookies: {}, product: '', one: '', two: '', source: '', root: '',
};
const hub = (): TestHub => at.hub as TestHub;
const ask = (who: string, method: string, path: string, body?: unknown): Promise<Answer> => hub().ask(method, path, body, { cookie: at.cookies[who] ?? '' });

async function send(who: string, path: string, body: Uint8Array): Promise<{ status: number; lines: Record<string, unknown>[] }> {
  const response = await hub().composition.app(demoPosture).request(`${origin}${path}`, {
    method: 'POST', body: body as never, headers: { host: 'localhost:8080', origin, cookie: at.cookies[who] ?? '', 'content-type': 'application/octet-stream' },
  });
  const text = await response.text();
  return { status: response.status, lines: text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>) };
}
const release = async (version: string, more: object = {}): Promise<string> =>
  (await ask('moser', 'POST', `/api/products/${at.product}/releases`, { version, ...more })).json<{ release: { id: string } }>().release.id;

const first: TarPart[] = [
  { path: 'shield-1/README', text: 'one' }, { path: 'shield-1/src/a.c', text: 'int a;\n' }, { path: 'shield-1/src/b.c', text: 'int b;\n' },
];
const second: TarPart[] = [
  { path: 'shield-2/README', text: 'two' }, { path: 'shield-2/src/a.c', text: 'int a;\n' }, { path: 'shield-2/lib/b.c', text: 'int b;\n' },
];

interface Shown { artefact: { id: string; openable: string; snapshot: { root: string; files: number; bytes: number;
  origin: { name: string; digest: string } | null } } }

/** What the ledger opens of each fact, as text. */
const openings = (): Promise<string[]> => asHub('the ledger', async () => (await hub().world.db.as<{ ledger_openings: { fact: unknown } }>()
  .selectFrom('ledger_openings').select('fact').execute()).map((row) => JSON.stringify(row.fact)));

beforeAll(async () => {
  at.hub = await testHub();
  for (const who of ['moser', 'son', 'sato', 'lan']) at.cookies[who] = await hub().as(`per_${who}`);
  at.product = (await ask('moser', 'POST', '/api/products', { name: 'Kestrel Shield' })).json<{ product: { id: string } }>().product.id;
  [at.one, at.two] = [await release('1'), await release('2')];
}, 60_000);
afterAll(() => at.hub?.close());

describe('a snapshot', () => {
  test('is taken from an archive, and its root is in the ledger', async () => {
    const taken = await send('moser', `/api/releases/${at.one}/sources?access=agreement&tlp=AMBER`, gzipSync(tarOf(first)));
    const { artefact } = taken.lines.at(-1) as unknown as Shown;
    expect(artefact).toMatchObject({ snapshot: { files: 3, bytes: 17 }, openable: 'source' });
    [at.source, at.root] = [artefact.id, artefact.snapshot.root];
    await ask('moser', 'POST', `/api/releases/${at.one}/publish`, {});
    await hub().composition.sequencer.drain();
    const facts = (await ask('son', 'GET', '/api/products')).text;
    expect(facts).toContain('Kestrel Shield');
    expect((await openings()).filter((fact) => fact.includes(at.root))).toHaveLength(2);
  });
  test('is taken from a bundle of git, and says which commit it is', async () => {
    const other = await release('0.9-git');
    const bundle = simpleBundle({ 'main.c': 'int main;\n', notes: 'as they are' });
    const { artefact } = (await send('moser', `/api/releases/${other}/sources?access=agreement&tlp=AMBER`, bundle)).lines.at(-1) as unknown as Shown;
    expect(artefact.snapshot).toMatchObject({ files: 2, bytes: 21, origin: { kind: 'git', name: 'refs/heads/main' } });
    await hub().composition.sequencer.drain();
    expect((await openings()).filter((fact) => fact.includes(artefact.snapshot.origin?.digest ?? 'none'))).toHaveLength(1);
    const broken = await send('moser', `/api/releases/${other}/sources?name=other`, bundle.subarray(0, -3));
    expect(broken.lines.at(-1)).toMatchObject({ phase: 'failed', problem: { code: 'archive.refused' } });
  });
  test('is taken from a Debian source package, with its patches put on', async () => {
    const tree = gzipSync(tarOf([{ path: 'tool/main.c', text: 'int main;\n' }]));
    const debian = gzipSync(tarOf([
      { path: 'debian/patches/series', text: 'p\n' },
      { path: 'debian/patches/p',
        text: `--- a/main.c\n+++ b/main.c\n${'@@ -1 +1 @@\n-int main;\n+int other;\n'}` },
    ]));
    const files = { 'tool_1.orig.tar.gz': tree, 'tool_1-1.debian.tar.gz': debian };
    const sums = Object.entries(files).map(([name, bytes]) => ` ${hash('sha256', bytes)} ${bytes.length} ${name}\n`).join('');
    const parts = [{ path: 'tool_1-1.dsc', text: `Format: 3.0 (quilt)\nSource: tool\nVersion: 1-1\nChecksums-Sha256:\n${sums}` },
      ...Object.entries(files).map(([path, text]) => ({ path, text }))];
    const url = `/api/releases/${await release('0.8-debian')}/sources`;
    const { artefact } = (await send('moser', url, tarOf(parts))).lines.at(-1) as unknown as Shown;
    expect(artefact.snapshot).toMatchObject({ files: 3, origin: { kind: 'debian', name: 'tool 1-1' } });
    const folder = (await ask('moser', 'GET', `/api/artefacts/${artefact.id}/folder`)).json<{ entries: { name: string; digest: string }[] }>();
    expect(folder.entries.find((e) => e.name === 'main.c')?.digest).toBe(hash('sha256', 'int other;\n'));
    expect((await send('moser', `${url}?name=other`, tarOf(parts.slice(0, 2)))).lines.at(-1))
      .toMatchObject({ phase: 'failed', problem: { code: 'archive.refused', at: 'tool_1-1.debian.tar.gz' } });
    // As it is, if that is wanted.
    expect((await send('moser', `${url}?name=raw&keepTop=yes`, tarOf(parts))).lines.at(-1))
      .toMatchObject({ artefact: { snapshot: { files: 3, origin: null } } });
  });
  test('again, or into a published release, or something hostile, is refused', async () => {
    expect((await send('moser', `/api/releases/${at.one}/sources`, tarOf(first))).lines[0]).toMatchObject({ code: 'release.published' });
    const hostile = await send('moser', `/api/releases/${at.two}/sources`, tarOf([{ path: '../evil', text: 'x' }]));
    expect(hostile.lines.at(-1)).toMatchObject({ phase: 'failed', problem: { code: 'archive.refused', at: '../evil' } });
    expect((await send('moser', `/api/releases/${at.two}/sources?access=public`, tarOf(first))).lines.at(-1))
      .toMatchObject({ problem: { code: 'artefact.public-label' } });
    expect((await send('sato', `/api/releases/${at.two}/sources`, tarOf(first))).status).toBe(404);
    expect((await send('moser', `/api/releases/${at.two}/sources?access=agreement&tlp=AMBER`, tarOf(second))).lines.at(-1)).toMatchObject({ phase: 'done' });
    expect((await send('moser', `/api/releases/${at.two}/sources`, tarOf(second))).lines.at(-1)).toMatchObject({ problem: { code: 'artefact.name-taken' } });
  });
  test('is looked into by whom the agreement lets, file names and proofs and no content, and by nobody else', async () => {
    const top = (await ask('son', 'GET', `/api/artefacts/${at.source}/folder`)).json<{ entries: { name: string }[] }>();
    expect(top.entries.map((e) => e.name)).toEqual(['README', 'src']);
    expect((await ask('son', 'GET', `/api/artefacts/${at.source}/folder?path=src`)).json<{ entries: unknown[] }>().entries).toHaveLength(2);
    for (const path of ['nowhere', 'README', 'src/a.c/x']) {
      expect((await ask('son', 'GET', `/api/artefacts/${at.source}/folder?path=${path}`)).status).toBe(404);
    }
    const proof = (await ask('son', 'GET', `/api/artefacts/${at.source}/proof?path=src/a.c`)).json<{ root: string; steps: TreeProof }>();
    expect(await verifyProof(nodeTreeHash, { root: at.root, path: 'src/a.c' }, proof.steps)).toMatchObject({ size: 7 });
    // Whoever has no clause gets the bytes of what never was: Meridian, and of the centre one who may read documents alone.
    const never = (await ask('sato', 'GET', '/api/artefacts/art_neverwas/folder')).text;
    for (const path of [`/api/artefacts/${at.source}/folder`, `/api/artefacts/${at.source}/proof?path=src/a.c`]) {
      expect((await ask('sato', 'GET', path)).text.replace(/"[^"]*trace[^"]*":"[^"]*"/i, '')).toBe(never.replace(/"[^"]*trace[^"]*":"[^"]*"/i, ''));
    }
    expect((await ask('lan', 'GET', `/api/artefacts/${at.source}/folder`)).status).toBe(404);
  });
  test('what changed since another release is told file by file', async () => {
    await ask('moser', 'POST', `/api/releases/${at.two}/publish`, {});
    const asked = await ask('son', 'GET', `/api/releases/${at.two}/changes?since=${at.one}`);
    const told = asked.json<{ items: { kind: string; path: string }[]; counts: object }>();
    expect(told.counts).toEqual({ added: 0, removed: 0, changed: 1, moved: 1 });
    expect(told.items).toMatchObject([{ kind: 'changed', path: 'README' }, { kind: 'moved', path: 'lib/b.c', from: 'src/b.c' }]);
    expect((await ask('son', 'GET', `/api/releases/${at.two}/changes?since=${at.two}`)).json<{ same: boolean }>().same).toBe(true);
  });
});

test('doors: folders, files, bytes by range, a walk and the changes', async () => {
  const { db, blobs } = hub().world;
  await asHub('doors', async () => {
    const [one] = await snapshotsOfRelease(db, at.one);
    const [two] = await snapshotsOfRelease(db, at.two);
    if (!one || !two) throw new Error('two snapshots stand');
    expect(one).toMatchObject({ productName: 'Kestrel Shield', version: '1', root: at.root, access: 'agreement' });
    expect((await folderIn(db, one, 'src'))?.map((e) => e.name)).toEqual(['a.c', 'b.c']);
    const file = await fileIn(db, one, 'src/a.c');
    if (!file) throw new Error('the file stands');
    const parts: Uint8Array[] = [];
    for await (const part of await bytesIn(blobs, file, 4, 6)) parts.push(part);
    expect(Buffer.concat(parts).toString()).toBe('a;');
    const paths: string[] = [];
    for await (const { path } of filesIn(db, two)) paths.push(path);
    expect(paths).toEqual(['README', 'lib/b.c', 'src/a.c']);
    expect(await changesBetween(db, one, two)).toHaveLength(2);
    expect([await fileIn(db, one, 'src'), await folderIn(db, one, 'README'), await fileIn(db, one, 'x')]).toEqual([null, null, null]);
  });
});

test('F16: reviewed is current, the next release is one behind at once, and reviewed again current', async () => {
  const badge = async (): Promise<object> => (await ask('son', 'GET', `/api/products/${at.product}`)).json<{ product: { badge: object } }>().product.badge;
  const review = (id: string): Promise<void> => asHub('the centre’s word', () => hub().world.db.transaction((tx) =>
    reviewed(hub().world, tx, id, { org: 'org_hub', person: 'per_son' }, { statement: 'none yet' })));
  expect(await badge()).toMatchObject({ state: 'none', behind: 2 });
  await review(at.one);
  expect(await badge()).toMatchObject({ state: 'behind', behind: 1, reviewed: '1', equivalence: 'not-assessed' });
  expect((await ask('son', 'GET', '/api/reviews')).json<{ items: object[] }>().items).toMatchObject([{ release: at.two, badge: { reviewedRelease: at.one } }]);
  await review(at.two);
  expect(await badge()).toMatchObject({ state: 'current', behind: 0, reviewed: '2' });
  expect((await ask('son', 'GET', '/api/reviews')).json<{ items: object[] }>().items).toEqual([]);
  const seen = (await ask('moser', 'GET', `/api/products/${at.product}`)).json<{ product: { badge: null }; reviews: object[] }>();
  expect([seen.product.badge, seen.reviews]).toMatchObject([null, [{ org: 'org_hub', version: '2' }]]);
});

describe('who sees what, and when', () => {
  test('on site alone: that it is there is told, what is in it is not', async () => {
    const id = await release('3');
    const { artefact } = (await send('moser', `/api/releases/${id}/sources?tlp=AMBER`, tarOf(second))).lines.at(-1) as unknown as Shown;
    await ask('moser', 'POST', `/api/releases/${id}/publish`, {});
    expect((await ask('son', 'GET', `/api/releases/${id}`)).json<{ artefacts: object[] }>().artefacts).toMatchObject([{ openable: 'on-site' }]);
    const refused = await ask('son', 'GET', `/api/artefacts/${artefact.id}/folder`);
    expect([refused.status, refused.json<{ code: string }>().code]).toEqual([403, 'artefact.on-site']);
    expect((await ask('moser', 'GET', `/api/artefacts/${artefact.id}/folder`)).status).toBe(200);
  });
  test('before its hour a release is known to its owner and to whom it is shown early; at its hour to all who may', async () => {
    const hour = new Date(hub().world.clock.now() + 3_600_000).toISOString();
    const [hidden, early] = [await release('4', { embargoUntil: hour }), await release('5', { embargoUntil: hour, early: ['org_hub'] })];
    for (const id of [hidden, early]) {
      await send('moser', `/api/releases/${id}/sources?tlp=AMBER`, tarOf(second));
      await ask('moser', 'POST', `/api/releases/${id}/publish`, {});
    }
    const seen = async (id: string): Promise<number> => (await ask('son', 'GET', `/api/releases/${id}`)).status;
    expect([await seen(hidden), await seen(early)]).toEqual([404, 200]);
    const versions = async (): Promise<string[]> =>
      (await ask('son', 'GET', `/api/products/${at.product}`)).json<{ releases: { version: string }[] }>().releases.map((r) => r.version);
    expect(await versions()).toEqual(['5', '3', '2', '1']);
    hub().world.clock.advance(3_600_000);
    expect(await seen(hidden)).toBe(200);
    expect(await versions()).toEqual(['5', '4', '3', '2', '1']);
  });
  test('what was withdrawn stays told and opens no more', async () => {
    await ask('moser', 'POST', `/api/artefacts/${at.source}/withdraw`, { reason: 'Signed with a wrong key' });
    const refused = await ask('son', 'GET', `/api/artefacts/${at.source}/folder`);
    expect([refused.status, refused.json<{ code: string }>().code]).toEqual([410, 'artefact.withdrawn']);
    expect((await ask('son', 'GET', `/api/releases/${at.one}`)).text).toContain('Signed with a wrong key');
    expect((await ask('sato', 'POST', `/api/releases/${at.two}/withdraw`, { reason: 'x' })).status).toBe(404);
    expect((await ask('moser', 'POST', `/api/releases/${at.two}/withdraw`, { reason: 'Broken' })).status).toBe(200);
    expect((await ask('son', 'GET', `/api/releases/${at.two}`)).json<{ artefacts: { openable: string }[] }>().artefacts[0]?.openable).toBe('withdrawn');
  });
});
