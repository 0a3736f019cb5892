/** What guards a reading room: marks, excerpts and copies that leave it, appeals, bait, and opening the trail: before its days, or by an arbiter. */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import { Appeal, Arbiter, Bait, Copy, Early, Escrow, Excerpt, MarkFound } from '../model/controls.ts';

const Id = z.string().min(1).max(60);
const Path = z.string().min(1).max(4_096);
const Reason = z.string().trim().max(500);
const Line = z.number().int().min(1);
const Withheld = z.array(z.strictObject({ from: Line, to: Line, reason: Reason.min(1) })).max(60).default([]);
const reading = { right: 'source.view', by: 'mandate', agreedBy: 'visit.decide' } as const;
const excerptOut = z.strictObject({ excerpt: Excerpt });
const Arbitration = z.strictObject({ arbiter: Arbiter.nullable(), sealed: Escrow.nullable() });
const copyOut = z.strictObject({ copy: Copy });

const marks = {
  'reviews.mark': endpoint({
    method: 'GET', path: '/api/reviews/:review/mark',
    summary: 'What lies over everything that is shown in one’s sitting, drawn by the hub: whose it is, also in a grain that pictures keep.',
    input: z.strictObject({ review: Id }), output: z.strictObject({ tile: z.string() }), needs: reading,
  }),
  'watermarks.find': raw(endpoint({
    method: 'POST', path: '/api/watermarks', upload: true,
    summary: 'Whose sitting a picture of a screen shows (body: PNG or JPEG): of a visit that one’s organisation is a side of; it is on the record of both.',
    input: z.strictObject({}), output: z.strictObject({ found: MarkFound.nullable() }), needs: { right: 'watermark.find', by: 'role' },
  })),
};

const excerpts = {
  'excerpts.ask': endpoint({
    method: 'POST', path: '/api/reviews/:review/excerpts', status: 201, summary: 'Asks that a few lines that were shown leave the room, up to a day.',
    input: z.strictObject({ review: Id, path: Path, from: Line, to: Line, purpose: Reason.min(1), endsAt: z.iso.date() }), output: excerptOut, needs: reading,
  }),
  'excerpts.list': endpoint({
    method: 'GET', path: '/api/visits/:visit/excerpts', summary: 'Excerpts that were asked for in a visit, and what both sides said.',
    input: z.strictObject({ visit: Id }), output: z.strictObject({ items: z.array(Excerpt) }), needs: { right: 'visit.list', by: 'role' },
  }),
  'excerpts.clear': endpoint({
    method: 'POST', path: '/api/excerpts/:excerpt/clear',
    summary: 'The provider lets an excerpt out, with lines withheld where there is a reason (each leaves a stub), or refuses it.',
    input: z.strictObject({ excerpt: Id, agree: z.boolean(), withheld: Withheld, reason: Reason.default('') }), output: excerptOut,
    needs: { right: 'excerpt.clear', by: 'role' },
  }),
  'excerpts.agree': endpoint({
    method: 'POST', path: '/api/excerpts/:excerpt/agree',
    summary: 'The reviewing side’s principal, not whoever asked, agrees that an excerpt leaves the room, or refuses.',
    input: z.strictObject({ excerpt: Id, agree: z.boolean(), reason: Reason.default('') }), output: excerptOut, needs: { right: 'excerpt.agree', by: 'role' },
  }),
  'excerpts.open': endpoint({
    method: 'POST', path: '/api/excerpts/:excerpt/open',
    summary: 'Opens an excerpt that both sides agreed to, as a copy that says whose it is and when it ends; it is on the register.',
    input: z.strictObject({ excerpt: Id }), output: z.strictObject({ copy: Copy, text: z.string() }), needs: reading,
  }),
  'copies.list': endpoint({
    method: 'GET', path: '/api/visits/:visit/copies', summary: 'The register of copies of a visit: each with its end, and when it was destroyed.',
    input: z.strictObject({ visit: Id }), output: z.strictObject({ items: z.array(Copy) }), needs: { right: 'visit.list', by: 'role' },
  }),
  'copies.register': endpoint({
    method: 'POST', path: '/api/visits/:visit/copies', status: 201, summary: 'Puts a copy on the register that was made otherwise: a printout, a drive.',
    input: z.strictObject({ visit: Id, what: z.string().trim().min(1).max(200), endsAt: z.iso.date() }), output: copyOut,
    needs: { right: 'copy.register', by: 'role' },
  }),
  'copies.destroy': endpoint({
    method: 'POST', path: '/api/review-copies/:reviewCopy/destroy', summary: 'Certifies that a copy was destroyed, and how.',
    input: z.strictObject({ reviewCopy: Id, how: Reason.min(1) }), output: copyOut, needs: { right: 'copy.register', by: 'role' },
  }),
};

