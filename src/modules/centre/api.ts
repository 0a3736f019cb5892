/**
 * The transparency centre: asking for a visit, vetting, rooms, reading under a ledger fact for each window, notes, findings, statements.
 * Reading is by mandate, asked anew for each window; what both sides hold of a visit is each side's own record.
 */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import {
  Flaw, FolderLine, itemKinds, OpenedStep, ReviewLevel, Review, ReviewNote, Room, Severity, StatementLine, Totals, TrailSample, TrailStep, Visit, VisitItem,
  VisitMode, Window,
} from './model.ts';
import { changesApi } from './api/changes.ts';
import { flowsApi } from './api/flows.ts';
import { searchingApi } from './api/searching.ts';

const Id = z.string().min(1).max(60);
const Day = z.iso.date();
const Path = z.string().max(4_096);
const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Reason = z.string().trim().min(1).max(500);
const Share = z.strictObject({ perDay: z.number().int().min(1).max(10_000), inAll: z.number().int().min(1).max(10_000) });
const visitOut = z.strictObject({ visit: Visit, items: z.array(VisitItem), totals: Totals, mine: z.boolean() });
const reading = { right: 'source.view', by: 'mandate', agreedBy: 'visit.decide' } as const;

const visits = {
  'visits.list': endpoint({
    method: 'GET', path: '/api/visits', summary: 'Visits that one’s organisation asked for, or is asked for, the newest first.',
    input: z.strictObject({}), output: z.strictObject({ items: z.array(Visit) }), needs: { right: 'visit.list', by: 'role' },
  }),
  'visits.view': endpoint({
    method: 'GET', path: '/api/visits/:visit', summary: 'One visit: who and what comes, what was agreed, and how much was read.',
    input: z.strictObject({ visit: Id }), output: visitOut, needs: { right: 'visit.list', by: 'role' },
  }),
  'visits.ask': endpoint({
    method: 'POST', path: '/api/visits', status: 201,
    summary: 'Asks a provider for a review of one of its releases: goals, questions, people, tools, devices, days.',
    input: z.strictObject({
      artefact: Id, level: ReviewLevel, mode: VisitMode, goals: z.string().trim().min(1).max(2_000),
        questions: z.array(z.string().trim().min(1).max(500)).max(50),
      from: Day, to: Day, shares: Share.default({ perDay: 50, inAll: 500 }), trailOpensAfter: z.number().int().min(0).max(3_650).default(90),
      items: z.array(z.strictObject({ kind: z.enum(itemKinds), name: z.string().trim().min(1).max(200),
        ref: z.string().max(100).default('') })).min(1).max(100),
    }),
    output: visitOut, needs: { right: 'centre.visit', by: 'mandate', agreedBy: 'visit.decide' },
  }),
  'visits.decide': endpoint({
    method: 'POST', path: '/api/visits/:visit/decide', summary: 'The provider agrees to a visit or refuses it with a reason.',
    input: z.strictObject({ visit: Id, agree: z.boolean(), reason: z.string().trim().max(500).default('') }), output: visitOut,
    needs: { right: 'visit.decide', by: 'role' },
  }),
  'visits.vet': endpoint({
    method: 'POST', path: '/api/visits/:visit/vet',
    summary: 'The provider approves a person, tool or device of a visit, refuses it with a reason, or notes that a device was handed in or given back.',
    input: z.strictObject({ visit: Id, item: Id, state: z.enum(['approved', 'refused', 'surrendered', 'returned']),
      reason: z.string().trim().max(500).default('') }),
    output: visitOut, needs: { right: 'visit.decide', by: 'role' },
  }),
  'visits.setAllowance': endpoint({
    method: 'PUT', path: '/api/visits/:visit/allowance',
    summary: 'Says how much of the source may be shown, a day and in all; it holds once both sides have said the same.',
    input: z.strictObject({ visit: Id, shares: Share, reason: Reason }), output: visitOut, needs: { right: 'visit.allow', by: 'role' },
  }),
  'visits.close': endpoint({
    method: 'POST', path: '/api/visits/:visit/close',
    summary: 'Ends a visit: no sitting is open, each device was given back, and each copy is certified as destroyed.',
    input: z.strictObject({ visit: Id, copies: z.array(z.strictObject({ what: z.string().trim().min(1).max(200), destroyed: z.boolean() })).max(100) }),
    output: visitOut, needs: { right: 'visit.close', by: 'role' },
  }),
  'visits.trail': endpoint({
    method: 'GET', path: '/api/visits/:visit/trail',
    summary: 'Which windows were shown, in order: for the reviewer’s side at once, for the provider when the agreed days are over, or those that were drawn.',
    input: z.strictObject({ visit: Id, cursor: z.coerce.number().int().min(0).default(0) }),
    output: z.strictObject({
      items: z.array(TrailStep), next: z.number().int().nullable(), opensAt: z.iso.datetime().nullable(),
      /** What was drawn, if anything was. */
      sample: TrailSample.nullable(),
    }),
    needs: { right: 'visit.list', by: 'role' },
  }),
  'visits.step': endpoint({
    method: 'GET', path: '/api/visits/:visit/trail/:step',
    summary: 'One window of the trail with what opens its leaf: the fact’s text, its salt, and its proof. Told to whom the trail tells it.',
    input: z.strictObject({ visit: Id, step: Id }), output: OpenedStep, needs: { right: 'visit.list', by: 'role' },
  }),
  'rooms.list': endpoint({
    method: 'GET', path: '/api/rooms', summary: 'One’s own rooms with all that is booked, and those of providers in which one’s own visits are.',
    input: z.strictObject({}), output: z.strictObject({ items: z.array(Room) }), needs: { right: 'room.list', by: 'role' },
  }),
  'rooms.add': endpoint({
    method: 'POST', path: '/api/rooms', status: 201, summary: 'Adds a room of one’s own centre.',
    input: z.strictObject({ name: z.string().trim().min(1).max(100), place: z.string().trim().min(1).max(100), seats: z.number().int().min(1).max(100) }),
    output: z.strictObject({ room: Room }), needs: { right: 'room.change', by: 'role' },
  }),
  'rooms.book': endpoint({
    method: 'POST', path: '/api/rooms/:room/bookings', status: 201, summary: 'Books a room for the days of a visit; a day that is taken is refused.',
    input: z.strictObject({ room: Id, visit: Id, from: Day, to: Day }), output: z.strictObject({ room: Room }), needs: { right: 'room.change', by: 'role' },
  }),
};

