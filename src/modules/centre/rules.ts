/** What may happen in the centre. Pure: state, hour and command in; what follows, or a Refusal, out. */
import { Refusal } from '#kit/refusal';
import type { FlawRowState, ItemFacts, VisitFacts } from './facts.ts';
import type { ItemState, VisitState, visitFlags } from './model.ts';

const dayMs = 86_400_000;
/** From a day on up to another, both included; at most a year of them. */
export function daysFrom(from: string, to: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(`${from}T00:00:00Z`); at <= Date.parse(`${to}T00:00:00Z`) && days.length <= 366; at += dayMs) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}

export function refuseDays(from: string, to: string): void {
  if (from > to) throw new Refusal('invalid', 'visit.days', 'The last day is before the first.', { at: 'to' });
  if (daysFrom(from, to).length > 366) throw new Refusal('invalid', 'visit.days', 'A visit lasts a year at most.', { at: 'to' });
}

/** What is read on site alone is not read from afar, and what only the deepest level opens is opened by no other. */
export function refuseAccess(access: string, mode: VisitFacts['mode'], level: VisitFacts['level']): void {
  if ((access === 'on-site' || access === 'black') && mode !== 'on-site') {
    throw new Refusal('forbidden', 'visit.on-site-only', 'This source is read at the centre alone.', { hint: 'Ask for a visit on site.' });
  }
  if (access === 'black' && level !== 'black') {
    throw new Refusal('forbidden', 'visit.black-only', 'This source is opened in a review of the deepest level alone.', { hint: 'Ask for the black level.' });
  }
}

export function refuseItems(items: readonly { readonly kind: string; readonly ref: string }[], isColleague: (person: string) => boolean): void {
  items.forEach((item, i) => {
    if (item.kind === 'person' && !isColleague(item.ref)) {
      throw new Refusal('invalid', 'visit.not-colleague', 'People of a visit are active people of one’s own organisation.', { at: `items.${i}.ref` });
    }
    if (item.kind === 'tool' && !/^[0-9a-f]{64}$/.test(item.ref)) {
      throw new Refusal('invalid', 'visit.tool-hash', 'A tool is named by the SHA-256 of its file.', { at: `items.${i}.ref` });
    }
  });
  if (!items.some((item) => item.kind === 'person')) throw new Refusal('invalid', 'visit.nobody', 'A visit brings at least one person.', { at: 'items' });
}

/** Of a visit that was refused or has ended nothing changes any more. */
export function refuseOver(state: VisitState): void {
  if (state !== 'asked' && state !== 'agreed') throw new Refusal('conflict', 'visit.over', 'This visit is over.');
}

export function refuseDecision(state: VisitState, agree: boolean, reason: string): void {
  if (state !== 'asked') throw new Refusal('conflict', 'visit.decided', 'This visit was decided before.');
  if (!agree && reason === '') throw new Refusal('invalid', 'visit.reason', 'A visit is refused with a reason.', { at: 'reason' });
}

const next: Readonly<Record<ItemState, readonly ItemState[]>> = {
  asked: ['approved', 'refused'], approved: ['refused', 'surrendered'], refused: ['approved'], surrendered: ['returned'], returned: ['surrendered'],
};

/** A device goes in and out; people and tools are approved or refused. */
export function refuseVetting(visit: VisitState, item: ItemFacts, to: ItemState, reason: string): void {
  refuseOver(visit);
  const isCustody = to === 'surrendered' || to === 'returned';
  if (!next[item.state].includes(to) || (isCustody && item.kind !== 'device')) {
    throw new Refusal('conflict', 'visit.item-state', 'That does not follow from what was noted of it before.');
  }
  if (to === 'refused' && reason === '') throw new Refusal('invalid', 'visit.reason', 'What is refused is refused with a reason.', { at: 'reason' });
}

export interface Beginning {
  readonly visit: VisitFacts;
  readonly items: readonly ItemFacts[];
  readonly person: string;
  readonly tools: readonly { readonly name: string; readonly sha256: string }[];
  readonly today: string;
  /** Whether a room is booked for the visit today. */
  readonly hasRoom: boolean;
}

/** A sitting begins within the agreed days, by somebody approved, with approved tools as they were approved, and on site without devices. */
export function refuseBeginning({ visit, items, person, tools, today, hasRoom }: Beginning): void {
  if (visit.state !== 'agreed') throw new Refusal('conflict', 'visit.not-agreed', 'The provider has not agreed to this visit, or it is over.');
  if (today < visit.from_day || today > visit.to_day) {
    throw new Refusal('conflict', 'visit.not-today', 'The visit was agreed for other days.', { hint: `From ${visit.from_day} to ${visit.to_day}.` });
  }
  if (!items.some((i) => i.kind === 'person' && i.ref === person && i.state === 'approved')) {
    throw new Refusal('forbidden', 'visit.person-not-approved', 'The provider has not approved you for this visit.');
  }
  tools.forEach((tool, i) => {
    const known = items.find((item) => item.kind === 'tool' && item.ref === tool.sha256);
    if (known?.state !== 'approved') {
      const named = items.some((item) => item.kind === 'tool' && item.name === tool.name && item.state === 'approved');
      throw new Refusal('forbidden', named ? 'visit.tool-changed' : 'visit.tool-not-approved',
        named ? 'This tool is not the file that was approved.' : 'This tool was not approved.', { at: `tools.${i}` });
    }
  });
  if (visit.mode !== 'on-site') return;
  if (!hasRoom) throw new Refusal('conflict', 'visit.no-room', 'No room is booked for this visit today.');
  if (items.some((i) => i.kind === 'device' && i.state !== 'surrendered')) {
    throw new Refusal('conflict', 'visit.device-not-surrendered', 'Each device of the visit is handed in before a sitting begins.');
  }
}

