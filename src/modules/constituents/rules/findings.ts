/**
 * The life of a finding. Open until observation says otherwise: seen again it is open again, whatever was said; absent for
 * three cycles of a feed that did report it is closed; an exception holds until its end. Pure.
 */
import { Refusal } from '#kit/refusal';
import type { Finding, FindingStep } from '../model/notices.ts';

const dayMs = 86_400_000;
/** Cycles of the feed without it after which it counts as gone. */
export const cyclesGone = 3;
/** Longest exception, and the longest where the problem is critical. */
const exceptionDays = 180;
const criticalDays = 30;

export interface Changed {
  readonly finding: Finding;
  readonly step: FindingStep | null;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** Seen at a time (first and last of the new sightings, milliseconds). A late row of before the word reopens nothing. */
export function seen(finding: Finding, sighting: { first: number; last: number; events: number }, now: string): Changed {
  const wider = {
    ...finding, events: finding.events + sighting.events,
    first: iso(Math.min(Date.parse(finding.first), sighting.first)), last: iso(Math.max(Date.parse(finding.last), sighting.last)),
  };
  // What was said or shown to be gone is spoken against by what was seen after that word and after the last sighting.
  const gone = finding.state === 'closed' || finding.state === 'said-fixed';
  const after = Math.max(finding.state === 'closed' ? Date.parse(finding.last) : 0, Date.parse(finding.saidFixedAt ?? '1970-01-01'));
  const newer = sighting.last > Date.parse(finding.last);
  const absentCycles = newer ? 0 : finding.absentCycles;
  if (!gone || sighting.last <= after) return { finding: { ...wider, absentCycles }, step: null };
  return {
    finding: {
      ...wider, state: 'open', closedAt: null, absentCycles: 0, reopened: finding.reopened + 1, reopenedAt: iso(sighting.last),
    },
    step: { at: iso(sighting.last), what: 'seen-again', by: 'observation', note: `recorded ${now}` },
  };
}

/** One cycle of its feed went by without it. */
export function absent(finding: Finding, now: string): Changed {
  const absentCycles = finding.absentCycles + 1;
  if (finding.state === 'closed' || absentCycles < cyclesGone) return { finding: { ...finding, absentCycles }, step: null };
  return {
    finding: { ...finding, absentCycles, state: 'closed', closedAt: now, exceptedUntil: null },
    step: { at: now, what: 'closed', by: 'observation', note: `not seen in ${absentCycles} cycles` },
  };
}

export function acknowledge(finding: Finding, by: string, now: string): Changed {
  if (finding.state !== 'open') return { finding, step: null };
  return { finding: { ...finding, state: 'acknowledged' }, step: { at: now, what: 'acknowledged', by, note: null } };
}

export function sayFixed(finding: Finding, by: string, now: string, note: string | null): Changed {
  if (finding.state === 'closed') throw new Refusal('conflict', 'finding.already-closed', 'Observation has closed this already.');
  if (finding.state === 'said-fixed') throw new Refusal('conflict', 'finding.already-said', 'You have said this already; it is being watched.');
  return {
    finding: { ...finding, state: 'said-fixed', saidFixedAt: now, exceptedUntil: null, exceptionReason: null, absentCycles: 0 },
    step: { at: now, what: 'said-fixed', by, note },
  };
}

export function except(finding: Finding, by: string, now: string, until: string, reason: string): Changed {
  if (finding.state === 'closed') throw new Refusal('conflict', 'finding.already-closed', 'Observation has closed this already.');
  const days = (Date.parse(until) - Date.parse(now)) / dayMs;
  const most = finding.severity === 'critical' ? criticalDays : exceptionDays;
  if (!(days > 0) || days > most) {
    throw new Refusal('invalid', 'finding.exception-term', `An exception ends, within ${most} days from now.`, { at: 'until' });
  }
  return {
    finding: { ...finding, state: 'excepted', exceptedUntil: until, exceptionReason: reason },
    step: { at: now, what: 'excepted', by, note: `until ${until}: ${reason}` },
  };
}

/** The owner says that there is nothing to it. It stands for the notice that it was said of; observation closes it, or asks again. */
export function dispute(finding: Finding, by: string, now: string, reason: string): Changed {
  if (finding.state === 'closed') throw new Refusal('conflict', 'finding.already-closed', 'Observation has closed this already.');
  if (finding.state === 'disputed') throw new Refusal('conflict', 'finding.already-disputed', 'You have said this already.');
  return {
    finding: { ...finding, state: 'disputed', exceptedUntil: null, exceptionReason: null },
    step: { at: now, what: 'disputed', by, note: reason },
  };
}

/** It is another notice that speaks of it now: what was disputed in the one before is asked again. */
export function toldAnew(finding: Finding, notice: string, now: string): Changed {
  const told = { ...finding, notice };
  if (finding.notice === notice || finding.state !== 'disputed') return { finding: told, step: null };
  return { finding: { ...told, state: 'open' }, step: { at: now, what: 'seen-again', by: 'observation', note: 'disputed before' } };
}

/** Its exception is over: open again. */
export function exceptionOver(finding: Finding, now: string): Changed {
  if (finding.state !== 'excepted' || finding.exceptedUntil === null || finding.exceptedUntil > now) return { finding, step: null };
  return {
    finding: { ...finding, state: 'open', exceptedUntil: null },
    step: { at: now, what: 'exception-ended', by: 'the clock', note: finding.exceptionReason },
  };
}
