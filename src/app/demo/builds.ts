/**
 * The story's rebuilders: one of the provider, one of the centre. The files are small and made here; what is said of them is what the
 * engine finds between them, also what a build with another clock came to, so that no verdict of the demonstration is invented.
 */
import { createHash } from 'node:crypto';
import { compare } from '#kit/compare/compare';
import { openKeys, type Fact, type Trial } from '#kit/compare/verdict';
import { once } from '#kit/once';
import { asHub } from '#world/db/scope';
import { addRebuilt, buildsActions, record, rebuilderCount } from '#modules/builds/index';
import { bringFile, catalogueActions } from '#modules/catalogue/index';
import { evidenceOn, keyOf, type Tried } from '../../kit/attest/testing.ts';
import { debOf, gzipOf, programOf, type Program } from '../../kit/compare/testing.ts';
import type { World } from '../world.ts';
import { centre } from './story.ts';

const vendor = 'org_kestrel';
const steward = { org: vendor, person: 'per_moser' } as const;

const seedOf = (version: string): Buffer => createHash('sha256').update(version).digest();

/** Where the first branch of `checks` stands in it. */
const branchAt = 11;
/** x86-64: a rule is asked by its number, and answers 1 or 0; one after another. */
const checks = (seed: Uint8Array): Buffer => Buffer.concat(Array.from({ length: 48 }, (_, i) => Buffer.from([
  // push %rbp; mov %rsp,%rbp; sub $16,%rsp; cmp $RULE,…
  0x55, 0x48, 0x89, 0xe5, 0x48, 0x83, 0xec, 0x10, 0x83, 0xff, (seed[i % 32] ?? 0) & 0x7f,
  // jne 1f; mov $1,%eax; leave; ret; 1: xor %eax,%eax; leave; ret; and fill up to 32 bytes.
  0x75, 0x07, 0xb8, 1, 0, 0, 0, 0xc9, 0xc3, 0x31, 0xc0, 0xc9, 0xc3, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0,
])));

/** Code that differs from release to release, and constants that say which it is and when it was built. */
function inspect(version: string, built: string, change: Partial<Program> = {}): Buffer {
  const seed = seedOf(version);
  return programOf({
    code: checks(seed), buildId: seed.subarray(0, 20),
    constants: Buffer.from(`inspect ${version}\0usage: inspect [file]\0built ${built}\0${'no rule matches\0'.repeat(12)}`),
    ...change,
  });
}
const packed = (program: Uint8Array, time: number, name = 'inspect'): Buffer =>
  debOf([{ name: `usr/bin/${name}`, bytes: program }], { pack: (b) => gzipOf(b, time), suffix: 'gz', time });
const settings = (lines: readonly string[]): Buffer => Buffer.from(`${lines.join('\n')}\n`);

/** What is shipped of each release, by name. */
const shippedOf = (version: string): Readonly<Record<string, Buffer>> => {
  const built = version === '1.0' ? '2026-03-02' : '2026-05-18';
  return {
    [`inspect_${version}_amd64.deb`]: packed(inspect(version, built), 1_772_409_600),
    [`inspect-settings_${version}.conf`]: settings(['depth = 4', 'ask-cloud = no', `release = ${version}`, 'log = /var/log/inspect']),
  };
};

/** A build with a fact set, beside what was shipped. */
async function tried(fact: Fact, name: string, shipped: Uint8Array, rebuilt: Uint8Array): Promise<Trial> {
  const { verdict, differences } = await compare(shipped, rebuilt, { name });
  return { fact, verdict, open: openKeys(differences) };
}

type Said = readonly [release: string, by: 'vendor' | 'centre', files: readonly Tried[]];

