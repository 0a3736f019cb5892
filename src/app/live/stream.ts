/**
 * The stream of what happens: server-sent events (WHATWG HTML), one for each fact that the reader's organisation may read,
 * numbered by its index in the ledger, so that whoever was cut off goes on after the last one seen. Who may not read facts
 * is told only that something of a noun has changed, and only of nouns that a right of theirs names.
 *
 * Nothing is queued for a slow reader: a stream reads its next page from the records when the last one has been taken.
 */
import { givesRight, roleMatrix } from '#modules/parties/index';
import { factsAfter, logSize, readersBetween, type SequencedFact } from '#modules/ledger/index';
import type { Actor, Caller } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import type { Clock } from '#world/clock';
import type { Queryable } from '#world/db/port';

/** Facts read at once; the memory that one stream may take is a page. */
const page = 20;
const heartbeatMs = 15_000;
/** A reader that takes nothing for so long is gone, whatever its connection says. */
const patienceMs = 60_000;
const mostOfOne = 12;
const mostOfAll = 2_000;

interface Open {
  readonly org: string;
  readonly person: string;
  /** When something was last handed over. */
  said: number;
  /** Handed over and not asked for more yet. */
  full: boolean;
  rung: boolean;
  wake: (() => void) | null;
}

export interface Streams {
  respond(request: Request, caller: Caller): Promise<Response>;
  /** Looks whether the log has grown, by whichever replica, and wakes those whom it concerns. To be called often. */
  beat(): Promise<void>;
}

export function streamsOver(parts: { readonly db: Queryable; readonly clock: Clock }): Streams {
  const open = new Set<Open>();
  const seen: { size: number | null } = { size: null };
  const ring = (one: Open): void => {
    one.rung = true;
    one.wake?.();
  };
  return {
    async beat() {
      if (open.size === 0) {
        seen.size = null;
        return;
      }
      const size = await logSize(parts.db);
      const from = seen.size ?? 0;
      // After a pause everyone looks once; else those whose organisation is a reader of what is new.
      const concerned = seen.size === null ? null : size > from ? await readersBetween(parts.db, from, size) : new Set<string>();
      seen.size = size;
      for (const one of open) {
        if (concerned === null || concerned.has(one.org) || parts.clock.elapsed() - one.said >= heartbeatMs) ring(one);
      }
    },
    async respond(request, caller) {
      const { actor } = caller;
      refuseCrowd(open, actor.person);
      const size = await logSize(parts.db);
      const last = lastSeen(request);
      // An index that this log does not have yet is another log's: from here on, and look at everything anew.
      const lost = last !== null && last >= size;
      const one: Open = { org: actor.org, person: actor.person, said: parts.clock.elapsed(), full: false, rung: false, wake: null };
      open.add(one);
      caller.holds(async () => {
        if (one.full && parts.clock.elapsed() - one.said > patienceMs) throw new Error('nobody reads this stream');
      });
      const hello = `retry: 3000\n${size > 0 ? `id: ${size - 1}\n` : ''}event: ${lost ? 'reset' : 'hello'}\ndata: {"size":${size}}\n\n`;
      const opening = last !== null && !lost ? `retry: 3000\nevent: hello\ndata: {"size":${size}}\n\n` : hello;
      const body = bodyOf(parts, actor, one, opening, last !== null && !lost ? last : size - 1, () => open.delete(one));
      return new Response(body, {
        headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
      });
    },
  };
}

function refuseCrowd(open: ReadonlySet<Open>, person: string): void {
  const own = [...open].filter((one) => one.person === person).length;
  if (own >= mostOfOne) {
    throw new Refusal('too-many', 'stream.too-many', 'You have too many streams open.', { hint: 'Close a window.' });
  }
  if (open.size >= mostOfAll) throw new Refusal('unavailable', 'stream.full', 'The hub has all the streams it can carry.');
}

function lastSeen(request: Request): number | null {
  const text = request.headers.get('last-event-id');
  if (text === null || text === '') return null;
  if (!/^(0|[1-9]\d{0,14})$/.test(text)) {
    throw new Refusal('invalid', 'stream.last-event-id', 'Last-Event-ID is no index of the ledger.', { at: 'Last-Event-ID' });
  }
  return Number(text);
}

function bodyOf(
  parts: { readonly db: Queryable; readonly clock: Clock }, actor: Actor, one: Open, opening: string, after: number,
  gone: () => void,
): ReadableStream<Uint8Array> {
  const text = new TextEncoder();
  const state = { last: after, opening: opening as string | null, over: false };
  /** The next text, as soon as there is one; empty once the reader is gone. */
  const next = async (): Promise<string> => {
    if (state.opening !== null) {
      const first = state.opening;
      state.opening = null;
      return first;
    }
    while (!state.over) {
      one.rung = false;
      const facts = await factsAfter(parts.db, actor, state.last, page);
      state.last = facts.at(-1)?.index ?? state.last;
      const events = facts.map((fact) => eventOf(actor, fact)).join('');
      if (events !== '') return events;
      if (facts.length === page) continue;
      if (parts.clock.elapsed() - one.said >= heartbeatMs) return `: ${parts.clock.iso()}\n\n`;
      // What was rung while the records were read is looked at again; nothing is slept through.
      if (!one.rung) await new Promise<void>((resolve) => { one.wake = resolve; });
      one.wake = null;
    }
    return '';
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      one.full = false;
      try {
        const said = await next();
        if (state.over) return;
        one.said = parts.clock.elapsed();
        one.full = true;
        controller.enqueue(text.encode(said));
      } catch (error) {
        gone();
        throw error;
      }
    },
    cancel() {
      state.over = true;
      gone();
      one.wake?.();
    },
  }, { highWaterMark: 0 });
}

/** What one is told of a fact; nothing where no right of the reader's is about its noun. */
export function eventOf(actor: Actor, fact: SequencedFact): string {
  const may = (right: string): boolean => givesRight(actor.roles, right) && (actor.scopes?.includes(right) ?? true);
  const noun = fact.class.split('.')[0] ?? '';
  if (may('fact.list')) {
    const { index, class: name, at, actor: who, org, subject, clauses, body } = fact;
    return `id: ${index}\nevent: fact\ndata: ${JSON.stringify({ index, class: name, at, actor: who, org, subject, clauses, body })}\n\n`;
  }
  const named = Object.keys(roleMatrix).some((right) => right.startsWith(`${noun}.`) && may(right));
  return named ? `id: ${fact.index}\nevent: change\ndata: ${JSON.stringify({ class: fact.class })}\n\n` : '';
}
