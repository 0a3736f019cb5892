/** What a Debian source package says of itself: its `.dsc` (deb822, dsc(5)), signed in clear or not. A signature is not judged here. */
import { ArchiveError } from '#kit/archive/refused';
import { paragraphs } from './deb822.ts';

export const sourceFormats = ['1.0', '3.0 (native)', '3.0 (quilt)'] as const;
export type SourceFormat = typeof sourceFormats[number];

export interface Dsc {
  readonly format: SourceFormat;
  readonly source: string;
  readonly version: string;
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly size: number }[];
}

/** Throws an ArchiveError; `at` names the file. */
export function readDsc(text: string, at: string): Dsc {
  const fault = (line: string, why: string): ArchiveError => new ArchiveError(`The source package’s description is broken: ${why}.`, `${at}: ${line}`);
  const [first] = paragraphs(text, { most: 1, fault });
  const fields = first?.fields ?? new Map<string, string>();
  const format = sourceFormats.find((f) => f === (fields.get('format') ?? '1.0'));
  if (!format) throw new ArchiveError(`The source package is of a format that is not read here: ${(fields.get('format') ?? '').slice(0, 40)}.`, at);
  const [source, version] = [fields.get('source') ?? '', fields.get('version') ?? ''];
  if (!/^[a-z0-9][a-z0-9+.-]+$/.test(source) || !/^[A-Za-z0-9.+:~-]+$/.test(version)) {
    throw new ArchiveError('The source package has no name and version.', at);
  }
  const files = (fields.get('checksums-sha256') ?? '').split('\n').filter((line) => line !== '').map((line) => {
    const [, sha256 = '', size = '', name = ''] = /^([0-9a-f]{64}) (\d{1,15}) ([A-Za-z0-9][\w.+~:%-]*)$/.exec(line) ?? [];
    if (name === '') throw new ArchiveError('A line of the source package names no file.', `${at}: ${line.slice(0, 100)}`);
    return { name, sha256, size: Number(size) };
  });
  if (files.length === 0) throw new ArchiveError('The source package names no files with SHA-256.', at);
  if (new Set(files.map((f) => f.name)).size < files.length) throw new ArchiveError('The source package names a file twice.', at);
  return { format, source, version, files };
}
