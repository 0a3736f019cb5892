/**
 * What an observer hands in. Signature, number, hour and clock are checked before a word of it counts; then run, alarms and fact are one
 * transaction: if we crash before its commit nothing was handed in, and the observer sends the same again. What others saw is read and
 * alarms are written by the hub, after the decision’s yes.
 */
import { createHash } from 'node:crypto';
import { canonicalText } from '#kit/canonical/canonical';
import type { Envelope } from '#kit/attest/dsse';
import { fromBase64 } from '#kit/encoding';
import type { Actions, Actor } from '#kit/endpoint';
import { nodeVerifying } from '#kit/hash/node';
import { Refusal } from '#kit/refusal';
import { clockBeside, clockToleranceMs, openObservation, type Observation } from '#kit/watch/observation';
import { readView, type View } from '#kit/watch/view';
import type { Queryable } from '#world/db/port';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import type { watchApi } from '../api.ts';
import { channelWithin } from '../gate.ts';
import type { WatchParts } from '../parts.ts';
import {
  lockedChannel, noteClock, noteHeard, observerByKey, observersNamed, watchedChannels, type ChannelRecord, type ObserverRecord,
} from '../store/channels.ts';
import { currentRuns, insertRun, keepView, lastReadable, lengthenRun, viewsOf, viewTextOf, type RunRecord } from '../store/runs.ts';
import { lastingAlarms } from '../store/alarms.ts';
import { wantedOf } from './bytes.ts';
import { raiseByClock, raiseChanges, raiseSplits, type Standpoint } from './raising.ts';

type All = Actions<typeof watchApi>;
/** Handed in later than this after the look, it counts as late. */
const lateMs = 10 * 60_000;

export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const recording = (parts: WatchParts): Pick<All, 'observations.record'> => ({
  'observations.record': async ({ channel: id, envelope, view: text, sent }, caller) => {
    const { channel } = await channelWithin(parts, caller, id);
    if (channel.endedAt !== null) throw new Refusal('conflict', 'update-channel.ended', 'This channel has ended: nothing more is taken in of it.');
    const { observer, observation } = await signedBy(parts, caller.actor, envelope);
    refuseElsewhere(channel, observation);
    await refuseClock(parts, observer, observation, sent);
    const view = text === undefined ? null : viewFrom(channel, observation, text);
    const alarms = await asHub('an observation beside those of others', () => parts.db.transaction((tx) => record(parts, tx, {
      channel: id, actor: caller.actor, observer, observation, envelope, text: text ?? null, view,
    })));
    return { number: observation.number, view: observation.view, alarms, wanted: await wantedOf(parts.db, [id]) };
  },
});

async function signedBy({ db }: WatchParts, actor: Actor, envelope: Envelope): Promise<{ observer: ObserverRecord; observation: Observation }> {
  const observer = await observerByKey(db, actor.org, envelope.signatures[0]?.keyid ?? '');
  if (!observer || observer.endedAt !== null) {
    throw new Refusal('forbidden', 'observation.unknown-observer', 'No observer of yours has a key of that name.', { at: 'envelope.signatures[0].keyid' });
  }
  const opened = await openObservation(nodeVerifying, envelope, { name: observer.keyid, publicKey: fromBase64(observer.publicKey) ?? new Uint8Array() });
  if ('why' in opened) {
    throw new Refusal('forbidden', 'observation.not-signed', 'It is not signed by that observer.', { at: 'envelope',
      hint: `The check said: ${opened.why}.` });
  }
  return { observer, observation: opened.observation };
}

function refuseElsewhere(channel: ChannelRecord, { channel: of, url }: Observation): void {
  if (of !== channel.id) throw new Refusal('invalid', 'observation.other-channel', 'It was signed for another channel.', { at: 'envelope.payload' });
  if (url !== channel.url) throw new Refusal('invalid', 'observation.other-address', 'It is of another address than the channel’s.',
    { at: 'envelope.payload' });
}

/** The clock with which it was sent stands beside ours; by how much it was wrong stays with the observer, whatever becomes of this. */
async function refuseClock({ db, clock }: WatchParts, observer: ObserverRecord, { at }: Observation, sent: string): Promise<void> {
  const reading = clockBeside(sent, clock.now());
  const skew = Math.round(reading.ms ?? 0);
  await noteClock(db, observer.id, skew);
  if (reading.state === 'ahead' || reading.state === 'behind') {
    throw new Refusal('conflict', 'observer.clock-wrong', `The observer’s clock is ${Math.round(Math.abs(skew) / 1000)} seconds ${reading.state}.`, {
      at: 'sent', hint: `It may be ${clockToleranceMs / 1000} seconds wrong; set it, and look again.`,
    });
  }
  if (Date.parse(at) > clock.now() + clockToleranceMs) {
    throw new Refusal('conflict', 'observation.of-the-future', 'It was made at an hour that is yet to come.', { at: 'envelope.payload' });
  }
}

function viewFrom(channel: ChannelRecord, { view: digest }: Observation, text: string): View {
  if (sha256(text) !== digest) throw new Refusal('invalid', 'observation.other-view', 'The view is not the one that was signed.', { at: 'view' });
  const read = readView(text);
  if ('why' in read) throw new Refusal('invalid', 'observation.view-form', 'This is no view.', { at: 'view', hint: read.why });
  if (read.view.format !== channel.format) throw new Refusal('invalid', 'observation.view-form', 'It is a view of a manifest of another form.',
    { at: 'view' });
  return read.view;
}

