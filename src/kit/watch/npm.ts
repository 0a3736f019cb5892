/**
 * What an npm registry answers of a package: versions with their archives, `dist-tags.latest`, hours. A deprecated version counts as
 * withdrawn with the words of whoever deprecated it. Only digests of SHA-2 are kept; `shasum` is SHA-1.
 */
import { z } from 'zod';
import { fromBase64, toHex } from '#kit/encoding';
import { faultOf, ManifestFault, mostEntries, sorted, type Entry, type Manifest } from './manifest.ts';

const packument = z.object({
  name: z.string().min(1).max(400),
  'dist-tags': z.object({ latest: z.string().min(1).max(400).optional() }).default({}),
  versions: z.record(z.string().min(1).max(400), z.object({
    dist: z.object({ tarball: z.string().min(1).max(2_000), integrity: z.string().max(4_000).optional() }),
    deprecated: z.union([z.string(), z.boolean()]).optional(),
  })),
  time: z.record(z.string(), z.string()).default({}),
});

/** The strongest of a Subresource Integrity text that is one of ours. */
function digestOf(integrity: string | undefined): string | null {
  for (const [algorithm, bytes] of [['sha512', 64], ['sha256', 32]] as const) {
    for (const one of integrity?.split(/\s+/) ?? []) {
      const raw = one.startsWith(`${algorithm}-`) ? fromBase64(one.slice(algorithm.length + 1).split('?')[0] ?? '') : null;
      if (raw?.length === bytes) return `${algorithm}:${toHex(raw)}`;
    }
  }
  return null;
}

const hourOf = (text: string | undefined): string | null => {
  const at = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
};

export function readNpm(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ManifestFault('the text', 'is no JSON');
  }
  const read = packument.safeParse(value);
  if (!read.success) throw faultOf(read.error);
  const { name, versions, time, 'dist-tags': tags } = read.data;
  const all = Object.entries(versions);
  if (all.length > mostEntries) throw new ManifestFault('versions', `more than ${mostEntries}`);
  const latest = tags.latest ?? null;
  if (latest !== null && !Object.hasOwn(versions, latest)) throw new ManifestFault('dist-tags.latest', `${JSON.stringify(latest)} is none of its versions`);
  return {
    format: 'npm', position: { serial: null, version: latest, at: latest === null ? null : hourOf(time[latest]), expires: null },
    entries: sorted(all.map(([version, { dist }]): Entry => ({ name, version, url: dist.tarball, digest: digestOf(dist.integrity), size: null }))),
    withdrawn: all.flatMap(([version, { deprecated }]) => (deprecated === undefined || deprecated === false || deprecated === ''
      ? [] : [{ name, version, why: typeof deprecated === 'string' ? deprecated.slice(0, 2_000) : '' }])),
  };
}
