/** Bundles as bytes, for tests: written here, so that hostile ones can be too. */
import { hash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

export interface Written { readonly type: 1 | 2 | 3 | 4 | 6 | 7; readonly bytes: Buffer;
  /** Of a change by place: how many objects before this one it changes; by name: its id. */
  readonly base?: number | string; readonly size?: number }

const names = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' } as const;
export const idOf = (type: 1 | 2 | 3 | 4, bytes: Buffer): string =>
  hash('sha1', Buffer.concat([Buffer.from(`${names[type]} ${bytes.length}\0`), bytes]), 'hex');

function header(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size % 16)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) as number) | 0x80;
    bytes.push(rest % 128);
  }
  return Buffer.from(bytes);
}

function backBy(distance: number): Buffer {
  const bytes = [distance % 128];
  for (let rest = Math.floor(distance / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (--rest % 128));
  return Buffer.from(bytes);
}

export function packOf(objects: readonly Written[], count = objects.length): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(count, 8);
  const places: number[] = [];
  let at = 12;
  const parts = objects.map(({ type, bytes, base, size = bytes.length }, n) => {
    const named = typeof base === 'string' ? Buffer.from(base, 'hex') : base === undefined ? Buffer.alloc(0) : backBy(at - (places[n - base] ?? at));
    const part = Buffer.concat([header(type, size), named, deflateSync(bytes)]);
    places.push(at);
    at += part.length;
    return part;
  });
  const whole = Buffer.concat([head, ...parts]);
  return Buffer.concat([whole, Buffer.from(hash('sha1', whole, 'hex'), 'hex')]);
}

export const bundleOf = (refs: readonly string[], pack: Buffer, version = 2): Buffer => Buffer.concat([
  Buffer.from(`# v${version} git bundle\n${refs.map((r) => `${r}\n`).join('')}\n`), pack,
]);

export const treeOf = (entries: readonly (readonly [mode: string, name: string, id: string])[]): Buffer => Buffer.concat(
  entries.flatMap(([mode, name, id]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]));

export const commitOf = (tree: string): Buffer => Buffer.from(`tree ${tree}\nauthor A <a@example> 0 +0000\ncommitter A <a@example> 0 +0000\n\nx\n`);

const varint = (value: number): number[] => (value < 128 ? [value] : [(value % 128) | 0x80, ...varint(Math.floor(value / 128))]);

/** A change that takes the first `keep` bytes of its base and appends a text of at most 127 bytes. */
export const changeOf = (base: Buffer, keep: number, more: string): Buffer => Buffer.from([
  ...varint(base.length), ...varint(keep + Buffer.byteLength(more)),
  ...keep === 0 ? [] : [0x80 | 0x10 | 0x20 | 0x40, keep & 255, (keep >> 8) & 255, (keep >> 16) & 255],
  ...more === '' ? [] : [Buffer.byteLength(more), ...Buffer.from(more)],
]);

/** A commit of some files, nothing of it as a change. */
export function simpleBundle(files: Readonly<Record<string, string>>): Buffer {
  const blobs = Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) }));
  const tree = treeOf(blobs.map(({ name, bytes }) => ['100644', name, idOf(3, bytes)] as const));
  const commit = commitOf(idOf(2, tree));
  const distinct = [...new Map(blobs.map(({ bytes }) => [idOf(3, bytes), bytes])).values()];
  return bundleOf([`${idOf(1, commit)} refs/heads/main`], packOf([
    { type: 1, bytes: commit }, { type: 2, bytes: tree }, ...distinct.map((bytes) => ({ type: 3 as const, bytes })),
  ]));
}
