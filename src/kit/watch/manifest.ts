/**
 * What an update channel offers, whatever its form: its place in time, and files by name, version and digest. Our own form is canonical
 * JSON, so that the same content is the same bytes; forms of others are read beside it (debian.ts, npm.ts, list.ts). A text that cannot
 * be read is refused as a whole, with the place. Format: docs/specs/watch.md.
 */
import { z } from 'zod';
import { canonicalText, fromCanonical } from '#kit/canonical/canonical';
import { fromUtf8, toUtf8 } from '#kit/encoding';
import { compareVersions, type Scheme } from '../vuln/version/scheme.ts';

export const manifestFormats = ['entente-update', 'debian', 'npm', 'list'] as const;
export type ManifestFormat = typeof manifestFormats[number];

/** Larger manifests, and more files, are not read. */
export const mostManifestBytes = 64 * 1024 * 1024;
export const mostEntries = 200_000;
const longest = 1_000;

/** `algorithm:hex`. Weaker digests than these say nothing, and are not kept. */
export const listedDigest = z.string().regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/);

export const Entry = z.strictObject({
  /** Of the file or package, without its version; together with it, one thing that never changes. */
  name: z.string().min(1).max(longest), version: z.string().min(1).max(longest).nullable(),
  /** As it stands there: an address, or a path below the manifest's. */
  url: z.string().min(1).max(2_000), digest: listedDigest.nullable(), size: z.number().int().min(0).nullable(),
});
export type Entry = z.infer<typeof Entry>;

export const Withdrawal = z.strictObject({ name: z.string().min(1).max(longest), version: z.string().min(1).max(longest), why: z.string().max(2_000) });
export type Withdrawal = z.infer<typeof Withdrawal>;

/** Where in its life a channel says it is: whatever of it the form has. */
export const Position = z.strictObject({
  /** Only grows. */
  serial: z.number().int().min(0).nullable(), version: z.string().min(1).max(longest).nullable(), at: z.iso.datetime().nullable(),
  /** After that hour it is not to be believed any more. */
  expires: z.iso.datetime().nullable(),
});
export type Position = z.infer<typeof Position>;

export interface Manifest {
  readonly format: ManifestFormat;
  readonly position: Position;
  /** In the order of name, version and address. */
  readonly entries: readonly Entry[];
  readonly withdrawn: readonly Withdrawal[];
}

/** The text is no manifest: why, and where. */
export class ManifestFault extends Error {
  override readonly name = 'ManifestFault';
  readonly at: string;
  constructor(at: string, why: string) {
    super(`${at}: ${why}`);
    this.at = at;
  }
}

/** By what is compared; code units, as everywhere. */
const keyOf = (e: Entry): string => `${e.name}\u0000${e.version ?? ''}\u0000${e.url}`;

/** In order, and no two of one name, version and address. */
export function sorted(entries: readonly Entry[]): Entry[] {
  const keyed = entries.map((entry) => ({ entry, key: keyOf(entry) })).sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const twice = keyed.findIndex((k, i) => i > 0 && k.key === keyed[i - 1]?.key);
  if (twice >= 0) throw new ManifestFault(`file ${JSON.stringify(keyed[twice]?.entry.name)}`, 'is listed twice');
  return keyed.map((k) => k.entry);
}

const ownForm = z.strictObject({
  format: z.literal('entente-update'), v: z.literal(1),
  product: z.string().min(1).max(longest), channel: z.string().min(1).max(longest),
  serial: z.number().int().min(0), version: z.string().min(1).max(longest), at: z.iso.datetime(), expires: z.iso.datetime().nullable(),
  files: z.array(z.strictObject({
    name: z.string().min(1).max(longest), version: z.string().min(1).max(longest), url: z.string().min(1).max(2_000),
    sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.number().int().min(0),
  })).max(mostEntries),
  withdrawn: z.array(Withdrawal).max(mostEntries),
});
export type OwnManifest = z.infer<typeof ownForm>;

export const writeOwn = (manifest: OwnManifest): string => canonicalText(ownForm.parse(manifest));

/** Of bytes that are not canonical: the first place where they are another text than the canonical one. */
function whereNotCanonical(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'the text';
  }
  try {
    const wanted = canonicalText(value);
    let at = 0;
    while (at < wanted.length && wanted[at] === text[at]) at += 1;
    return `character ${at}`;
  } catch {
    return 'the text';
  }
}

export function readOwn(text: string): Manifest {
  const value = fromCanonical(text);
  if (value === undefined) throw new ManifestFault(whereNotCanonical(text), 'is not canonical JSON (RFC 8785)');
  const read = ownForm.safeParse(value);
  if (!read.success) throw faultOf(read.error);
  const { serial, version, at, expires, files, withdrawn } = read.data;
  return {
    format: 'entente-update', position: { serial, version, at, expires }, withdrawn,
    entries: sorted(files.map(({ sha256, ...file }) => ({ ...file, digest: `sha256:${sha256}` }))),
  };
}

/** The first problem of a form, by its path. */
export function faultOf(error: z.ZodError): ManifestFault {
  const first = error.issues[0];
  const path = (first?.path ?? []).map((p) => (typeof p === 'number' ? `[${p}]` : `.${String(p)}`)).join('').replace(/^\./, '');
  return new ManifestFault(path === '' ? 'the text' : path, first?.message ?? 'is no manifest');
}

/** As text, or refused with the place. */
export function manifestText(bytes: Uint8Array): string {
  if (bytes.length > mostManifestBytes) throw new ManifestFault(`byte ${mostManifestBytes}`, `a manifest has at most ${mostManifestBytes} bytes`);
  const text = fromUtf8(bytes);
  if (text !== null) return text;
  // Written anew with a mark for what is no text, the bytes are others from the first such place on.
  const again = toUtf8(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  throw new ManifestFault(`byte ${firstUnequal(bytes, again)}`, 'is not UTF-8');
}

function firstUnequal(one: Uint8Array, other: Uint8Array): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}

const orderOf: Readonly<Record<ManifestFormat, Scheme>> = { 'entente-update': 'generic', debian: 'deb', npm: 'npm', list: 'generic' };

/** Below 0 where the first is older; null where nobody can say. */
export function compareReleases(format: ManifestFormat, one: string | null, other: string | null): number | null {
  return one === null || other === null ? null : compareVersions(orderOf[format], one, other);
}

/** Which of two positions of a channel is earlier: by serial, else by hour, else by version. Null where nothing orders them. */
export function comparePositions(format: ManifestFormat, one: Position, other: Position): number | null {
  if (one.serial !== null && other.serial !== null) return one.serial - other.serial;
  if (one.at !== null && other.at !== null) return Date.parse(one.at) - Date.parse(other.at);
  return compareReleases(format, one.version, other.version);
}

/** Whether a position names one moment of a channel, so that two who saw it there saw the same. */
export const isNamed = ({ serial, at }: Position): boolean => serial !== null || at !== null;