const reviews = {
  'reviews.begin': endpoint({
    method: 'POST', path: '/api/visits/:visit/reviews', status: 201,
      summary: 'Begins a sitting: within the agreed days, by a person and with tools that were approved.',
    input: z.strictObject({ visit: Id, tools: z.array(z.strictObject({ name: z.string().max(200), sha256: Hash })).max(50).default([]) }),
    output: z.strictObject({ review: Review }), needs: reading,
  }),
  'reviews.view': endpoint({
    method: 'GET', path: '/api/reviews/:review', summary: 'One’s own sitting: what is left to see, and where one has been.',
    input: z.strictObject({ review: Id }), output: z.strictObject({ review: Review, trail: z.array(TrailStep) }), needs: reading,
  }),
  'reviews.end': endpoint({
    method: 'POST', path: '/api/reviews/:review/end', summary: 'Ends one’s sitting.',
    input: z.strictObject({ review: Id }), output: z.strictObject({ ended: z.literal(true) }), needs: { right: 'review.end', by: 'role' },
  }),
  'reviews.folder': endpoint({
    method: 'GET', path: '/api/reviews/:review/folder', summary: 'A folder of the source under review, with how much of each entry was seen.',
    input: z.strictObject({ review: Id, path: Path.default('') }), output: z.strictObject({ path: z.string(), entries: z.array(FolderLine) }), needs: reading,
  }),
  'reviews.openWindow': endpoint({
    method: 'POST', path: '/api/reviews/:review/windows',
    summary: 'Shows one window of a file (docs/specs/review.md), once its view is in the ledger: by number, or that of a byte, or where a line begins.',
    input: z.strictObject({ review: Id, path: Path.min(1), number: z.number().int().min(0).optional(), line: z.number().int().min(1).optional(),
      byte: z.number().int().min(0).optional() }),
    output: z.strictObject({ window: Window }), needs: reading,
  }),
  'reviews.plan': endpoint({
    method: 'GET', path: '/api/reviews/:review/plan', summary: 'What to read first, by the visit’s questions and the constructs at which defects are found.',
    input: z.strictObject({ review: Id, share: z.coerce.number().int().min(1).max(10_000).default(500) }),
    output: z.strictObject({
      lines: z.number().int(), ofLines: z.number().int(), files: z.number().int(), skipped: z.number().int(),
      stretches: z.array(z.strictObject({ path: z.string(), from: z.number().int(), to: z.number().int(), weight: z.number(),
        reasons: z.array(z.string()) })),
    }),
    needs: reading,
  }),
};

