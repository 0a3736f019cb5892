/** Reads ar archives, common, GNU and BSD (static libraries, Debian packages), into pieces. */
import { ArchiveFault, Keys, latin1, memberName, tiled, type Budget, type Piece } from '../piece.ts';

export const isAr = (bytes: Uint8Array): boolean => latin1(bytes, 0, 8) === '!<arch>\n';

const decimal = (text: string, what: string): number => {
  const trimmed = text.trimEnd();
  if (!/^\d{1,12}$/.test(trimmed)) throw new ArchiveFault('broken', `The ${what} of a member is no number.`);
  return Number(trimmed);
};

/** A detached signature that dpkg-sig or debsigs add to a package. */
const isSignature = (name: string): boolean => /^_gpg(origin|maint|archive|builder)?$/.test(name);

interface Named { readonly name: string; readonly skip: number }

function nameOf(bytes: Uint8Array, at: number, size: number, long: string): Named {
  const raw = latin1(bytes, at, at + 16).trimEnd();
  const bsd = /^#1\/(\d{1,5})$/.exec(raw);
  if (bsd) {
    const skip = Number(bsd[1]);
    if (skip > size) throw new ArchiveFault('broken', 'A member’s name is longer than the member.');
    return { name: latin1(bytes, at + 60, at + 60 + skip).replace(/\0+$/, ''), skip };
  }
  const gnu = /^\/(\d{1,10})$/.exec(raw);
  if (gnu) {
    const end = long.indexOf('\n', Number(gnu[1]));
    if (end < 0) throw new ArchiveFault('broken', 'A member’s long name is not in the table of names.');
    return { name: long.slice(Number(gnu[1]), end).replace(/\/$/, ''), skip: 0 };
  }
  return { name: raw === '/' || raw === '//' || raw === '/SYM64/' ? raw : raw.replace(/\/$/, ''), skip: 0 };
}

export function readAr(bytes: Uint8Array, budget: Budget): Piece[] {
  const pieces: Piece[] = [{ key: 'magic', from: 0, to: 8 }];
  const keys = new Keys();
  let long = '';
  let count = 0;
  for (let at = 8; at < bytes.length;) {
    budget.members(++count);
    if (at + 60 > bytes.length || latin1(bytes, at + 58, at + 60) !== '`\n') throw new ArchiveFault('truncated',
      'The archive breaks off, or a member’s head is broken.');
    const size = decimal(latin1(bytes, at + 48, at + 58), 'size');
    const end = at + 60 + size;
    if (end > bytes.length) throw new ArchiveFault('truncated', 'A member is longer than the archive.');
    const { name, skip } = nameOf(bytes, at, size, long);
    const table = name === '/' || name === '/SYM64/' || name === '//' || /^__\.SYMDEF/.test(name);
    if (name === '//') long = latin1(bytes, at + 60, end);
    const key = keys.of(table ? name : memberName(name));
    const sign = isSignature(name) ? { rule: 'signature' } as const : {};
    pieces.push(
      { key: `${key}: name`, from: at, to: at + 16, ...sign },
      { key: `${key}: time`, from: at + 16, to: at + 28, rule: isSignature(name) ? 'signature' : 'archive-time' },
      { key: `${key}: owner and mode`, from: at + 28, to: at + 48, ...sign },
      { key: `${key}: size`, from: at + 48, to: at + 58, rule: isSignature(name) ? 'signature' : 'bookkeeping' },
      { key: `${key}: end of head`, from: at + 58, to: at + 60, ...sign },
      { key: `${key}: long name`, from: at + 60, to: at + 60 + skip },
    );
    const content = bytes.subarray(at + 60 + skip, end);
    pieces.push({
      key, from: at + 60 + skip, to: end, ...sign,
      ...(table || isSignature(name) ? {} : { inner: { name: key, packed: false, bytes: () => Promise.resolve(content) } }),
    });
    // The pad is a newline; anything else there is a piece like any other.
    if (size % 2 === 1 && end < bytes.length) {
      pieces.push({ key: `${key}: pad`, from: end, to: end + 1, ...(bytes[end] === 10 ? { rule: 'bookkeeping' } as const : {}) });
    }
    at = end + (size % 2);
  }
  return tiled(pieces, bytes.length);
}

/** Whether it is a Debian package: its first member says so. */
export const isDeb = (bytes: Uint8Array): boolean => isAr(bytes) && latin1(bytes, 8, 24).trimEnd().replace(/\/$/, '') === 'debian-binary';
