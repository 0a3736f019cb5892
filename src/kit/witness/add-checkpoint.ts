/**
 * The request of C2SP tlog-witness `POST <prefix>/add-checkpoint`: an old size, a consistency proof, and a checkpoint. Text
 * in both directions; what a witness decides is decide.ts, what a log makes of the answer is answer.ts.
 */
import { concatBytes, fromBase64, fromDecimal, fromUtf8, toBase64, toUtf8 } from '#kit/encoding';
import { readCheckpoint } from '#kit/note/checkpoint';
import type { Checkpoint } from '#kit/note/checkpoint';
import { maxNoteBytes, parseNote } from '#kit/note/note';
import type { Note } from '#kit/note/note';

export const maxProofLines = 63;
/** A server need not read further than this: old line, proof, the largest note. */
export const maxRequestBytes = maxNoteBytes + 4096;

export interface AddCheckpoint {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  readonly note: Note;
  readonly checkpoint: Checkpoint;
}

/** The body of a request; `checkpoint` is the signed note as published. */
export function formatAddCheckpoint(oldSize: number, proof: readonly Uint8Array[], checkpoint: Uint8Array): Uint8Array {
  if (proof.length > maxProofLines) throw new Error(`a consistency proof has at most ${maxProofLines} hashes`);
  return concatBytes(toUtf8(`old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n`), checkpoint);
}

/** The request that a body spells, or why it spells none: what a witness answers with 400. */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint | string {
  if (body.length > maxRequestBytes) return `the request has more than ${maxRequestBytes} bytes`;
  const text = fromUtf8(body);
  if (text === null) return 'the request is not UTF-8';
  const split = text.indexOf('\n\n');
  if (split < 0) return 'no empty line ends the proof';
  const [first = '', ...lines] = text.slice(0, split).split('\n', maxProofLines + 2);
  const oldSize = first.startsWith('old ') ? fromDecimal(first.slice(4)) : null;
  if (oldSize === null) return 'line 1 is not "old" and a size in decimal without leading zeros, below 2^53';
  if (lines.length > maxProofLines) return `more than ${maxProofLines} proof lines`;
  const proof: Uint8Array[] = [];
  for (const [i, line] of lines.entries()) {
    const hash = fromBase64(line);
    if (hash?.length !== 32) return `line ${i + 2} is not a hash of 32 bytes in base64`;
    proof.push(hash);
  }
  const note = parseNote(toUtf8(text.slice(split + 2)));
  if (!note) return 'what follows the empty line is not a signed note';
  const checkpoint = readCheckpoint(note.text);
  return typeof checkpoint === 'string' ? `the checkpoint: ${checkpoint}` : { oldSize, proof, note, checkpoint };
}
