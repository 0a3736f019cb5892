/**
 * The door to the next page: where one was, and a mark of the question it belongs to. It holds no right: who may read is asked
 * anew for each page, and a position that somebody makes up shows what `added_after` would.
 */
import { createHash } from 'node:crypto';
import { Refusal } from '#kit/refusal';
import type { Filters } from './filters.ts';

/** One question: who asks what of which collection. `limit` may change from page to page. */
export interface Question {
  readonly person: string;
  readonly org: string;
  readonly coll: number;
  readonly what: string;
  readonly filters: Filters;
}

function markOf({ person, org, coll, what, filters }: Question): Buffer {
  const { ids, types, specs, versions, addedAfter } = filters;
  const sorted = (list: readonly (string | number)[] | null): unknown => (list === null ? null : [...list].sort());
  const moments = versions.moments.map((m) => `${m.us}.${m.rest}`).sort();
  const text = JSON.stringify([person, org, coll, what, addedAfter, sorted(ids), sorted(types), sorted(specs), { ...versions, moments }]);
  return createHash('sha256').update(text).digest().subarray(0, 16);
}

export function cursorAt(seq: number, question: Question): string {
  const position = Buffer.alloc(8);
  position.writeBigUInt64BE(BigInt(seq));
  return Buffer.concat([position, markOf(question)]).toString('base64url');
}

/** The position of a cursor; throws where it is none, or of another question. */
export function positionOf(cursor: string, question: Question): number {
  const bytes = /^[\w-]{32}$/.test(cursor) ? Buffer.from(cursor, 'base64url') : Buffer.alloc(0);
  if (bytes.length !== 24 || !bytes.subarray(8).equals(markOf(question))) {
    throw new Refusal('invalid', 'taxii.next', 'The parameter next belongs to another question.', {
      at: 'next', hint: 'Send it with the same filters as the page it came with, or begin again.',
    });
  }
  return Number(bytes.readBigUInt64BE());
}