const disputes = {
  'appeals.list': endpoint({
    method: 'GET', path: '/api/notes/:note/appeals', summary: 'The appeal against what was withheld of a note, if there is one.',
    input: z.strictObject({ note: Id }), output: z.strictObject({ items: z.array(Appeal) }), needs: { right: 'visit.list', by: 'role' },
  }),
  'appeals.make': endpoint({
    method: 'POST', path: '/api/notes/:note/appeals', status: 201, summary: 'Appeals against lines that the provider withheld of a note.',
    input: z.strictObject({ note: Id, reason: Reason.min(1) }), output: z.strictObject({ appeal: Appeal }), needs: { right: 'appeal.make', by: 'role' },
  }),
  'appeals.decide': endpoint({
    method: 'POST', path: '/api/notes/:note/appeals/decide',
    summary: 'The provider’s principal, not whoever withheld the lines, lets more of a note out, or keeps to it with a reason.',
    input: z.strictObject({ note: Id, uphold: z.boolean(), withheld: Withheld, reason: Reason.min(1) }), output: z.strictObject({ appeal: Appeal }),
    needs: { right: 'appeal.decide', by: 'role' },
  }),
  'trails.view': endpoint({
    method: 'GET', path: '/api/visits/:visit/early-opening', summary: 'Whether the provider asked to see what was read before the agreed days, and the answer.',
    input: z.strictObject({ visit: Id }), output: z.strictObject({ asked: Early.nullable() }), needs: { right: 'visit.list', by: 'role' },
  }),
  'trails.ask': endpoint({
    method: 'POST', path: '/api/visits/:visit/early-opening', status: 201,
    summary: 'The provider’s principal asks to see what was read before the agreed days: all of it, or as many windows as a checkpoint draws.',
    input: z.strictObject({ visit: Id, reason: Reason.min(1), sample: z.number().int().min(1).max(500).nullable().default(null) }),
    output: z.strictObject({ asked: Early.nullable() }),
    needs: { right: 'trail.open', by: 'role' },
  }),
  'trails.answer': endpoint({
    method: 'POST', path: '/api/visits/:visit/early-opening/answer', summary: 'The reviewing side’s principal agrees that what was read is opened, or refuses.',
    input: z.strictObject({ visit: Id, agree: z.boolean(), reason: Reason.default('') }), output: z.strictObject({ asked: Early.nullable() }),
    needs: { right: 'trail.open', by: 'role' },
  }),
  'arbiters.view': endpoint({
    method: 'GET', path: '/api/visits/:visit/arbiter', summary: 'Who may open alone what was read in a visit, and what is sealed for it.',
    input: z.strictObject({ visit: Id }), output: Arbitration, needs: { right: 'visit.list', by: 'role' },
  }),
  'arbiters.name': endpoint({
    method: 'POST', path: '/api/visits/:visit/arbiter', status: 201,
    summary: 'Names an arbiter with its OpenPGP public key, to which what is read is sealed when the visit ends; the other side agrees or refuses.',
    input: z.strictObject({ visit: Id, name: z.string().trim().min(1).max(200), key: z.string().min(1).max(100_000) }), output: Arbitration,
    needs: { right: 'trail.open', by: 'role' },
  }),
  'arbiters.answer': endpoint({
    method: 'POST', path: '/api/visits/:visit/arbiter/answer', summary: 'The other side’s principal agrees to the arbiter, or refuses with a reason.',
    input: z.strictObject({ visit: Id, agree: z.boolean(), reason: Reason.default('') }), output: Arbitration, needs: { right: 'trail.open', by: 'role' },
  }),
  'arbiters.sealed': raw(endpoint({
    method: 'GET', path: '/api/visits/:visit/arbiter/sealed',
    summary: 'The arbiter’s share, which its key alone opens: both sides keep it, and neither can read it.',
    input: z.strictObject({ visit: Id }), output: z.strictObject({}), needs: { right: 'trail.open', by: 'role' },
  })),
  'bait.plant': endpoint({
    method: 'PUT', path: '/api/visits/:visit/bait',
    summary: 'Says, before a visit is agreed to, which files no honest task reaches; agreeing commits to them, also to none.',
    input: z.strictObject({ visit: Id, paths: z.array(Path).max(100) }), output: Bait, needs: { right: 'bait.plant', by: 'role' },
  }),
  'bait.view': endpoint({
    method: 'GET', path: '/api/visits/:visit/bait', summary: 'One’s own bait in a visit, and who opened some: for the provider’s principal alone.',
    input: z.strictObject({ visit: Id }), output: Bait, needs: { right: 'bait.plant', by: 'role' },
  }),
  'bait.reveal': endpoint({
    method: 'GET', path: '/api/visits/:visit/revealed-bait',
    summary: 'What was bait in a visit that has ended, with the salt that opens the commitment in the fact of its agreeing.',
    input: z.strictObject({ visit: Id }), output: z.strictObject({ paths: z.array(z.string()), salt: z.string(), commitment: z.string() }),
    needs: { right: 'visit.list', by: 'role' },
  }),
};

export const controlsApi = { ...marks, ...excerpts, ...disputes } as const;