interface HandedIn {
  readonly channel: string; readonly actor: Actor; readonly observer: ObserverRecord; readonly observation: Observation; readonly envelope: Envelope;
  readonly text: string | null; readonly view: View | null;
}

async function record(parts: WatchParts, tx: Queryable, given: HandedIn): Promise<string[]> {
  const { observer, observation, envelope, actor } = given;
  const channel = await lockedChannel(tx, given.channel);
  if (!channel || channel.endedAt !== null) throw new Refusal('conflict', 'update-channel.ended',
    'This channel has ended: nothing more is taken in of it.');
  const runs = await currentRuns(tx, [channel.id]);
  const before = runs.find((r) => r.observer === observer.id) ?? null;
  refuseOutOfOrder(before, observation);
  const view = given.view ?? await heldView(tx, channel.id, observation.view);
  if (given.text !== null) await keepView(tx, channel.id, observation.view, given.text);
  const last = before?.readable === false ? await lastReadable(tx, channel.id, observer.id) : before;
  const run = await writeRun(parts, tx, given, before, view);
  await noteHeard(tx, observer.id, parts.clock.iso());
  await stateFact(tx, {
    class: 'observation.recorded', at: parts.clock.iso(), actor: actor.person, org: actor.org, subject: observer.id, readers: [channel.scope], clauses: [],
    body: {
      channel: channel.id, observer: observer.id, keyid: observer.keyid, number: observation.number, at: observation.at, view: observation.view,
      envelope: sha256(canonicalText(envelope)), same: before?.view === observation.view,
    },
  });
  const others = runs.filter((r) => r.observer !== observer.id);
  const now = [...others, run];
  // Nothing new, and nobody sees anything else: most looks end here.
  if (before?.view === observation.view && others.every((r) => r.view === run.view)) {
    if ((await lastingAlarms(tx, channel.id)).length > 0) await raiseByClock(parts, tx, channel, await standpointsOf(tx, now), new Map([[run.view, view]]));
    return [];
  }
  const views = await viewsOf(tx, [...now, ...last ? [last] : []]);
  const standpoints = await standpointsOf(tx, now);
  const readers = [...new Set(now.map((r) => r.org))];
  const was = last ? views.get(last.view) : undefined;
  const changes = before?.view === run.view ? [] : await raiseChanges(
    parts, tx, channel, last && was ? { run: last, observer, view: was } : null, { run, observer, view }, readers,
  );
  const splits = await raiseSplits(parts, tx, channel, standpoints, views);
  await raiseByClock(parts, tx, channel, standpoints, views);
  return [...changes, ...splits];
}

function refuseOutOfOrder(before: RunRecord | null, { number, at }: Observation): void {
  if (before === null) return;
  if (number <= before.number) {
    throw new Refusal('conflict', 'observation.replayed', 'An observation of this number, or a later one, was taken already.', {
      hint: `The last was number ${before.number}.`,
    });
  }
  if (Date.parse(at) < Date.parse(before.toAt)) {
    throw new Refusal('conflict', 'observation.out-of-order', 'It was made before one that was taken already.');
  }
}

async function heldView(tx: Queryable, channel: string, digest: string): Promise<View> {
  const text = await viewTextOf(tx, channel, digest);
  if (text === null) throw new Refusal('conflict', 'observation.view-wanted', 'The hub does not hold that view; send it with the observation.',
    { at: 'view' });
  return JSON.parse(text) as View;
}

async function writeRun(parts: WatchParts, tx: Queryable, { channel, actor, observer, observation, envelope }: HandedIn,
  before: RunRecord | null, view: View): Promise<RunRecord> {
  const heardAt = parts.clock.iso();
  const look = {
    toAt: new Date(observation.at).toISOString(), number: observation.number, last: envelope, heardAt,
    late: parts.clock.now() - Date.parse(observation.at) > lateMs,
    servedMs: observation.served === null ? null : clockBeside(observation.at, Date.parse(observation.served)).ms,
  };
  if (before?.view === observation.view) {
    await lengthenRun(tx, { id: before.id, ...look });
    return { ...before, ...look, looks: before.looks + 1 };
  }
  const run: RunRecord = {
    ...look, id: parts.ids.next('run'), channel, observer: observer.id, org: actor.org, view: observation.view, fromAt: look.toAt, looks: 1,
      first: envelope,
    current: true, readable: view.listing !== null,
  };
  await insertRun(tx, run);
  return run;
}

export async function standpointsOf(q: Queryable, runs: readonly RunRecord[]): Promise<Standpoint[]> {
  const observers = new Map((await observersNamed(q, runs.map((r) => r.observer))).map((o) => [o.id, o]));
  return runs.flatMap((run) => {
    const observer = observers.get(run.observer);
    return observer ? [{ run, observer }] : [];
  });
}

/** One round of what the clock does: observers that fell silent, manifests past their hour, and splits that a crash left unsaid. */
export async function tendChannels(parts: WatchParts): Promise<void> {
  for (const { id } of await watchedChannels(parts.db)) {
    await parts.db.transaction(async (tx) => {
      const channel = await lockedChannel(tx, id);
      if (!channel || channel.endedAt !== null) return;
      const runs = await currentRuns(tx, [id]);
      const [standpoints, views] = [await standpointsOf(tx, runs), await viewsOf(tx, runs)];
      await raiseSplits(parts, tx, channel, standpoints, views);
      await raiseByClock(parts, tx, channel, standpoints, views);
    });
  }
}
