/** Writes a bundle as a stream: memory is one tile a level and 256 leaves with their openings, whatever the size. */
import type { RunningDigest } from '#kit/hash/port';
import { fromUtf8, toBase64, toHex, toUtf8 } from '#kit/encoding';
import type { ReadTile } from '#kit/merkle/proofs';
import { tileWidth } from '#kit/merkle/tiles';
import { parseCheckpoint } from '#kit/note/checkpoint';
import { formatNote, parseNote, signNote } from '#kit/note/note';
import type { NoteSigner } from '#kit/note/note';
import { bundleMagic, formatSeal, planOf } from './plan.ts';

export interface BundleEntry {
  /** The leaf's exact text. */
  readonly leaf: string;
  /** What the reader may see of it, or null. */
  readonly opening: { readonly salt: Uint8Array; readonly text: string } | null;
}

export interface BundleParts {
  /** The checkpoint as published, with the signatures it has. */
  readonly checkpoint: Uint8Array;
  /** Tiles of the checkpoint's tree. */
  readonly readTile: ReadTile;
  /** Entries [first, first + count), at most 256, in order. */
  readonly entries: (first: number, count: number) => Promise<readonly BundleEntry[]>;
  readonly reader: string;
  /** RFC 3339 UTC. */
  readonly at: string;
  /** The log's own key: it closes the bundle. */
  readonly signer: NoteSigner;
  readonly digest: RunningDigest;
}

interface Count { openings: number }

async function* bodyOf(parts: BundleParts, size: number, count: Count): AsyncGenerator<string> {
  for (const step of planOf(size)) {
    if (step.kind === 'edge') {
      yield `edge ${step.level} ${toBase64(await parts.readTile(step))}\n`;
    } else if (step.kind === 'tile') {
      yield `tile ${step.level} ${step.index} ${toBase64(await parts.readTile({ ...step, width: tileWidth }))}\n`;
    } else if (step.kind === 'leaves') {
      const entries = await parts.entries(step.first, step.count);
      if (entries.length !== step.count) throw new Error(`leaves ${step.first} to ${step.first + step.count} are not there`);
      let lines = '';
      for (const [i, { leaf, opening }] of entries.entries()) {
        lines += `leaf ${step.first + i} ${leaf}\n`;
        if (!opening) continue;
        lines += `fact ${step.first + i} ${toHex(opening.salt)} ${opening.text}\n`;
        count.openings++;
      }
      yield lines;
    }
  }
}

/** The bundle's bytes in order. Throws where the log's own objects do not agree; what was written until then has no seal. */
export async function* writeBundle(parts: BundleParts): AsyncGenerator<Uint8Array> {
  const note = parseNote(parts.checkpoint);
  const checkpoint = note && parseCheckpoint(note.text);
  if (!note || !checkpoint || checkpoint.extensions.length) throw new Error('this checkpoint is not one we write');
  const count: Count = { openings: 0 };
  const head = toUtf8(`${bundleMagic}\n${fromUtf8(parts.checkpoint)}\n`);
  parts.digest.update(head);
  yield head;
  for await (const text of bodyOf(parts, checkpoint.size, count)) {
    const bytes = toUtf8(text);
    parts.digest.update(bytes);
    yield bytes;
  }
  const { origin, size } = checkpoint;
  const digest = toBase64(parts.digest.digest());
  const seal = formatSeal({ origin, size, openings: count.openings, reader: parts.reader, at: parts.at, digest });
  yield toUtf8(formatNote(await signNote(seal, [parts.signer])));
}