async function whatIsSaid(): Promise<Said[]> {
  const [one, two] = [shippedOf('1.0'), shippedOf('1.1')];
  const of = (files: typeof one, name: string, rebuilt: Uint8Array | null, trials: readonly Trial[] = []) =>
    ({ name, shipped: files[name] ?? Buffer.alloc(0), rebuilt, trials });
  const [deb1, conf1, deb2, conf2] = ['inspect_1.0_amd64.deb', 'inspect-settings_1.0.conf', 'inspect_1.1_amd64.deb', 'inspect-settings_1.1.conf'];
  // What the centre's machine makes of 1.0: twelve bytes of constants that nothing explains, and one branch the other way round.
  const planted = inspect('1.0', '2026-03-02');
  planted.write('ask-cloud=on', planted.indexOf('no rule matches'), 'latin1');
  planted[planted.indexOf(checks(seedOf('1.0'))) + 32 * 20 + branchAt] = 0x74;
  const late = packed(inspect('1.1', '2026-06-09'), 1_781_000_000);
  const clock = { name: 'clock', value: '2026-05-18T09:00:00.000Z' } as const;
  const trials = [
    await tried({ name: 'parallelism', value: '3' }, deb2, two[deb2] ?? Buffer.alloc(0), late),
    await tried(clock, deb2, two[deb2] ?? Buffer.alloc(0), packed(inspect('1.1', '2026-05-18'), 1_772_409_600)),
  ];
  return [
    ['1.0', 'vendor', [of(one, deb1, one[deb1] ?? null), of(one, conf1, one[conf1] ?? null)]],
    ['1.0', 'centre', [of(one, deb1, packed(planted, 1_781_000_000)), of(one, conf1, settings(['depth = 4', 'ask-cloud = yes', 'release = 1.0',
      'log = /var/log/inspect']))]],
    ['1.1', 'vendor', [of(two, deb2, packed(inspect('1.1', '2026-05-18'), 1_779_100_000)), of(two, conf2, two[conf2] ?? null)]],
    ['1.1', 'centre', [of(two, deb2, late, trials), of(two, conf2, two[conf2] ?? null)]],
  ];
}

const rebuilders = {
  vendor: { ...steward, colleague: 'per_keller', name: 'kestrel.example/build', roles: ['steward'], machine: 'Debian 12, the machine that ships' },
  centre: { org: centre, person: 'per_son', colleague: 'per_lan', name: 'ncsc.example/rebuild', roles: ['reviewer'],
    machine: 'Debian 12, no network, two cores' },
} as const;

/** Once; a start that was cut short on the way leaves what it had come to. */
export function writeBuilds(world: World): Promise<void> {
  return asHub('the demonstration’s rebuilds', async () => {
    if (await rebuilderCount(world.db, centre) > 0) return;
    const releases = await inspectReleases(world);
    const until = new AbortController().signal;
    const callerOf = ({ org, person, roles, colleague }: (typeof rebuilders)['vendor' | 'centre']) => ({
      actor: { org, person, roles }, until, may: () => Promise.resolve({ grantIds: [], clauses: [] }),
      approved: () => Promise.resolve({ approval: 'demo', by: colleague }),
    }) as never;
    // A key for each folder: what it signs is of this demonstration alone.
    const secret = createHash('sha256').update(world.random.bytes(32)).digest('hex');
    for (const by of Object.values(rebuilders)) {
      const { name, machine } = by;
      await buildsActions(world)['rebuilders.register']({ name, machine, publicKey: keyOf(name, secret + name).publicKey }, callerOf(by));
    }
    for (const [version, who, files] of await whatIsSaid()) {
      const by = rebuilders[who];
      const log = `$ dpkg-buildpackage -b\ninspect ${version}: built by ${by.name}\n`;
      const evidence = await evidenceOn({ signer: keyOf(by.name, secret + by.name).signer, at: world.clock.iso(), log, environment: by.machine }, files);
      const { rebuild } = await record(world, callerOf(by), { release: releases[version] ?? '', corrects: null, reason: '' }, once(Buffer.from(evidence)));
      for (const { rebuilt, shipped } of files) {
        if (rebuilt && Buffer.compare(shipped, rebuilt) !== 0) await addRebuilt(world, callerOf(by), rebuild, once(rebuilt));
      }
    }
  });
}

/** An open tool of the provider's, in two releases. */
async function inspectReleases(world: World): Promise<Record<string, string>> {
  const acts = catalogueActions(world);
  const caller = { actor: { ...steward, roles: ['steward'] } } as never;
  const { product } = await acts['products.create']({
    name: 'Kestrel Inspect', open: true, summary: 'Looks into one file and says what it is. Everybody may build it again.',
    summaryVi: 'Xem một tệp và cho biết đó là gì. Ai cũng có thể biên dịch lại.',
  }, caller);
  const found: Record<string, string> = {};
  for (const version of ['1.0', '1.1']) {
    const { release } = await acts['releases.prepare']({ product: product.id, version, title: '', early: [] }, caller);
    for (const [name, bytes] of Object.entries(shippedOf(version))) {
      await bringFile(world, {
        actor: steward, release: release.id, kind: 'binary', name, media: 'application/octet-stream', access: 'public', tlp: 'CLEAR',
          embargoUntil: null, early: [],
      }, bytes);
    }
    await acts['releases.publish']({ release: release.id }, caller);
    found[version] = release.id;
  }
  return found;
}
