/** The files of a Debian source package as we unpack it, and of a folder on disk, told alike: by path, mode and digest. */
import { hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readDsc } from '#kit/debian/dsc';
import { SourcePackage } from '#kit/debian/source';
import { rangesOf } from '../../src/kit/archive/testing.ts';

type Files = Readonly<Record<string, string>>;

export async function sourceFiles(dsc: string): Promise<Files> {
  const said = readDsc(readFileSync(dsc, 'utf8'), basename(dsc));
  const files = new Map(said.files.map(({ name }) => {
    const bytes = readFileSync(join(dirname(dsc), name));
    return [name, { size: bytes.length, sha256: hash('sha256', bytes), open: rangesOf(bytes, 65_536) }] as const;
  }));
  const found: Record<string, string> = {};
  const same: [string, string][] = [];
  for await (const { path, kind, runs, target, bytes } of new SourcePackage(said, files, { bytesMax: 4e9, membersMax: 1e6 }).members()) {
    const parts: Uint8Array[] = [];
    for await (const part of bytes) parts.push(Uint8Array.from(part));
    if (kind === 'same') same.push([path, target]);
    else found[path] = kind === 'link' ? `link ${target}` : `${runs ? 'runs' : 'file'} ${hash('sha256', Buffer.concat(parts))}`;
  }
  for (const [path, target] of same) found[path] = found[target] ?? 'nothing';
  return Object.fromEntries(Object.entries(found).sort());
}

/** Without what quilt notes for itself. */
export function filesBelow(folder: string): Files {
  const found: [string, string][] = [];
  const walk = (path: string): void => {
    for (const name of readdirSync(join(folder, path))) {
      const here = path === '' ? name : `${path}/${name}`;
      const stat = lstatSync(join(folder, here));
      if (here === '.pc') continue;
      if (stat.isDirectory()) walk(here);
      else if (stat.isSymbolicLink()) found.push([here, `link ${readlinkSync(join(folder, here))}`]);
      else found.push([here, `${(stat.mode & 0o100) === 0 ? 'file' : 'runs'} ${hash('sha256', readFileSync(join(folder, here)))}`]);
    }
  };
  walk('');
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}
