/**
 * A recipe says how a product is built from its source, so that anybody can: steps, what comes out, and how much it may take. Its digest,
 * with that of the source and of the environment, is what an attestation names. A fact is a part of the environment that a trial sets.
 */
import { z } from 'zod';
import { canonicalText } from '#kit/canonical/canonical';
import { factNames, type Fact } from '../compare/verdict.ts';
import { restating } from './toolchain.ts';

const word = z.string().min(1).max(4000);
/** Below the source; nothing that climbs. */
const place = z.string().min(1).max(400).refine((p) => !p.startsWith('/') && !p.split('/').includes('..'), 'is a place below the source');

export const recipeKinds = ['plain', 'npm', 'debian'] as const;
export const recipe = z.strictObject({
  v: z.literal(1),
  name: z.string().min(1).max(200),
  kind: z.enum(recipeKinds),
  /** A folder, or of a Debian package its `.dsc`; relative to the recipe. Not part of the digest: the source has its own. */
  source: z.string().min(1).max(1000),
  /** Commands in the folder of the source, one after another: `["make"]`. A Debian package brings its own. */
  steps: z.array(z.array(word).min(1).max(100)).max(50).default([]),
  /** Files that come out, below the source; a star stands for a part of a name. A Debian package has its packages, npm its one. */
  products: z.array(place).max(100).default([]),
  /** A Debian package’s tests, which want more than a sandbox has; an attestation says that they were left out. */
  checks: z.boolean().default(false),
  environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string().max(1000)).default({}),
  seconds: z.number().int().min(1).max(86_400).default(3600),
  megabytes: z.number().int().min(16).max(65_536).default(4096),
});
export type Recipe = z.infer<typeof recipe>;

/** What is hashed for its digest. */
export const recipeText = ({ source: _, ...rest }: Recipe): string => canonicalText(rest);

/** Values to try for each fact, most likely first; a clock only where somebody knows one, a compiler's revision where one may be meant. */
export function candidates(clock: string | null, toolchains: readonly Fact[]): Fact[] {
  const values: Record<(typeof factNames)[number], readonly string[]> = {
    clock: clock === null ? [] : [clock], toolchain: toolchains.map((f) => f.value), locale: ['C', 'vi_VN.UTF-8'],
    path: ['/tmp/another-folder-with-a-longer-name'], parallelism: ['3'],
  };
  return factNames.flatMap((name) => values[name].map((value) => ({ name, value })));
}

export interface Plan { readonly at: string; readonly environment: Readonly<Record<string, string>>;
  readonly commands: readonly (readonly string[])[]; readonly products: readonly string[] }

const valueOf = (facts: readonly Fact[], name: Fact['name']): string | undefined => facts.find((f) => f.name === name)?.value;

/** Where `faketime` reads it: local time, which inside is UTC. */
export const clockWords = (clock: string): string => clock.replace('T', ' ').replace(/(\.\d+)?Z$/, '');

/** What is run, and with which facts. The source lies in `src` of the folder. */
export function planOf({ kind, steps, products, checks, environment }: Recipe, facts: readonly Fact[], dsc: string | null): Plan {
  const clock = valueOf(facts, 'clock');
  const jobs = valueOf(facts, 'parallelism') ?? '1';
  const at = valueOf(facts, 'path') ?? '/tmp/build';
  const options = [...(checks ? [] : ['nocheck']), `parallel=${jobs}`].join(' ');
  const dated = (command: readonly string[]): readonly string[] => (clock === undefined ? command : ['faketime', '-f', `@${clockWords(clock)}`, ...command]);
  const toolchain = valueOf(facts, 'toolchain');
  const other = toolchain === undefined ? null : restating(toolchain, at);
  // A source is unpacked by the true clock: tar minds times of the future.
  const unpack = kind === 'debian' ? [['dpkg-source', '--no-check', '-x', `../${dsc ?? ''}`, '../src/tree']] : [];
  const own = kind === 'debian' ? [['sh', '-c', 'cd tree && exec dpkg-buildpackage -b -uc -us -rfakeroot']]
    : kind === 'npm' ? [...steps, ['npm', 'pack', '--ignore-scripts', '--silent']] : steps;
  return {
    at, commands: [...(other ? [other.command] : []), ...unpack, ...own.map(dated)],
    products: kind === 'debian' ? ['*.deb'] : kind === 'npm' ? ['*.tgz'] : products,
    environment: {
      PATH: '/usr/local/bin:/usr/bin:/bin', HOME: `${at}/home`, TZ: 'UTC', LC_ALL: valueOf(facts, 'locale') ?? 'C.UTF-8', MAKEFLAGS: `-j${jobs}`,
      DEB_BUILD_OPTIONS: options, DONT_FAKE_MONOTONIC: '1', ...other?.environment, ...environment,
    },
  };
}

/** Whether a file is a product: a star stands for anything but a slash. */
export function isProduct(patterns: readonly string[], path: string): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('[^/]*')}$`).test(path);
  });
}