/** Traffic is compared in a visit that goes on, by somebody whom the provider approved; the machine stands in one's own laboratory, so on any day. */
export function refuseComparing(state: VisitState, items: readonly ItemFacts[], person: string): void {
  if (state !== 'agreed') throw new Refusal('conflict', 'visit.not-agreed', 'The provider has not agreed to this visit, or it is over.');
  if (!items.some((i) => i.kind === 'person' && i.ref === person && i.state === 'approved')) {
    throw new Refusal('forbidden', 'visit.person-not-approved', 'The provider has not approved you for this visit.');
  }
}

export interface Closing {
  readonly state: VisitState;
  readonly openReviews: number;
  readonly items: readonly ItemFacts[];
  readonly notesWaiting: number;
  readonly appealsWaiting: number;
  readonly copies: readonly { readonly what: string; readonly destroyed: boolean }[];
}

/** F12, F15: nothing is left open, in custody, uncleared, or alive. */
export function refuseClosing({ state, openReviews, items, notesWaiting, appealsWaiting, copies }: Closing): void {
  if (state !== 'agreed') throw new Refusal('conflict', 'visit.not-agreed', 'Only a visit that was agreed to is ended.');
  if (openReviews > 0) throw new Refusal('conflict', 'visit.review-open', 'A sitting is still open.', { hint: 'End it first.' });
  if (items.some((i) => i.state === 'surrendered')) {
    throw new Refusal('conflict', 'visit.device-in-custody', 'A device was handed in and not given back.', { hint: 'Note that it was given back.' });
  }
  if (notesWaiting > 0) throw new Refusal('conflict', 'visit.note-waiting', 'A note has not been cleared yet.');
  if (appealsWaiting > 0) throw new Refusal('conflict', 'visit.appeal-waiting', 'An appeal has not been decided yet.');
  const alive = copies.findIndex((copy) => !copy.destroyed);
  if (alive >= 0) throw new Refusal('conflict', 'visit.copy-alive', 'A copy has not been destroyed.', { at: `copies.${alive}` });
}

export function flagsOf(visit: Pick<VisitFacts, 'level' | 'mode'>, has: { readonly readFromAfar: boolean; readonly room: boolean;
  readonly items: readonly ItemFacts[] }) {
  const flags: (typeof visitFlags)[number][] = [];
  if (visit.level === 'black' && !has.readFromAfar) flags.push('without-review-from-afar');
  if (visit.mode === 'on-site' && !has.room) flags.push('without-room');
  if (has.items.some((i) => i.state === 'asked')) flags.push('unvetted');
  return flags;
}

/** When the provider may see what was read: so many days after the end. Null while the visit goes on. */
export const trailOpensAt = ({ closed_at, opens_after }: Pick<VisitFacts, 'closed_at' | 'opens_after'>): string | null =>
  (closed_at === null ? null : new Date(Date.parse(closed_at) + opens_after * dayMs).toISOString());

export interface Withheld { readonly from: number; readonly to: number; readonly reason: string }

/** A note with stubs where lines are withheld: each says how many and why, so that nothing goes without a trace. */
export function clearedText(text: string, withheld: readonly Withheld[]): string {
  const lines = text.split('\n');
  const inOrder = [...withheld].sort((a, b) => a.from - b.from);
  inOrder.forEach(({ from, to }, i) => {
    if (from > to || to > lines.length || from <= (inOrder[i - 1]?.to ?? 0)) {
      throw new Refusal('invalid', 'review-note.lines', 'What is withheld are lines of the note, each once.', { at: `withheld.${i}` });
    }
  });
  const out: string[] = [];
  let at = 1;
  for (const { from, to, reason } of inOrder) {
    out.push(...lines.slice(at - 1, from - 1), `[${to - from + 1} ${to === from ? 'line' : 'lines'} withheld: ${reason}]`);
    at = to + 1;
  }
  return [...out, ...lines.slice(at - 1)].join('\n');
}

export function flawState(flaw: FlawRowState, answered: boolean): 'committed' | 'disclosed' | 'answered' | 'closed' {
  if (flaw.closed_at !== null) return 'closed';
  if (answered) return 'answered';
  return flaw.disclosed_at === null ? 'committed' : 'disclosed';
}

/** Whether whoever is to act next has let its time pass. */
export function isLate(flaw: FlawRowState, answered: boolean, now: string): boolean {
  const state = flawState(flaw, answered);
  if (state === 'committed') return Date.parse(flaw.disclose_by) <= Date.parse(now);
  return state === 'disclosed' && flaw.answer_by !== null && Date.parse(flaw.answer_by) <= Date.parse(now);
}
