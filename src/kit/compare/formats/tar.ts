/**
 * Reads tar (POSIX ustar and pax, GNU long names) into pieces. A member that would be put outside, under a link of the same archive,
 * or through a hard link to outside makes the whole archive unread: whoever unpacks it does not get what its list says.
 */
import { ArchiveFault, Keys, latin1, memberName, tiled, utf8, type Budget, type Piece } from '../piece.ts';

const block = 512;
const zeros = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false;
  return true;
};

function sumAt(bytes: Uint8Array, at: number): number {
  let sum = 8 * 32;
  for (let i = 0; i < block; i++) if (i < 148 || i >= 156) sum += bytes[at + i] ?? 0;
  return sum;
}

/** Octal text, or GNU's base-256 where the first bit is set. */
function numberAt(bytes: Uint8Array, from: number, to: number, what: string): number {
  if (((bytes[from] ?? 0) & 0x80) !== 0) {
    let value = (bytes[from] ?? 0) & 0x7f;
    for (let at = from + 1; at < to; at++) value = value * 256 + (bytes[at] ?? 0);
    if (!Number.isSafeInteger(value)) throw new ArchiveFault('broken', `The ${what} of a member is no number that can be.`);
    return value;
  }
  const text = latin1(bytes, from, to).replace(/[\0 ]+$/, '').trimStart();
  if (!/^[0-7]*$/.test(text)) throw new ArchiveFault('broken', `The ${what} of a member is no number.`);
  return text === '' ? 0 : Number.parseInt(text, 8);
}

export function isTar(bytes: Uint8Array): boolean {
  if (bytes.length < block * 2 || bytes.length % block !== 0 || latin1(bytes, 257, 262) !== 'ustar') return false;
  try {
    return numberAt(bytes, 148, 156, 'checksum') === sumAt(bytes, 0);
  } catch {
    return false;
  }
}

interface Pax { path?: string; linkpath?: string; size?: number }

/** Records of a pax header, each a piece; times of them are times of the archive. */
function paxOf(bytes: Uint8Array, from: number, to: number, key: string, pieces: Piece[]): Pax {
  const found: Pax = {};
  const keys = new Keys();
  for (let at = from; at < to;) {
    const space = bytes.indexOf(32, at);
    const digits = space < 0 || space - at > 8 ? '' : latin1(bytes, at, space);
    const end = at + Number(digits);
    if (!/^[1-9]\d*$/.test(digits) || end > to || bytes[end - 1] !== 10) throw new ArchiveFault('broken', 'An extended head of a member is broken.');
    const text = utf8(bytes, space + 1, end - 1);
    const name = text.slice(0, text.indexOf('='));
    const value = text.slice(text.indexOf('=') + 1);
    if (name === 'path' || name === 'linkpath') found[name] = value;
    if (name === 'size') found.size = Number(value);
    if (name.startsWith('GNU.sparse')) throw new ArchiveFault('unsupported', 'It holds a sparse file, which is not read.');
    const time = name === 'mtime' || name === 'atime' || name === 'ctime';
    pieces.push({ key: `${key}: ${keys.of(name)}`, from: at, to: end, ...(time ? { rule: 'archive-time' } as const : {}) });
    at = end;
  }
  return found;
}

class Links {
  private readonly links = new Set<string>();
  /** `./a/b` and `a/b` are one place. */
  static plain = (name: string): string => name.split('/').filter((s) => s !== '' && s !== '.').join('/');
  check(name: string, type: string, target: string): void {
    const plain = Links.plain(name);
    const steps = plain.split('/');
    for (let i = 1; i < steps.length; i++) {
      if (this.links.has(steps.slice(0, i).join('/'))) {
        throw new ArchiveFault('link', `The member ${JSON.stringify(name.slice(0, 80))} lies under a link of the same archive.`);
      }
    }
    if (type === '1') memberName(target);
    if (type === '2') this.links.add(plain);
  }
}

/** The fields of a head. A member’s size is bookkeeping: its content is compared to its end. */
const fields = [
  ['name', 0, 100, null], ['mode and owner', 100, 124, null], ['size', 124, 136, 'bookkeeping'], ['time', 136, 148, 'archive-time'],
  ['checksum', 148, 156, 'bookkeeping'], ['type, link and owner’s name', 156, 512, null],
] as const;