const results = {
  'notes.add': endpoint({
    method: 'POST', path: '/api/reviews/:review/notes', status: 201,
      summary: 'Writes a note on lines of a file; it leaves the room once the provider has cleared it.',
    input: z.strictObject({
      review: Id, path: Path.min(1), from: z.number().int().min(1), to: z.number().int().min(1), text: z.string().trim().min(1).max(10_000),
    }),
    output: z.strictObject({ note: ReviewNote }), needs: { right: 'review-note.add', by: 'role' },
  }),
  'notes.list': endpoint({
    method: 'GET', path: '/api/visits/:visit/notes', summary: 'Notes of a visit.',
    input: z.strictObject({ visit: Id }), output: z.strictObject({ items: z.array(ReviewNote) }), needs: { right: 'review-note.list', by: 'role' },
  }),
  'notes.clear': endpoint({
    method: 'POST', path: '/api/notes/:note/clear',
    summary: 'The provider lets a note out, with lines withheld where there is a reason: each leaves a stub that says how many and why.',
    input: z.strictObject({
      note: Id, withheld: z.array(z.strictObject({ from: z.number().int().min(1), to: z.number().int().min(1), reason: Reason })).max(100),
    }),
    output: z.strictObject({ note: ReviewNote }), needs: { right: 'review-note.clear', by: 'role' },
  }),
  'flaws.file': endpoint({
    method: 'POST', path: '/api/visits/:visit/flaws', status: 201,
    summary: 'Commits to a finding: its hash is in the ledger of both sides now, its text is told when it is disclosed.',
    input: z.strictObject({
      visit: Id, severity: Severity, title: z.string().trim().min(1).max(200), text: z.string().trim().min(1).max(20_000), path: Path,
      line: z.number().int().min(0), discloseInDays: z.number().int().min(0).max(90).default(5),
    }),
    output: z.strictObject({ flaw: Flaw }), needs: { right: 'flaw.file', by: 'role' },
  }),
  'flaws.list': endpoint({
    method: 'GET', path: '/api/flaws', summary: 'Findings of one’s own reviews, and those on one’s own products: undisclosed ones as a commitment.',
    input: z.strictObject({}), output: z.strictObject({ items: z.array(Flaw) }), needs: { right: 'flaw.list', by: 'role' },
  }),
  'flaws.disclose': endpoint({
    method: 'POST', path: '/api/flaws/:flaw/disclose', summary: 'Tells the provider what one committed to; its clock to answer begins.',
    input: z.strictObject({ flaw: Id, answerInDays: z.number().int().min(1).max(180).default(30) }), output: z.strictObject({ flaw: Flaw }),
    needs: { right: 'flaw.file', by: 'role' },
  }),
  'flaws.answer': endpoint({
    method: 'POST', path: '/api/flaws/:flaw/answer', summary: 'The provider answers a finding; the finding itself stays as it was filed.',
    input: z.strictObject({ flaw: Id, text: z.string().trim().min(1).max(20_000) }), output: z.strictObject({ flaw: Flaw }),
    needs: { right: 'flaw.answer', by: 'role' },
  }),
  'flaws.close': endpoint({
    method: 'POST', path: '/api/flaws/:flaw/close', summary: 'Whoever filed a finding closes it.',
    input: z.strictObject({ flaw: Id, reason: Reason }), output: z.strictObject({ flaw: Flaw }), needs: { right: 'flaw.file', by: 'role' },
  }),
  'statements.make': endpoint({
    method: 'POST', path: '/api/visits/:visit/statement', status: 201,
    summary: 'Makes the statement of a review: its coverage is computed from the views in the ledger, nobody enters it.',
    input: z.strictObject({
      visit: Id, scope: z.array(z.string().trim().min(1).max(300)).min(1).max(50), exceptions: z.array(z.string().trim().min(1).max(500)).max(50).default([]),
      months: z.number().int().min(1).max(24).default(12),
    }),
    output: z.strictObject({ statement: StatementLine, text: z.string(), secret: z.string() }), needs: { right: 'statement.make', by: 'role' },
  }),
  'statements.list': endpoint({
    method: 'GET', path: '/api/public/statements', summary: 'Statements of reviews, and how far the product has moved on since.',
    input: z.strictObject({}), output: z.strictObject({ items: z.array(StatementLine) }), needs: { right: 'statement.list', by: 'public' },
  }),
  'statements.fetch': endpoint({
    method: 'GET', path: '/api/public/statements/:statement', summary: 'One statement, byte for byte as it was signed.',
    input: z.strictObject({ statement: Id }), output: z.strictObject({ line: StatementLine, text: z.string(), key: z.string() }),
    needs: { right: 'statement.list', by: 'public' },
  }),
};

export const centreApi = { ...visits, ...reviews, ...results, ...searchingApi, ...changesApi, ...flowsApi } as const;
