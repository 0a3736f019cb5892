/** The text of a checkpoint (C2SP tlog-checkpoint): origin, size, root, and extension lines that we never write. */
import { fromBase64, fromDecimal, toBase64, toUtf8 } from '#kit/encoding';

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  readonly extensions: readonly string[];
}

/** What an ML-DSA cosignature can name: an origin that is longer could never be cosigned by one. */
export const maxOriginBytes = 255;

/** Whether a log of ours may bear this origin: one line, not empty, not too long to be cosigned. */
export function isOrigin(origin: string): boolean {
  // eslint-disable-next-line no-control-regex
  return origin !== '' && !/[\u0000-\u001f]/.test(origin) && toUtf8(origin).length <= maxOriginBytes;
}

export function formatCheckpoint({ origin, size, root }: Omit<Checkpoint, 'extensions'>): string {
  if (!isOrigin(origin)) throw new Error(`an origin is one line of at most ${maxOriginBytes} bytes`);
  if (!Number.isSafeInteger(size) || size < 0) throw new Error(`${size} is not the size of a tree`);
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/**
 * The checkpoint that a note's text spells, or why it spells none. The standard allows sizes below 2^63; beyond 2^53 - 1 a
 * number here would no longer be exact, and such a tree is refused by name.
 */
export function readCheckpoint(text: string): Checkpoint | string {
  if (!text.endsWith('\n')) return 'the text does not end in a newline';
  const [origin = '', sizeText = '', rootText = '', ...extensions] = text.slice(0, -1).split('\n');
  if (origin === '') return 'line 1 has no origin';
  if (!/^(0|[1-9][0-9]*)$/.test(sizeText)) return 'line 2 is not a size in decimal without leading zeros';
  const size = fromDecimal(sizeText);
  if (size === null) return 'line 2 is a size beyond 2^53 - 1, which this software does not hold';
  const root = fromBase64(rootText);
  if (root?.length !== 32) return 'line 3 is not a root of 32 bytes in base64';
  const empty = extensions.indexOf('');
  if (empty >= 0) return `line ${empty + 4} is empty`;
  return { origin, size, root, extensions };
}

/** The checkpoint that a note's text spells, or null. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const read = readCheckpoint(text);
  return typeof read === 'string' ? null : read;
}
