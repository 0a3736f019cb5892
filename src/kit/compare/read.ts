/** Tells the format of bytes by what they begin with, and cuts them into pieces by its reader. */
import { ArchiveFault, fromText, tiled, type Budget, type Piece } from './piece.ts';
import { isAr, isDeb, readAr } from './formats/ar.ts';
import { isElf, readElf } from './formats/elf.ts';
import { isClass, readClass } from './formats/java.ts';
import { isFat, isMachO, readFat, readMachO } from './formats/macho.ts';
import { isGzip, isXz, isZst, readGzip, readXz, readZst } from './formats/packed.ts';
import { isPe, readPe } from './formats/pe.ts';
import { isTar, readTar } from './formats/tar.ts';
import { isZip, readZip } from './formats/zip.ts';

type Reader = (bytes: Uint8Array, budget: Budget, name: string) => Piece[];

/** What it is, asked in this order. */
const formats: readonly (readonly [string, (bytes: Uint8Array) => boolean, Reader])[] = [
  ['deb', isDeb, readAr], ['ar', isAr, readAr], ['tar', isTar, readTar], ['gzip', isGzip, readGzip], ['xz', isXz, readXz], ['zst', isZst, readZst],
  ['zip', isZip, readZip], ['ELF', isElf, readElf], ['PE', isPe, readPe], ['Mach-O', isMachO, readMachO], ['Mach-O, several', isFat, readFat],
  ['class', isClass, readClass],
];

export interface Read { readonly format: string; readonly pieces: readonly Piece[]; readonly fault: ArchiveFault | null }

const whole = (bytes: Uint8Array): Piece[] => tiled([{ key: 'content', from: 0, to: bytes.length }], bytes.length);

/** Pieces of bytes; where their reader cannot vouch for them, one piece and why. */
export function read(bytes: Uint8Array, budget: Budget, name: string): Read {
  const [format, , reader] = formats.find(([, is]) => is(bytes)) ?? [];
  if (format === undefined || reader === undefined) return { format: fromText(bytes) ? 'text' : 'bytes', pieces: whole(bytes), fault: null };
  try {
    return { format: format === 'zip' && name.endsWith('.jar') ? 'jar' : format, pieces: reader(bytes, budget, name), fault: null };
  } catch (error) {
    // A place outside the file that a view is asked for is the file's doing too.
    const fault = error instanceof RangeError ? new ArchiveFault('broken', `It names a place that is not in it (${format}).`) : error;
    if (!(fault instanceof ArchiveFault)) throw error;
    return { format, pieces: whole(bytes), fault };
  }
}
