/** The text of a checkpoint (C2SP tlog-checkpoint): origin, size, root, and extension lines that we never write. */
import { fromBase64, fromDecimal, toBase64 } from '#kit/encoding';

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  readonly extensions: readonly string[];
}

export function formatCheckpoint({ origin, size, root }: Omit<Checkpoint, 'extensions'>): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** The checkpoint that a note's text spells, or null. */
export function parseCheckpoint(text: string): Checkpoint | null {
  if (!text.endsWith('\n')) return null;
  const [origin = '', sizeText = '', rootText = '', ...extensions] = text.slice(0, -1).split('\n');
  const size = fromDecimal(sizeText);
  const root = fromBase64(rootText);
  if (origin === '' || size === null || root?.length !== 32 || extensions.includes('')) return null;
  return { origin, size, root, extensions };
}
