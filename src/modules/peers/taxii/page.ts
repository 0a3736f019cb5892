/**
 * One page of a collection: asked for, read to its end, and told with what is needed to go on. A page is whole or it is none: of one
 * that was cut nothing is handed on, and it is asked for again. An object that cannot be read stops no other.
 */
import { createHash } from 'node:crypto';
import { readBundleBytes } from '#kit/stix/bundle';
import { isStixObject, own } from '#kit/stix/object';
import { parseTime } from '#kit/stix/time';
import { compactJson, type Piece } from '#modules/exchange/index';
import type { Filters } from '../model/peers.ts';
import { jsonOf, PeerError, type Answered, type Session } from './session.ts';
import { later, type Asked, type Came } from './walk.ts';

export interface Page {
  readonly came: Came;
  readonly pieces: readonly Piece[];
  readonly bytes: number;
  /** The server's clock, in milliseconds; null where it does not say. */
  readonly serverNow: number | null;
  /** Whether its media type is the one of the standard. */
  readonly typed: boolean;
}

export function paramsOf(filters: Filters, { after, next }: Asked, limit: number | null): Record<string, string> {
  return {
    ...(limit === null ? {} : { limit: String(limit) }), ...(after === null ? {} : { added_after: after }), ...(next === null ? {} : { next }),
    ...(filters.types === null ? {} : { 'match[type]': filters.types.join(',') }),
    // Every version, so that none is missed between two looks.
    ...(filters.versions === 'all' ? { 'match[version]': 'all' } : {}),
  };
}

export async function pageAt(session: Session, collection: string, filters: Filters, asked: Asked, limit: number): Promise<Page> {
  const answer = await session.get(`${collection}objects/`, paramsOf(filters, asked, limit));
  const { pieces, fields, ids } = await read(answer);
  const first = momentIn(answer.headers['x-taxii-date-added-first']);
  let last = momentIn(answer.headers['x-taxii-date-added-last']);
  const more = fields['more'] === true;
  const next = typeof fields['next'] === 'string' && fields['next'] !== '' ? fields['next'] : null;
  // Without the header the manifest knows when the last of them was added.
  if (last === null && pieces.length > 0 && next === null) last = await addedAt(session, collection, ids.slice(-20));
  const date = Date.parse(answer.headers['date'] ?? '');
  return {
    came: { count: pieces.length, more, next, first, last, mark: markOf(pieces) }, pieces,
    bytes: answer.body.length, serverNow: Number.isFinite(date) ? date : null,
    typed: /^application\/taxii\+json\b/i.test(answer.headers['content-type'] ?? ''),
  };
}

const momentIn = (header: string | undefined): string | null => (header !== undefined && parseTime(header.trim()) !== null ? header.trim() : null);

function markOf(pieces: readonly Piece[]): string {
  const hash = createHash('sha256');
  for (const { body, problem } of pieces) hash.update(body === '' ? problem ?? '' : body).update('\n');
  return hash.digest('hex');
}

interface Read { readonly pieces: Piece[]; readonly fields: Readonly<Record<string, unknown>>; readonly ids: string[] }

async function read({ body, shown }: Answered): Promise<Read> {
  const [pieces, ids]: [Piece[], string[]] = [[], []];
  // No body at all is an empty envelope, as some servers have it.
  if (body.length === 0) return { pieces, ids, fields: {} };
  for await (const item of readBundleBytes(body)) {
    if (item.kind === 'object') {
      const raw = Buffer.from(item.raw.buffer, item.raw.byteOffset, item.raw.byteLength).toString('utf8');
      pieces.push({ place: `object ${item.index + 1}, byte ${item.offset}`, value: item.value, body: compactJson(raw) });
      const id = own(item.value, 'id');
      if (typeof id === 'string' && id.length <= 300) ids.push(id);
    } else if (item.kind === 'problem') {
      if (item.fatal || item.index === null) throw new PeerError('peer.cut', `${shown} cannot be read on at byte ${item.offset}: ${item.text}.`, shown);
      pieces.push({ place: `object ${item.index + 1}, byte ${item.offset}`, body: '', problem: item.text });
    } else {
      if (item.form === 'bundle') return { pieces, ids, fields: item.fields };
      // An envelope without objects is one object that is none of STIX.
      const [only] = pieces;
      if (pieces.length === 1 && only && isStixObject(only.value) && ids.length === 0) return { pieces: [], ids, fields: only.value };
      throw new PeerError('peer.unreadable', `${shown} is no envelope of TAXII.`, shown);
    }
  }
  throw new PeerError('peer.cut', `${shown} ends in the middle.`, shown);
}

/** When the last of some objects was added, as the manifest says; null where it does not. */
async function addedAt(session: Session, collection: string, ids: readonly string[]): Promise<string | null> {
  if (ids.length === 0) return null;
  try {
    const listed = jsonOf(await session.get(`${collection}manifest/`, { 'match[id]': ids.join(',') }))['objects'];
    if (!Array.isArray(listed)) return null;
    return listed.reduce<string | null>((latest, one: unknown) => {
      const record = one !== null && typeof one === 'object' ? one as Readonly<Record<string, unknown>> : {};
      const added = record['date_added'];
      return ids.includes(String(record['id'])) && typeof added === 'string' ? later(latest, added) : latest;
    }, null);
  } catch (error) {
    if (error instanceof PeerError) return null;
    throw error;
  }
}
