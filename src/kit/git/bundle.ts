/**
 * A bundle of git's (gitformat-bundle, version 2 and 3: `git bundle create FILE TAG`) as an archive: the files of one commit, taken by their ids out
 * of the pack, each checked by them. Its history is read past, and none of it is taken.
 */
import { fromUtf8 } from '#kit/encoding';
import { heldFile, nothing, type Bounds, type Member, type OpenRange } from '#kit/archive/member';
import { ArchiveError } from '#kit/archive/refused';
import { folderOfCommit, inFolder, namedByTag, type InFolder } from './objects.ts';
import { Pack, type Digest } from './pack.ts';

const headMax = 4 * 1_048_576;
const objectsMax = 2_000_000;
/** Up to here objects may come to anything; beyond, to so many times of what the bundle is: changes upon changes pack well. */
const [looseBytes, ratioMax, madeMax] = [256 * 1_048_576, 2_000, 512 * 2 ** 30];
/** Links are paths. */
const linkBytesMax = 4096;

/** Which ref of a bundle is taken, and the object that it names: a commit, or a tag of one. */
export interface BundleRef { readonly ref: string; readonly object: string }
interface Head extends BundleRef { readonly digest: Digest; readonly packAt: number }

const marks = ['# v2 git bundle\n', '# v3 git bundle\n'];
export const isBundle = (head: Uint8Array): boolean => marks.includes(Buffer.from(head.subarray(0, 16)).toString('latin1'));

async function headOf(open: OpenRange, size: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of await open(0, Math.min(headMax, size))) {
    parts.push(Uint8Array.from(part));
    const whole = Buffer.concat(parts);
    const end = whole.indexOf('\n\n');
    if (end >= 0) return whole.subarray(0, end + 2);
    parts.splice(0, parts.length, whole);
  }
  throw new ArchiveError('The head of the bundle has no end.', 'byte 0');
}

function digestIn(lines: readonly string[]): Digest {
  for (const line of lines.filter((l) => l.startsWith('@'))) {
    const format = /^@object-format=(.*)$/.exec(line)?.[1];
    if (format === 'sha256' || format === 'sha1') {
      if (format === 'sha256') return format;
    } else if (line.startsWith('@filter=')) throw new ArchiveError('The bundle leaves files out (a filter): make it without.', line.slice(0, 80));
    else throw new ArchiveError('The bundle asks for what is not known here.', line.slice(0, 80));
  }
  return 'sha1';
}

/** HEAD where the bundle has it, else its only ref. */
function chosen(refs: readonly BundleRef[]): BundleRef {
  const head = refs.find((r) => r.ref === 'HEAD');
  const named = head ? refs.find((r) => r.object === head.object && r.ref !== 'HEAD') ?? head : refs[0];
  if (!named) throw new ArchiveError('The bundle names nothing.', 'its head');
  if (!head && refs.length > 1) {
    throw new ArchiveError('The bundle names several: make it of one tag or branch, or with HEAD.', refs.slice(0, 3).map((r) => r.ref).join(', '));
  }
  return named;
}

/** Reads a bundle's head. Throws an ArchiveError. */
export async function bundleHead(open: OpenRange, size: number): Promise<Head> {
  const bytes = await headOf(open, size);
  const text = fromUtf8(bytes);
  if (text === null) throw new ArchiveError('The head of the bundle is no text in UTF-8.', 'byte 0');
  const [mark = '', ...lines] = text.slice(0, -2).split('\n');
  const digest = digestIn(mark.includes('v3') ? lines : []);
  const idLength = digest === 'sha1' ? 40 : 64;
  const refs: BundleRef[] = [];
  for (const line of lines) {
    if (line.startsWith('@') && mark.includes('v3')) continue;
    const [, without = '', object = '', ref] = /^(-?)([0-9a-f]+)(?: (.*))?$/.exec(line) ?? [];
    if (object.length !== idLength) throw new ArchiveError('A line in the head of the bundle is none.', line.slice(0, 80));
    if (without !== '') throw new ArchiveError('The bundle builds on commits that are not in it: make a whole one, without a range.', object);
    if (ref) refs.push({ ref, object });
  }
  return { ...chosen(refs), digest, packAt: bytes.length };
}

