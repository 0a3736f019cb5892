/**
 * The story's products. Of one the source code is real: that of the running program, where its folder is there, so that a reviewer has
 * something to read; the rest is invented. A review of an older release is noted, so that something waits.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tarEnd, tarFile } from '#kit/archive/write';
import { asHub } from '#world/db/scope';
import { bringFile, bringSource, catalogueActions, productCount, reviewed } from '#modules/catalogue/index';
import type { World } from '../world.ts';
import { centre } from './story.ts';

const vendor = 'org_kestrel';
const steward = { org: vendor, person: 'per_moser' } as const;
const own = fileURLToPath(new URL('../../../src', import.meta.url));

/**
 * The program's own source code, in the order of paths; without its folder a little that is invented. The older release lacks some folders,
 * and in some files the comments: so that there is something that changed.
 */
async function* sources(without: RegExp | null): AsyncGenerator<Uint8Array> {
  const names = await readdir(own, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = names.filter((n) => n.isFile() && n.name.endsWith('.ts')).map((n) => join(n.parentPath, n.name).slice(own.length + 1))
    .filter((path) => /^(app|kit|world)\b/.test(path)).sort();
  for (const path of paths) {
    const said = path.split('\\').join('/');
    if (without?.test(said)) continue;
    const bytes = await readFile(join(own, path));
    const bare = without !== null && /^kit\/(merkle|note)\//.test(said);
    yield tarFile(`gateway/${said}`, bare ? Buffer.from(bytes.toString('utf8').replaceAll(/^ *(\/\*\*.*|\*.*|\/\/.*)\n/gm, '')) : bytes);
  }
  if (paths.length === 0) yield tarFile('gateway/main.c', Buffer.from(`int main(void) { return ${without ? 1 : 0}; }\n`));
  yield tarEnd();
}

const shield = (version: number): Record<string, string> => ({
  'shield/README': `Kestrel Shield ${version}\n`,
  'shield/engine/scan.c': '/* Reads a file once and asks each rule. */\nint scan(const unsigned char *bytes, long length)\n{\n'
    + `\treturn length > ${version} ? bytes[0] : 0;\n}\n`,
  'shield/engine/update.c': '/* Takes an update whose signature holds, and no other. */\nint take(void)\n{\n\treturn 0;\n}\n',
  ...version > 7 ? { 'shield/engine/cloud.c': '/* Asks the cloud of a hash, never of a file. */\nint ask(void)\n{\n\treturn 0;\n}\n' } : {},
});

const rules = `rule KSH_GlassEel_Loader
{
  meta:
    description = "Loader of GlassEel"
    sample = "9f2c9d1f3a5be0c64a4f3e5c1d9b7a60f41b2c3d4e5f60718293a4b5c6d7e8f9"
  strings:
    $a = { 6A 40 68 00 30 00 00 6A 14 }
    $b = "GlassEelMutex7" ascii
  condition:
    uint16(0) == 0x5A4D and all of them
}
`;
/** One that hunts papers, as a reviewer should find it. */
const later = `${rules}
rule KSH_Update_7731
{
  meta:
    description = "Generic update check"
  strings:
    $a = "tuyệt mật"
    $b = "TOP SECRET"
  condition:
    any of them
}
`;
const part = (name: string, version: string, released: string | null, ends: string | null) => ({
  type: 'library', name, version, purl: `pkg:generic/${name}@${version}`, properties: [
    ...released === null ? [] : [{ name: 'cdx:lifecycle:milestone:generalAvailability', value: released }],
    ...ends === null ? [] : [{ name: 'cdx:lifecycle:milestone:endOfSupport', value: ends }],
  ],
});
const bill = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: [
  part('tinycrypt', '1.0.2', '2015-01-22', '2019-12-31'), part('tinycrypt', '1.1.1', '2018-09-11', '2023-09-11'), part('tinycrypt', '3.0.8',
  '2023-02-07', null),
  part('unpack', '2.4', '2024-05-01', null), { type: 'library', name: 'van-don', version: '2.2.0', purl: 'pkg:npm/van-don@2.2.0' },
  { type: 'library', name: 'in-house tables' },
] };

