/** What a log makes of a witness's answer to add-checkpoint: cosignatures that verify, another size to start from, or a no. */
import { fromDecimal, fromUtf8 } from '#kit/encoding';
import type { Verifying } from '#kit/hash/port';
import { cosignatureTime } from '#kit/note/cosignature';
import { maxNoteBytes, maxSignatures, parseSignature, verifyNote } from '#kit/note/note';
import type { SignatureLine, VerifierKey } from '#kit/note/note';
import { sizeType } from './decide.ts';

/** A client need not read further than this. */
export const maxAnswerBytes = maxNoteBytes;

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: Uint8Array;
}

export type WitnessAnswer =
  /** Lines by keys that were asked for, each verified; put them under the checkpoint. */
  | { readonly kind: 'cosigned'; readonly lines: readonly SignatureLine[]; readonly time: bigint }
  /** The witness is at this size: make the proof from there and ask again. The number is not authenticated. */
  | { readonly kind: 'conflict'; readonly size: number }
  | { readonly kind: 'refused'; readonly status: number; readonly why: string };

function cosignaturesIn(body: string): SignatureLine[] | string {
  if (!body.endsWith('\n')) return 'the answer does not end in a newline';
  const lines = body.slice(0, -1).split('\n', maxSignatures + 1);
  if (lines.length > maxSignatures) return `the answer has more than ${maxSignatures} lines`;
  const read = lines.map(parseSignature);
  const wrong = read.indexOf(null);
  return wrong >= 0 ? `line ${wrong + 1} of the answer is not a signature` : read.filter((line) => line !== null);
}

/** `text` is that of the checkpoint that was sent, `keys` those of the witness. */
export async function readWitnessAnswer(
  verifying: Verifying, answer: HttpAnswer, text: string, keys: readonly VerifierKey[],
): Promise<WitnessAnswer> {
  const { status, contentType } = answer;
  const refused = (why: string): WitnessAnswer => ({ kind: 'refused', status, why });
  if (answer.body.length > maxAnswerBytes) return refused(`the answer has more than ${maxAnswerBytes} bytes`);
  const body = fromUtf8(answer.body);
  if (body === null) return refused('the answer is not UTF-8');
  if (status === 409 && contentType?.split(';', 1)[0]?.trim().toLowerCase() === sizeType) {
    const size = body.endsWith('\n') ? fromDecimal(body.slice(0, -1)) : null;
    return size === null ? refused('the answer is not a size') : { kind: 'conflict', size };
  }
  if (status !== 200) return refused(body.slice(0, 200).trim());
  const signatures = cosignaturesIn(body);
  if (typeof signatures === 'string') return refused(signatures);
  const verdict = await verifyNote(verifying, { text, signatures }, keys);
  if (!verdict.ok) return refused(verdict.why);
  const lines = signatures.filter((_, i) => !verdict.unknown.includes(i));
  const times = lines.map((line) => cosignatureTime(line.signature) ?? 0n);
  if (times.includes(0n)) return refused('a cosignature bears no time');
  return { kind: 'cosigned', lines, time: times.reduce((least, time) => time < least ? time : least) };
}