const headPieces = (key: string, at: number): Piece[] =>
  fields.map(([name, from, to, rule]) => ({ key: `${key}: ${name}`, from: at + from, to: at + to, ...(rule === null ? {} : { rule }) }));

function endPieces(bytes: Uint8Array, at: number): Piece[] {
  const zero = zeros(bytes, at, bytes.length);
  return [{ key: 'end of archive', from: at, to: bytes.length, ...(zero ? { rule: 'bookkeeping' } as const : {}) }];
}

interface Head { readonly name: string; readonly type: string; readonly target: string; readonly size: number }

function headAt(bytes: Uint8Array, at: number, pax: Pax): Head {
  if (numberAt(bytes, at + 148, at + 156, 'checksum') !== sumAt(bytes, at)) {
    throw new ArchiveFault('broken', 'The head of a member does not fit its checksum.');
  }
  const text = (from: number, to: number): string => utf8(bytes, at + from, at + to).replace(/\0[\s\S]*$/, '');
  const prefix = latin1(bytes, at + 257, at + 263) === 'ustar\0' ? text(345, 500) : '';
  const type = latin1(bytes, at + 156, at + 157);
  const size = pax.size ?? numberAt(bytes, at + 124, at + 136, 'size');
  return { name: pax.path ?? (prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`), type, target: pax.linkpath ?? text(157, 257),
    size: /[1-6]/.test(type) ? 0 : size };
}

/** Content by name, what is a hard link too. */
type Files = Map<string, Uint8Array>;

function walked(bytes: Uint8Array, budget: Budget): { pieces: Piece[]; files: Files } {
  const pieces: Piece[] = [];
  const files: Files = new Map();
  const [keys, links] = [new Keys(), new Links()];
  let pax: Pax = {};
  let count = 0;
  for (let at = 0; at < bytes.length;) {
    if (zeros(bytes, at, at + block)) {
      pieces.push(...endPieces(bytes, at));
      break;
    }
    budget.members(++count);
    const head = headAt(bytes, at, pax);
    const [from, end] = [at + block, at + block + head.size];
    if (!Number.isSafeInteger(end) || end > bytes.length) throw new ArchiveFault('truncated', 'A member is longer than the archive.');
    const after = Math.min(bytes.length, Math.ceil(end / block) * block);
    const extended = { x: 'extended head', g: 'head for all', L: 'long name', K: 'long link' }[head.type];
    const key = keys.of(extended ?? memberName(head.name));
    pieces.push(...headPieces(key, at));
    if (head.type === 'x' || head.type === 'g') {
      const found = paxOf(bytes, from, end, key, pieces);
      if (head.type === 'g' && Object.keys(found).length > 0) throw new ArchiveFault('unsupported', 'A head for all members names one, which is not read.');
      pax = { ...pax, ...found };
    } else if (extended !== undefined) {
      pieces.push({ key, from, to: end });
      pax = { ...pax, [head.type === 'L' ? 'path' : 'linkpath']: utf8(bytes, from, end).replace(/\0[\s\S]*$/, '') };
    } else {
      if (!/[\0-7]/.test(head.type)) throw new ArchiveFault('unsupported', `A member is of the kind ${JSON.stringify(head.type)}, which is not read.`);
      links.check(head.name, head.type, head.target);
      const content = bytes.subarray(from, end);
      const linked = head.type === '1' ? files.get(Links.plain(head.target)) : content;
      if (linked && ['0', '1', '7', '\0'].includes(head.type)) files.set(Links.plain(head.name), linked);
      pieces.push({ key, from, to: end, inner: { name: key, packed: false, bytes: () => Promise.resolve(content) } });
      pax = {};
    }
    if (after > end) pieces.push({ key: `${key}: pad`, from: end, to: after, ...(zeros(bytes, end, after) ? { rule: 'bookkeeping' } as const : {}) });
    at = after;
  }
  return { pieces: tiled(pieces, bytes.length), files };
}

export const readTar = (bytes: Uint8Array, budget: Budget): Piece[] => walked(bytes, budget).pieces;

/** The files of a tar by name, without `./` before it: what lists of digests are checked against. */
export const filesOfTar = (bytes: Uint8Array, budget: Budget): Files => walked(bytes, budget).files;