const drain = async (objects: AsyncIterable<unknown>): Promise<void> => {
  for await (const one of objects) void one;
};

/** The topmost folder of what the bundle names. */
async function topOf(pack: Pack, { ref, object }: BundleRef): Promise<string> {
  await drain(pack.all('tag', () => false));
  await drain(pack.all('commit', () => false));
  let [id, kind] = [object, 'commit'];
  for (let tags = 0; tags < 10; tags++) {
    const found = await pack.byId(id);
    if (!found) throw new ArchiveError('The bundle does not hold what it names.', ref);
    if (found.kind === 'commit') return folderOfCommit(found.bytes, pack.idBytes);
    if (found.kind !== 'tag') break;
    ({ id, kind } = namedByTag(found.bytes, pack.idBytes));
    if (kind !== 'commit' && kind !== 'tag') break;
  }
  throw new ArchiveError('What the bundle names is no commit.', ref);
}

interface Wanted { readonly path: string; readonly is: Exclude<InFolder['is'], 'folder'> }

/** Paths by the id of what stands there. */
async function wantedBelow(pack: Pack, top: string, membersMax: number): Promise<Map<string, Wanted[]>> {
  await drain(pack.all('tree', () => false));
  const wanted = new Map<string, Wanted[]>();
  const folders = [{ id: top, path: '' }];
  for (let count = 0; folders.length > 0;) {
    const { id, path } = folders.pop() as { id: string; path: string };
    const found = await pack.byId(id);
    if (found?.kind !== 'tree') throw new ArchiveError('The bundle does not hold a folder.', path === '' ? 'the topmost folder' : path);
    for (const { name, is, id: of } of inFolder(found.bytes, pack.idBytes, path)) {
      const here = path === '' ? name : `${path}/${name}`;
      // Folders count too: a few that name each other stand for more than any disk holds.
      if (++count > membersMax) throw new ArchiveError(`The archive holds more than ${membersMax} entries.`, here);
      if (is === 'folder') folders.push({ id: of, path: here });
      else {
        const before = wanted.get(of);
        if (before) before.push({ path: here, is });
        else wanted.set(of, [{ path: here, is }]);
      }
    }
  }
  return wanted;
}

function memberOf({ path, is }: Wanted, bytes: Buffer): Member {
  if (is !== 'link') return heldFile(path, { bytes, runs: is === 'program' });
  const target = bytes.length > linkBytesMax ? null : fromUtf8(bytes);
  if (target === null) throw new ArchiveError('A link of the repository leads nowhere.', path);
  return { path, kind: 'link', runs: false, target, size: 0, bytes: nothing() };
}

/** The files of the commit, in no order. Throws an ArchiveError with its place, and what reading throws. */
export async function* bundleMembers(open: OpenRange, size: number, bounds: Bounds): AsyncGenerator<Member> {
  const head = await bundleHead(open, size);
  const bytesMax = Math.min(madeMax, Math.max(looseBytes, size * ratioMax));
  const pack = await Pack.open(open, head.packAt, size, head.digest, { objectsMax, bytesMax, ...bounds.goOn ? { goOn: bounds.goOn } : {} });
  const wanted = await wantedBelow(pack, await topOf(pack, head), bounds.membersMax);
  if (wanted.size > 0) {
    for await (const { id, bytes } of pack.all('blob', (one) => wanted.has(one))) {
      for (const one of wanted.get(id) ?? []) yield memberOf(one, bytes);
      wanted.delete(id);
      if (wanted.size === 0) break;
    }
  }
  const [missing] = wanted.values();
  if (missing?.[0]) throw new ArchiveError('The bundle does not hold a file of the commit.', missing[0].path);
}
