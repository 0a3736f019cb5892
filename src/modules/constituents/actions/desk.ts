/** What changed since a person last looked, and the findings of its organisation as a table. */
import { ReadableStream } from 'node:stream/web';
import { csvText } from '#kit/csv/write';
import type { Actions, Caller } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import type { deskApi } from '../api/desk.ts';
import { changesSince, markOf, saveMark, toldPage, unsettledMinutes, type Told } from '../store/desk.ts';
import { ownSide, type ConstituentsParts } from './parts.ts';

const mostShown = 200;
const pageRows = 1000;

const sideOf = (parts: ConstituentsParts, caller: Caller) => ownSide(parts, caller, 'notice.receive', 'notice', 'notice');

export function deskActions(parts: ConstituentsParts): Pick<Actions<typeof deskApi>, 'myChanges' | 'seeChanges'> {
  const { db, clock } = parts;
  return {
    myChanges: async (_, caller) => {
      const { scope, constituents } = await sideOf(parts, caller);
      const mark = await markOf(db, scope, caller.actor.person);
      const at = clock.iso();
      const { items, counts, recent } = await changesSince(db, scope, constituents.map((c) => c.id), mark, at, mostShown);
      // What was seen of the minutes before the last mark stays seen, while they are the last minutes still.
      const before = mark !== null && Date.parse(at) - Date.parse(mark.at) < unsettledMinutes * 60_000 ? mark.recent : [];
      return { since: mark?.at ?? null, counts, items: [...items], mark: { at, recent: [...new Set([...recent, ...before])].slice(0, 2000) } };
    },
    seeChanges: async (mark, caller) => {
      const { scope } = await sideOf(parts, caller);
      if (Date.parse(mark.at) > clock.now()) throw new Refusal('invalid', 'desk.future', 'Nobody has seen what is to come.', { at: 'at' });
      await saveMark(db, scope, caller.actor.person, mark);
      return { since: (await markOf(db, scope, caller.actor.person))?.at ?? mark.at };
    },
  };
}

const columns = [
  'asset', 'kind', 'type', 'family', 'severity', 'confidence', 'first', 'last', 'events', 'state', 'toldAt', 'saidFixedAt', 'exceptedUntil',
  'exceptionReason', 'closedAt', 'reopened', 'notice', 'id',
] as const satisfies readonly (keyof Told)[];

const line = (finding: Told): string => `${columns.map((column) => {
  const value = finding[column];
  return value === null ? '' : typeof value === 'number' ? String(value) : csvText(value);
}).join(',')}\r\n`;

export async function exportFindings(parts: ConstituentsParts, caller: Caller): Promise<Response> {
  const { scope, constituents } = await sideOf(parts, caller);
  const ids = constituents.map((c) => c.id);
  async function* lines(): AsyncGenerator<Uint8Array> {
    const text = new TextEncoder();
    yield text.encode(`${columns.join(',')}\r\n`);
    for (let after = ''; ;) {
      // Cut, not ended: a reader must not take half of the findings for all of them.
      if (caller.until.aborted) throw new Error('who asked may not have it any more');
      const page = await toldPage(parts.db, scope, ids, after, pageRows);
      if (page.length > 0) yield text.encode(page.map(line).join(''));
      const last = page.at(-1);
      if (last === undefined || page.length < pageRows) return;
      after = last.id;
    }
  }
  return new Response(ReadableStream.from(lines()) as never, {
    headers: {
      'content-type': 'text/csv; charset=utf-8', 'cache-control': 'no-store',
      'content-disposition': `attachment; filename="findings-${parts.clock.iso().slice(0, 10)}.csv"`,
    },
  });
}
