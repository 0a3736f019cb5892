/**
 * Alarms are raised, go on and are over within the transaction in which what they rest on was written, so that there is never the one
 * without the other. An alarm that goes on is not raised again: whoever sees it too is added to it.
 */
import type { Envelope } from '#kit/attest/dsse';
import { findingsBetween, findingsIn, type Finding } from '#kit/watch/changes';
import { splitsOf, type Run, type Split } from '#kit/watch/split';
import type { View } from '#kit/watch/view';
import type { Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import { lastingKinds, type AlarmKind } from '../model.ts';
import type { WatchParts } from '../parts.ts';
import { isFresh, placeOf, servedWord } from '../rules.ts';
import { goingOn, insertAlarm, lastingAlarms, noteOver, seenAgain, type AlarmRecord, type KeptEvidence } from '../store/alarms.ts';
import type { ChannelRecord, ObserverRecord } from '../store/channels.ts';
import type { RunRecord } from '../store/runs.ts';

type Raising = Pick<WatchParts, 'clock' | 'ids'>;
type Raised = Pick<AlarmRecord, 'kind' | 'key' | 'name' | 'version' | 'detail' | 'places' | 'rest' | 'region' | 'evidence'>;

/** So many of each side are kept: more say nothing more. */
const mostEvidence = 20;

/** The id of the alarm where it is new. */
async function raise(parts: Raising, tx: Queryable, channel: ChannelRecord, raised: Raised, readers: readonly string[]): Promise<string | null> {
  const at = parts.clock.iso();
  const orgs = [...new Set(raised.evidence.map((e) => e.org))].sort();
  const known = await goingOn(tx, channel.id, raised.kind, raised.key);
  if (known) {
    const more = raised.evidence.filter((e) => !known.evidence.some((k) => k.observer === e.observer && k.side === e.side));
    // What lasts is looked at each minute; only what is new of it is written.
    if (more.length === 0 && lastingKinds.includes(raised.kind)) return null;
    await seenAgain(tx, {
      id: known.id, lastAt: at, places: [...new Set([...known.places, ...raised.places])].sort(), orgs: [...new Set([...known.orgs, ...orgs])].sort(),
      evidence: [...known.evidence, ...more].slice(0, 2 * mostEvidence),
    });
    return null;
  }
  const alarm: AlarmRecord = {
    ...raised, id: parts.ids.next('cal'), channel: channel.id, scope: channel.scope, orgs, raisedAt: at, lastAt: at, overAt: null, times: 1,
      explainedAt: null,
    closedAt: null,
  };
  await insertAlarm(tx, alarm);
  await stateFact(tx, {
    class: 'channel-alarm.raised', at, actor: 'system', org: channel.scope, subject: alarm.id, readers: [...new Set([...orgs, ...readers])], clauses: [],
    body: {
      alarm: alarm.id, channel: channel.id, product: channel.product, kind: alarm.kind, name: alarm.name, version: alarm.version, detail: alarm.detail,
      places: [...alarm.places], rest: [...alarm.rest], region: alarm.region === null ? null : { from: alarm.region.from, to: alarm.region.to },
      views: alarm.evidence.map(({ side, place, view }) => ({ side, place, view })),
    },
  });
  return alarm.id;
}

export interface Standpoint { readonly run: RunRecord; readonly observer: ObserverRecord }

const evidenceOf = (side: KeptEvidence['side'], { run, observer }: Standpoint, envelopes: readonly Envelope[] = wordsOf(run)): KeptEvidence => ({
  side, observer: observer.id, org: run.org, place: placeOf(observer), view: run.view, from: run.fromAt, to: run.toAt, envelopes,
});
const wordsOf = ({ first, last, looks }: RunRecord): Envelope[] => (looks === 1 ? [first] : [first, last]);

/** What one observer's new view shows by itself and beside the one before. */
export async function raiseChanges(
  parts: Raising, tx: Queryable, channel: ChannelRecord, before: (Standpoint & { readonly view: View }) | null, after: Standpoint & { readonly view: View },
  readers: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  const findings = [...findingsIn(after.view), ...before ? findingsBetween(before.view, after.view) : []];
  for (const finding of findings.slice(0, 50)) {
    const evidence = [...before ? [evidenceOf('before', before)] : [], evidenceOf('after', after)];
    const id = await raise(parts, tx, channel, { ...alarmOf(finding), places: [placeOf(after.observer)], rest: [], evidence }, readers);
    if (id !== null) found.push(id);
  }
  return found;
}

function alarmOf(finding: Finding): Pick<Raised, 'kind' | 'key' | 'name' | 'version' | 'detail' | 'region'> {
  const about = (kind: AlarmKind, version: string | null, detail: string | null, region: Raised['region'] = null) =>
    ({ kind, key: JSON.stringify([finding.name, version, detail]), name: finding.name, version, detail, region });
  if (finding.kind === 'rolled-back') return about('rolled-back', finding.from, finding.to);
  if (finding.kind === 'withdrawn') return about('withdrawn', finding.version, finding.why);
  return about(finding.kind, finding.version, null, finding.kind === 'replaced' ? finding.region : null);
}

const asRun = ({ run, observer }: Standpoint): Run => ({
  observer: observer.id, place: placeOf(observer), view: run.view, from: Date.parse(run.fromAt), to: Date.parse(run.toAt),
});

/** Compares what everybody is served now; what was split and is not any more is over. */
export async function raiseSplits(
  parts: Raising, tx: Queryable, channel: ChannelRecord, standpoints: readonly Standpoint[], views: ReadonlyMap<string, View>,
): Promise<string[]> {
  const now = parts.clock.now();
  const fresh = standpoints.filter(({ run, observer }) => observer.endedAt === null && isFresh(run, channel.silentMinutes, now));
  const splits = splitsOf(fresh.map(asRun), views, channel.settleMinutes * 60_000);
  const keys = new Set<string>();
  const readers = [...new Set(standpoints.map(({ run }) => run.org))];
  const found: string[] = [];
  for (const split of splits) {
    const raised = splitAlarm(split, fresh);
    keys.add(raised.key);
    const id = await raise(parts, tx, channel, raised, readers);
    if (id !== null) found.push(id);
  }
  await endThose(parts, tx, channel, 'split', keys);
  return found;
}

function splitAlarm({ odd, rest, name, version, region, why }: Split, standpoints: readonly Standpoint[]): Raised {
  const side = (which: 'odd' | 'rest', runs: readonly Run[]): KeptEvidence[] => runs.slice(0, mostEvidence).flatMap((r) => {
    const standpoint = standpoints.find((s) => s.observer.id === r.observer);
    return standpoint ? [evidenceOf(which, standpoint)] : [];
  });
  const places = (runs: readonly Run[]): string[] => [...new Set(runs.map((r) => r.place))].sort();
  return {
    kind: 'split', key: JSON.stringify([name, version, places(odd)]), name, version, detail: why, places: places(odd), rest: places(rest), region,
    evidence: [...side('odd', odd), ...side('rest', rest)],
  };
}

/** Observers that fell silent, and a manifest that is served past its own hour. */
export async function raiseByClock(
  parts: Raising, tx: Queryable, channel: ChannelRecord, standpoints: readonly Standpoint[], views: ReadonlyMap<string, View>,
): Promise<void> {
  const now = parts.clock.now();
  const readers = [...new Set(standpoints.map(({ run }) => run.org))];
  const keys = { silent: new Set<string>(), stale: new Set<string>() };
  for (const standpoint of standpoints.filter(({ observer }) => observer.endedAt === null)) {
    const { run, observer } = standpoint;
    const about = { version: null, detail: null, rest: [], region: null, places: [placeOf(observer)] };
    if (!isFresh(run, channel.silentMinutes, now)) {
      keys.silent.add(observer.id);
      await raise(parts, tx, channel, { ...about, kind: 'silent', key: observer.id, name: placeOf(observer),
        evidence: [evidenceOf('before', standpoint)] }, readers);
      continue;
    }
    const view = views.get(run.view);
    const expires = view?.position.expires ?? null;
    if (expires === null || Date.parse(expires) >= now) continue;
    const key = JSON.stringify([expires]);
    keys.stale.add(key);
    await raise(parts, tx, channel, {
      ...about, kind: 'stale', key, name: 'manifest', version: servedWord(view), detail: expires, evidence: [evidenceOf('after', standpoint)],
    }, readers);
  }
  await endThose(parts, tx, channel, 'silent', keys.silent);
  await endThose(parts, tx, channel, 'stale', keys.stale);
}

async function endThose({ clock }: Raising, tx: Queryable, channel: ChannelRecord, kind: AlarmKind, still: ReadonlySet<string>): Promise<void> {
  for (const alarm of await lastingAlarms(tx, channel.id)) {
    if (alarm.kind === kind && !still.has(alarm.key)) await noteOver(tx, alarm.id, clock.iso());
  }
}
