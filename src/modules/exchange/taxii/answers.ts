/** Answers of TAXII 2.1: resources, envelopes written from the bodies as they were sent, and errors (3.6). */
import { Refusal } from '#kit/refusal';
import { timeText } from '#kit/stix/time';
import type { Page, PageRow } from '../store/reading.ts';
import { stixType, taxiiType } from './media.ts';

export const momentOf = (seq: number): string => timeText(BigInt(seq));

/** Without properties that hold nothing: an empty list has no place in a resource (2). */
function without(resource: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(resource).filter(([, v]) => v !== undefined && v !== null && !(Array.isArray(v) && v.length === 0)));
}

export function resource(body: Readonly<Record<string, unknown>>, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return text(JSON.stringify(without(body)), status, headers);
}

const text = (body: string, status: number, headers: Readonly<Record<string, string>>): Response =>
  new Response(body, { status, headers: { 'content-type': taxiiType, 'cache-control': 'no-store', ...headers } });

/** Moments of the first and the last of what is answered; nothing to say of nothing. */
function spanOf({ rows }: Page): Record<string, string> {
  const [first, last] = [rows[0], rows.at(-1)];
  return first && last ? { 'x-taxii-date-added-first': momentOf(first.seq), 'x-taxii-date-added-last': momentOf(last.seq) } : {};
}

const doors = (page: Page, next: string | null): string => (page.more ? `"more":true${next === null ? '' : `,"next":${JSON.stringify(next)}`}` : '');

/** Objects as they were sent, byte for byte between their parts; before them what a sync has to begin with. */
export function envelope(page: Page, next: string | null, before: readonly string[] = []): Response {
  const bodies = [...before, ...page.rows.flatMap((row) => (row.body === null ? [] : [row.body]))];
  const fields = [doors(page, next), bodies.length > 0 ? `"objects":[${bodies.join(',')}]` : ''].filter((f) => f !== '');
  return text(`{${fields.join(',')}}`, 200, spanOf(page));
}

/** The version as TAXII names it: what the object says, or for one that has none the moment it was added (3.4.1). */
export const versionOf = (row: PageRow): string => (row.said === '' ? timeText(row.us) : row.said);

export function manifest(page: Page, next: string | null): Response {
  const objects = page.rows.map((row) => ({
    id: row.id, date_added: momentOf(row.seq), version: versionOf(row), media_type: stixType(row.spec),
  }));
  return resource({ ...(page.more ? { more: true, next } : {}), objects }, 200, spanOf(page));
}

export function versions(page: Page, next: string | null): Response {
  return resource({ ...(page.more ? { more: true, next } : {}), versions: page.rows.map(versionOf) }, 200, spanOf(page));
}

/** A no in the shape of the standard. What must stay unknown says the same as what never was. */
export function problem(status: number, error: unknown, traceId: string): Response {
  const refusal = error instanceof Refusal ? error : null;
  const said = resource({
    title: refusal ? refusal.message : 'Something broke on our side.', description: refusal?.detail.hint,
    error_code: refusal ? refusal.code : 'fault', http_status: String(status), error_id: status >= 500 ? traceId : undefined,
    details: refusal?.detail.at === undefined ? undefined : { at: refusal.detail.at },
  }, status);
  if (refusal) said.headers.set('entente-refusal', refusal.code);
  if (status === 401) said.headers.set('www-authenticate', 'Basic realm="Entente", charset="UTF-8", Bearer');
  return said;
}