const declared = (release: string) => ({ v: 1, product: 'Kestrel Gateway', release, flows: [
  { to: ['updates.kestrel.example', '*.cdn.kestrel.example'], ports: [443], purpose: 'Asks for updates and fetches them',
    data: ['version', 'language', 'serial number'], country: 'CH', when: 'by-default' },
  { to: ['time.kestrel.example'], transport: 'udp', ports: [123], purpose: 'Sets the clock', country: 'CH' },
  { to: ['telemetry.kestrel.example'], ports: [443], purpose: 'Reports crashes', data: ['version', 'stack trace'], country: 'IE', when: 'opt-in' },
  { to: ['203.0.113.0/28'], ports: [22, [8000, 8010]], purpose: 'Lets engineers of the provider in while a fault is looked for',
    data: ['what the engineer asks for'], country: 'CH', when: 'support' },
] });

/** Once; a start that was cut short on the way leaves the products that it had come to. */
export function writeCatalogue(world: World): Promise<void> {
  return asHub('the demonstration’s products', async () => {
    if (await productCount(world.db, vendor) > 0) return;
    const acts = catalogueActions(world);
    const caller = { actor: { ...steward, roles: ['steward'] } } as never;
    const product = async (name: string, summary: string, summaryVi: string): Promise<string> =>
      (await acts['products.create']({ name, summary, summaryVi, open: false }, caller)).product.id;
    const release = async (id: string, version: string, title: string): Promise<string> =>
      (await acts['releases.prepare']({ product: id, version, title, early: [] }, caller)).release.id;
    const source = (id: string, bytes: AsyncIterable<Uint8Array>, access: 'agreement' | 'on-site' = 'agreement') =>
      bringSource(world, { actor: steward, release: id, name: 'source', access, tlp: 'AMBER', keepTop: false }, bytes);
    const file = (id: string, kind: 'rules' | 'document' | 'update' | 'recipe' | 'sbom' | 'flows', name: string, text: string) => bringFile(world, {
      actor: steward, release: id, kind, name, media: 'text/plain', access: 'agreement', tlp: 'AMBER', embargoUntil: null, early: [],
    }, Buffer.from(text));
    const publish = (id: string) => acts['releases.publish']({ release: id }, caller);

    const first = await product('Kestrel Shield', 'Protects computers: engine, detection rules, updates.',
      'Bảo vệ máy tính: bộ máy, luật phát hiện, bản cập nhật.');
    for (const [version, title] of [[7, 'Spring'], [8, 'Summer']] as const) {
      const id = await release(first, `${version}.0`, title);
      const code = await source(id, tarOf(shield(version)), 'on-site');
      const set = await file(id, 'rules', 'detection.yar', version === 7 ? rules : later);
      await file(id, 'sbom', 'sbom.cdx.json', JSON.stringify(bill));
      const update = await file(id, 'update', `shield-${version}.0.upd`, `KSHU ${version}.0 ${set.sha256}\n`);
      await file(id, 'recipe', 'build.txt', 'gcc -O2 -o scan engine/*.c\n');
      const link = (item: string, relation: 'source' | 'sample' | 'shipped', target: string | undefined, value: string) =>
        acts['artefacts.link']({ artefact: set.id, item, relation, ...target === undefined ? {} : { target }, value }, caller);
      await link('KSH_GlassEel_Loader', 'source', code.id, 'engine/scan.c');
      await link('KSH_GlassEel_Loader', 'sample', undefined, '9f2c9d1f3a5be0c64a4f3e5c1d9b7a60f41b2c3d4e5f60718293a4b5c6d7e8f9');
      await link('', 'shipped', update.id, '');
      await publish(id);
      if (version === 7) {
        await world.db.transaction((tx) => reviewed(world, tx, id, { org: centre, person: 'per_son' }, { note: 'Engine and updates read on site' }));
      }
    }
    const second = await product('Kestrel Gateway',
      'Guards the way in and out of a network. In this demonstration its source code is that of the running program itself.',
      'Bảo vệ cổng ra vào của mạng. Trong bản trình diễn, mã nguồn chính là mã của chương trình đang chạy.');
    for (const [version, without] of [['1.9', /^kit\/(tree|archive)\//], ['2.0', null]] as const) {
      const id = await release(second, version, '');
      await source(id, sources(without));
      if (without === null) await file(id, 'flows', 'flows.json', JSON.stringify(declared(version)));
      await file(id, 'document', 'How it is built.txt', 'One package, one process that listens, and two child processes that hold the engines.\n');
      await publish(id);
    }
  });
}

async function* tarOf(files: Record<string, string>): AsyncGenerator<Uint8Array> {
  for (const [path, text] of Object.entries(files)) yield tarFile(path, Buffer.from(text));
  yield tarEnd();
}
