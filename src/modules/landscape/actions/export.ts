/** Rows of a filter as a stream, in the format that was asked for. */
import { ReadableStream } from 'node:stream/web';
import type { Caller } from '#kit/endpoint';
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import type { Events } from '#world/events/port';
import { stateFact } from '#world/facts';
import { landscapeApi } from '../api.ts';
import type { Event, WrittenFormat } from '../model.ts';
import { eventsPage, whereOf, type Names } from '../rows-store.ts';
import { csvHead, written, writtenTypes } from '../shapes/write.ts';
import { dayAsked, namesOf, ownersAsked, type LandscapeParts } from './parts.ts';
import { ownSide } from './rows.ts';

/** Rows of one page; small enough to be told to stop in time. */
const pageRows = 2000;

/** The fact that rows were taken out comes before the first of them. */
export async function exportEvents(
  parts: { readonly db: Db; readonly events: Events; readonly clock: Clock }, request: Request, { actor, until }: Caller,
): Promise<Response> {
  const { format, from, to, owner, ...rest } = landscapeApi.exportEvents.input.parse(Object.fromEntries(new URL(request.url).searchParams));
  const where = whereOf({ scope: actor.org, ...rest, owners: ownersAsked(owner), from: dayAsked(from), to: dayAsked(to) });
  const names = await namesOf(parts, actor.org);
  await parts.db.transaction((tx) => stateFact(tx, {
    class: 'events.exported', at: parts.clock.iso(), actor: actor.person, org: actor.org, subject: actor.org, readers: [], clauses: [],
    body: { format, filter: JSON.stringify({ ...rest, owner, from, to }) },
  }));
  return streamed(parts, format, where, names, until);
}

/** Rows of one's own exposure, as CSV; the look is on the record of both sides before the first of them. */
export async function exportExposure(
  parts: Pick<LandscapeParts, 'db' | 'events' | 'clock' | 'publisher'>, request: Request, caller: Caller,
): Promise<Response> {
  const { kind, family, ip, ...days } = landscapeApi.exportExposure.input.parse(Object.fromEntries(new URL(request.url).searchParams));
  const asked = { kind, family, ip, from: dayAsked(days.from), to: dayAsked(days.to) };
  const { scope, constituents, labels } = await ownSide(parts, caller);
  const where = whereOf({ scope, ...asked, owners: constituents.map((c) => c.id), labels });
  return streamed(parts, 'csv', where, await namesOf(parts, scope), caller.until);
}

function streamed(
  { events, clock }: { readonly events: Events; readonly clock: Clock }, format: WrittenFormat, where: ReturnType<typeof whereOf>, names: Names,
  until: AbortSignal,
): Response {
  async function* lines(): AsyncGenerator<Uint8Array> {
    const text = new TextEncoder();
    if (format === 'csv') yield text.encode(csvHead);
    for (let after: { time: number; id: string } | null = null; where !== null;) {
      // Cut, not ended: a reader must not take half of the rows for all of them.
      if (until.aborted) throw new Error('who asked may not have it any more');
      const page: Event[] = await eventsPage(events, where, after, pageRows, names);
      if (page.length > 0) yield text.encode(page.map((event) => written(format, event)).join(''));
      const last = page.at(-1);
      if (last === undefined || page.length < pageRows) return;
      after = { time: Date.parse(last.time) / 1000, id: last.id };
    }
  }
  const name = `events-${clock.iso().slice(0, 10)}.${format === 'csv' ? 'csv' : 'ndjson'}`;
  return new Response(ReadableStream.from(lines()) as never, {
    headers: { 'content-type': writtenTypes[format], 'content-disposition': `attachment; filename="${name}"`, 'cache-control': 'no-store' },
  });
}
