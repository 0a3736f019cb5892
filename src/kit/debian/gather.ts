/** Whether an archive holds a Debian source package as it is handed out (a `.dsc` and the files it names, side by side), and that package. */
import type { Bounds, Member, OpenRange } from '#kit/archive/member';
import { ArchiveError } from '#kit/archive/refused';
import type { Keep } from '#kit/archive/snapshot';
import { fromUtf8 } from '#kit/encoding';
import { readDsc } from './dsc.ts';
import { SourcePackage, type PackageFile } from './source.ts';

const dscBytesMax = 1_048_576;
const filesMost = 100;
const ofPackage = /^[A-Za-z0-9][^/]*\.(?:dsc|asc|diff\.gz|tar\.[a-z0-9]+)$/;

export interface GatheredPackage {
  /** Name and version. */
  readonly name: string;
  /** SHA-256 of the `.dsc`. */
  readonly dscSha256: string;
  readonly members: () => AsyncIterable<Member>;
}

export interface GatherOptions {
  readonly keep: Keep;
  /** Opens what was kept. */
  readonly opened: (digest: string) => OpenRange;
  readonly bounds: Bounds;
}

/** Null where the archive is something else; what was kept of it then lies unnamed. Throws an ArchiveError where the package is not whole. */
export async function gatheredPackage(members: AsyncIterable<Member>, { keep, opened, bounds }: GatherOptions): Promise<GatheredPackage | null> {
  const files = new Map<string, PackageFile>();
  const dscs: { name: string; text: string | null; sha256: string }[] = [];
  for await (const { path, kind, size, bytes } of members) {
    if (kind !== 'file' || !ofPackage.test(path) || files.size + dscs.length >= filesMost) return null;
    if (files.has(path)) throw new ArchiveError('A path stands twice.', path);
    if (!path.endsWith('.dsc')) {
      const { digest } = await keep(bytes);
      files.set(path, { open: opened(digest), size, sha256: digest });
      continue;
    }
    if (size > dscBytesMax) throw new ArchiveError('The source package’s description is too large.', path);
    const parts: Uint8Array[] = [];
    for await (const part of bytes) parts.push(Uint8Array.from(part));
    const whole = Buffer.concat(parts);
    dscs.push({ name: path, text: fromUtf8(whole), sha256: (await keep(whole)).digest });
  }
  const [dsc, other] = dscs;
  if (!dsc || files.size === 0) return null;
  if (other) throw new ArchiveError('The archive holds more than one source package.', other.name);
  if (dsc.text === null) throw new ArchiveError('The source package’s description is no text in UTF-8.', dsc.name);
  const said = readDsc(dsc.text, dsc.name);
  const stray = [...files.keys()].find((name) => !said.files.some((f) => f.name === name));
  if (stray) throw new ArchiveError('A file beside the source package is none of it.', stray);
  const source = new SourcePackage(said, files, bounds);
  return { name: `${said.source} ${said.version}`, dscSha256: dsc.sha256, members: () => source.members() };
}
