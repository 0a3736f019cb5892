/** Whatever a server does with pages: what is walked over is all that it has, and the walk ends. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareTimes, parseTime, timeText } from '#kit/stix/time';
import { askedAt, before, beginning, later, setBack, step, withoutNext, type Asked, type Came, type Place } from './walk.ts';

interface Server {
  /** When each object was added, ascending, in µs; many at one moment. */
  readonly added: readonly number[];
  readonly cap: number;
  readonly next: boolean;
  readonly inclusive: boolean;
  readonly saysMore: boolean;
}
const moment = (us: number): string => timeText(BigInt(us));

function answer(server: Server, asked: Asked, limit: number): { came: Came; objects: number[] } {
  const from = asked.after === null ? -1n : parseTime(asked.after)?.us ?? -1n;
  const rest = server.added.map((us, i) => ({ us, i })).filter(({ us }) => (server.inclusive ? BigInt(us) >= from : BigInt(us) > from));
  const skip = asked.next === null ? 0 : Number(asked.next);
  const page = rest.slice(skip, skip + Math.min(limit, server.cap));
  const more = skip + page.length < rest.length;
  return {
    objects: page.map(({ i }) => i),
    came: {
      count: page.length, more: more && (server.saysMore || server.next), next: more && server.next ? String(skip + page.length) : null,
      first: page[0] ? moment(page[0].us) : null, last: page.length > 0 ? moment(page.at(-1)?.us ?? 0) : null, mark: JSON.stringify(page.map(({ i }) => i)),
    },
  };
}

interface Walked { readonly place: Place; readonly seen: ReadonlySet<number>; readonly stuck: string | null; readonly steps: number }

/** Walks as a fetch does; `breaks` says before which page the door does not open any more. */
function walk(server: Server, from: Place, size: number, breaks: ReadonlySet<number> = new Set()): Walked {
  let [place, at, markBefore, grown] = [from, size, null as string | null, false];
  const seen = new Set<number>();
  for (let steps = 1; steps < 2_000; steps++) {
    if (breaks.has(steps)) [place, markBefore] = [withoutNext(place), null];
    const asked = askedAt(place);
    const { came, objects } = answer(server, asked, at);
    objects.forEach((o) => seen.add(o));
    const next = step(place, { asked, came, markBefore, size: at, mayGrow: at < 4096 && !(grown && came.mark === markBefore) });
    markBefore = came.mark;
    grown = next.kind === 'grow';
    if (next.kind === 'on' || next.kind === 'done') place = next.place;
    if (next.kind === 'done') return { place, seen, stuck: null, steps };
    if (next.kind === 'stuck') return { place, seen, stuck: next.why, steps };
    at = next.kind === 'grow' ? at * 2 : size;
  }
  throw new Error('the walk has no end');
}

const servers = fc.record({
  added: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }).map((l) => [...l].sort((a, b) => a - b).map((n) => 1_700_000_000_000_000 + n)),
  cap: fc.integer({ min: 1, max: 30 }), next: fc.boolean(), inclusive: fc.boolean(), saysMore: fc.boolean(),
});

test('all that a server has is walked over, or the walk says what it is stuck at; and the next look finds what was added since', () => {
  fc.assert(fc.property(servers, fc.integer({ min: 1, max: 12 }), fc.uniqueArray(fc.integer({ min: 1, max: 20 })), (server, size, breaks) => {
    const { place, seen, stuck } = walk(server, beginning, size, new Set(breaks));
    // A server that gives less than it was asked for and says nothing of it cannot be found out.
    const silent = !server.next && !server.saysMore && server.cap < server.added.length;
    if (stuck !== null || silent) return;
    expect(seen.size).toBe(server.added.length);
    const grown = { ...server, cap: 100, added: [...server.added, 1_700_000_000_000_100, 1_700_000_000_000_100] };
    const again = walk(grown, place, 100);
    expect([...again.seen]).toEqual(expect.arrayContaining([server.added.length, server.added.length + 1]));
    const known = [...again.seen].filter((i) => i < server.added.length).length;
    expect(known).toBeLessThanOrEqual(server.inclusive || place.after === null ? server.added.length : 0);
  }), { numRuns: 3_000 });
});

test('a server that names a next page never leaves one stuck, and nothing comes twice from it', () => {
  fc.assert(fc.property(servers, fc.integer({ min: 1, max: 12 }), (any, size) => {
    const server = { ...any, next: true };
    const { seen, stuck, steps } = walk(server, beginning, size);
    expect([stuck, seen.size]).toEqual([null, server.added.length]);
    expect(steps).toBeLessThanOrEqual(Math.ceil(server.added.length / Math.min(size, server.cap)) + 4);
  }), { numRuns: 1_000 });
});

test('the moment before is before, and the later of two is the later', () => {
  const times = fc.tuple(fc.integer({ min: 0, max: 4_000_000_000_000 }), fc.integer({ min: 0, max: 999 })).map(([us, rest]) =>
    (rest === 0 ? timeText(BigInt(us)) : `${timeText(BigInt(us)).slice(0, -1)}${String(rest).padStart(3, '0')}Z`));
  fc.assert(fc.property(times, times, (a, b) => {
    const at = (text: string | null) => parseTime(text) ?? { us: 0n, rest: '', text: '' };
    expect(compareTimes(at(before(a)), at(a))).toBe(-1);
    expect(compareTimes(at(later(a, b)), at(a))).toBeGreaterThanOrEqual(0);
    expect([a, b]).toContain(later(a, b));
    expect([later(a, null), later(null, b), later('rubbish', b), before('rubbish')]).toEqual([a, b, b, null]);
  }));
});

test('a clock that was set back is noticed, and what was added since is asked for', () => {
  const after = timeText(BigInt(Date.parse('2026-06-15T12:00:00Z')) * 1000n);
  const place: Place = { after, chain: null };
  const now = Date.parse('2026-06-15T11:00:00Z');
  expect(setBack(place, Date.parse('2026-06-15T11:59:30Z'), 0)).toBeNull();
  expect(setBack(place, null, 0)).toBeNull();
  expect(setBack(beginning, now, 0)).toBeNull();
  expect(setBack(place, now, 600_000)?.after).toBe('2026-06-15T10:45:00.000000Z');
});
