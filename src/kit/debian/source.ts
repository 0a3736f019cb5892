/**
 * A Debian source package as an archive: what `dpkg-source -x` makes of its files, with the patches put on, and nothing run. What a patch touches
 * is held in memory; all else goes past. Checked against the digests of its `.dsc`.
 */
import { gunzipSync } from 'node:zlib';
import { heldFile, linkTarget, type Bounds, type Member, type OpenRange } from '#kit/archive/member';
import { membersOf } from '#kit/archive/open';
import { ArchiveError } from '#kit/archive/refused';
import type { Dsc } from './dsc.ts';
import { effortMax, patchedText, readPatch, type FilePatch } from './patch.ts';

/** A file of the package where it lies. */
export interface PackageFile { readonly open: OpenRange; readonly size: number; readonly sha256: string }

/** Bytes of patches, of all files that they touch, and of one of those. */
const [patchesMax, touchedMax, touchedFileMax] = [64 * 1_048_576, 64 * 1_048_576, 16 * 1_048_576];

interface Parts { readonly main: string; readonly components: readonly (readonly [folder: string, name: string])[]; readonly debian: string | null;
  readonly diff: string | null }

/** Which file of the package is what, by its name (dpkg-source(1)). */
function partsOf({ format, files, source, version }: Dsc, at: string): Parts {
  const names = files.map((f) => f.name).filter((name) => !name.endsWith('.asc'));
  const one = (what: RegExp, word: string): string => {
    const found = names.filter((name) => what.test(name));
    if (found.length !== 1 || !found[0]) throw new ArchiveError(`The source package has ${found.length === 0 ? 'no' : 'more than one'} ${word}.`, at);
    return found[0];
  };
  const diff = format === '1.0' ? names.find((name) => name.endsWith('.diff.gz')) ?? null : null;
  if (format === '3.0 (native)' || (format === '1.0' && diff === null)) {
    return { main: one(/\.tar\.[a-z0-9]+$/, `source of ${source} ${version}`), components: [], debian: null, diff: null };
  }
  const main = one(/\.orig\.tar\.[a-z0-9]+$/, 'original source');
  if (diff !== null) return { main, components: [], debian: null, diff };
  const components = names.flatMap((name) => {
    const folder = /\.orig-([A-Za-z0-9-]+)\.tar\.[a-z0-9]+$/.exec(name)?.[1];
    return folder ? [[folder, name] as const] : [];
  });
  return { main, components, debian: one(/\.debian\.tar\.[a-z0-9]+$/, 'folder debian'), diff: null };
}

async function wholeOf(bytes: AsyncIterable<Uint8Array>, most: number, at: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of bytes) {
    length += part.length;
    if (length > most) throw new ArchiveError(`What patches touch or hold is more than ${most} bytes.`, at);
    parts.push(Uint8Array.from(part));
  }
  return Buffer.concat(parts);
}

export class SourcePackage {
  readonly #files: ReadonlyMap<string, PackageFile>;
  readonly #bounds: Bounds;
  readonly #parts: Parts;
  readonly #effort = { left: effortMax };

  /** `files` by name. Throws an ArchiveError where one is not there, or not what the `.dsc` says. */
  constructor(dsc: Dsc, files: ReadonlyMap<string, PackageFile>, bounds: Bounds) {
    [this.#files, this.#bounds] = [files, bounds];
    for (const { name, sha256, size } of dsc.files) {
      const file = files.get(name);
      if (!file) throw new ArchiveError('A file that the source package names is not there.', name);
      if (file.sha256 !== sha256 || file.size !== size) throw new ArchiveError('A file of the source package is not what its .dsc states.', name);
    }
    this.#parts = partsOf(dsc, `${dsc.source}_${dsc.version}.dsc`);
  }

  async* #membersIn(name: string): AsyncGenerator<Member> {
    const { open, size } = this.#files.get(name) as PackageFile;
    try {
      yield* membersOf(open, size, this.#bounds);
    } catch (error) {
      throw error instanceof ArchiveError ? new ArchiveError(error.message, `${name}: ${error.at}`, { cause: error }) : error;
    }
  }

  /** The one folder in which all of an archive lies; null where there is none. */
  async #topOf(name: string): Promise<string | null> {
    let top: string | null = null;
    for await (const { path } of this.#membersIn(name)) {
      const slash = path.indexOf('/');
      const first = slash < 0 ? null : path.slice(0, slash);
      if (first === null || (top !== null && first !== top)) return null;
      top = first;
    }
    return top;
  }

  /** Members with the one folder left off, and put into `folder`. */
  async* #under(name: string, folder: string): AsyncGenerator<Member> {
    const top = await this.#topOf(name);
    const placed = (path: string): string => `${folder}${top === null ? path : path.slice(top.length + 1)}`;
    for await (const member of this.#membersIn(name)) {
      // A file beside the one folder, or a link to what lies elsewhere, is told by whoever takes them together.
      yield { ...member, path: placed(member.path), target: member.kind === 'same' ? placed(member.target) : member.target };
    }
  }

  async #patches(): Promise<FilePatch[]> {
    const { debian, diff } = this.#parts;
    if (diff !== null) {
      const { open, size } = this.#files.get(diff) as PackageFile;
      const packed = await wholeOf(await open(0, size), patchesMax, diff);
      try {
        return readPatch(gunzipSync(packed, { maxOutputLength: patchesMax }).toString('latin1'), 1, diff);
      } catch (error) {
        throw error instanceof ArchiveError ? error : new ArchiveError('The packed patch is broken or too large.', diff, { cause: error });
      }
    }
    if (debian === null) return [];
    const held = new Map<string, Buffer>();
    let bytes = 0;
    for await (const member of this.#membersIn(debian)) {
      if (member.kind !== 'file' || !member.path.startsWith('debian/patches/')) continue;
      const whole = await wholeOf(member.bytes, patchesMax - bytes, member.path);
      bytes += whole.length;
      held.set(member.path, whole);
    }
    const series = (held.get('debian/patches/debian.series') ?? held.get('debian/patches/series'))?.toString('utf8') ?? '';
    return series.split('\n').flatMap((line) => {
      const [name = '', ...options] = line.replace(/(?:^|\s)#.*$/, '').trim().split(/\s+/);
      if (name === '') return [];
      const at = `debian/patches/${name}`;
      const text = held.get(at);
      if (!text) throw new ArchiveError('A patch that the series names is not there.', at);
      const strip = /^-p([01])$/.exec(options[0] ?? '-p1')?.[1];
      if (strip === undefined) throw new ArchiveError('A patch of the series has an option that is not read here.', at);
      return readPatch(text.toString('latin1'), Number(strip), at);
    });
  }

  /** All files before any patch: the original, its further parts, and the folder `debian`, each in the place of what was there. */
  async* #unpatched(): AsyncGenerator<Member> {
    const { main, components, debian } = this.#parts;
    const replaced = [...components.map(([folder]) => `${folder}/`), ...debian === null ? [] : ['debian/']];
    for await (const member of this.#under(main, '')) {
      if (!replaced.some((folder) => member.path.startsWith(folder))) yield member;
    }
    for (const [folder, name] of components) {
      for await (const member of this.#under(name, `${folder}/`)) if (debian === null || !member.path.startsWith('debian/')) yield member;
    }
    if (debian === null) return;
    for await (const member of this.#membersIn(debian)) {
      if (!member.path.startsWith('debian/')) throw new ArchiveError('The archive of the folder debian holds something else.', member.path);
      yield member;
    }
  }

  /** The files as they are built from. Throws an ArchiveError with its place, and what reading throws. */
  async* members(): AsyncGenerator<Member> {
    const patches = await this.#patches();
    const touched = new Set(patches.flatMap(({ from, to }) => [from, to]).filter((path) => path !== null));
    const held = new Map<string, { bytes: Buffer; runs: boolean }>();
    const others = new Set<string>();
    let bytes = 0;
    for await (const given of this.#unpatched()) {
      await this.#bounds.goOn?.();
      const member = given.path === 'debian/rules' ? { ...given, runs: true } : given;
      const { path, kind, runs } = member;
      const same = kind === 'same' ? held.get(member.target) : undefined;
      if (touched.has(path) && (kind === 'file' || same)) {
        const whole = same?.bytes ?? await wholeOf(member.bytes, Math.min(touchedFileMax, touchedMax - bytes), path);
        bytes += whole.length;
        held.set(path, { bytes: whole, runs: same?.runs ?? runs });
        continue;
      }
      others.add(path);
      if (same) yield heldFile(path, same);
      else {
        if (kind === 'link' && linkTarget(path, member.target) === null) throw new ArchiveError('A link leads out of the source package.', path);
        yield member;
      }
    }
    for (const patch of patches) this.#apply(patch, held, others);
    for (const [path, one] of held) yield heldFile(path, one);
  }

  #apply(patch: FilePatch, held: Map<string, { bytes: Buffer; runs: boolean }>, others: ReadonlySet<string>): void {
    const { from, to, hunks } = patch;
    const path = [to, from].find((name) => name !== null && held.has(name)) ?? to ?? from as string;
    if (others.has(path)) throw new ArchiveError('A patch changes what is no file of its own.', path);
    const before = held.get(path);
    if (!before && hunks.some((h) => h.before.length > 0)) throw new ArchiveError('A patch changes a file that is not there.', path);
    const text = patchedText((before?.bytes ?? Buffer.alloc(0)).toString('latin1'), patch, path, this.#effort);
    // As `patch --remove-empty-files` does.
    if (text === '') held.delete(path);
    else held.set(path, { bytes: Buffer.from(text, 'latin1'), runs: patch.runs ?? before?.runs ?? path === 'debian/rules' });
  }
}
