/** Channels, runs and alarms as they are answered: what was stored, with names, and what follows from it at this hour. */
import type { z } from 'zod';
import { clockBeside } from '#kit/watch/observation';
import type { View } from '#kit/watch/view';
import type { Queryable } from '#world/db/port';
import { organisationsById } from '#modules/parties/index';
import type { ReachedChannel } from '../gate.ts';
import type { Alarm, Channel, Observer, Run, Word } from '../model.ts';
import type { WatchParts } from '../parts.ts';
import { behindOf, isFresh, mostServed, placeOf, servedWord, stateOf } from '../rules.ts';
import { alarmsOf, wordsOn, type AlarmRecord } from '../store/alarms.ts';
import { observersNamed, type ObserverRecord } from '../store/channels.ts';
import { currentRuns, viewsOf, type RunRecord } from '../store/runs.ts';

type Parts = Pick<WatchParts, 'db' | 'clock'>;

interface Whose { readonly org: string | null; readonly orgName: string | null }
const nobody: Whose = { org: null, orgName: null };

/** Organisations that the reader knows, asked for at once; of others it is told nothing. */
export async function whoseOf(q: Queryable, orgs: readonly string[]): Promise<(org: string) => Whose> {
  const known = await organisationsById(q, orgs);
  return (org) => {
    const found = known.get(org);
    return found ? { org, orgName: found.name } : nobody;
  };
}

/** What is known of channels at this hour. */
interface Situation {
  readonly runs: readonly RunRecord[];
  readonly observers: ReadonlyMap<string, ObserverRecord>;
  readonly views: ReadonlyMap<string, View>;
}

async function situationOf(q: Queryable, runs: readonly RunRecord[]): Promise<Situation> {
  const observers = await observersNamed(q, runs.map((r) => r.observer));
  return { runs, observers: new Map(observers.map((o) => [o.id, o])), views: await viewsOf(q, runs) };
}

/** Looks that count now: of observers that go on, and that were heard of lately. */
function countedIn({ runs, observers }: Situation, { channel }: Pick<ReachedChannel, 'channel'>, nowMs: number) {
  return runs.filter((r) => r.channel === channel.id && observers.get(r.observer)?.endedAt === null && isFresh(r, channel.silentMinutes, nowMs))
    .map((r) => ({ view: r.view, place: placeOf(observers.get(r.observer) ?? { country: '', network: null }), heardAt: r.heardAt }));
}

export async function channelsShown(parts: Parts, found: readonly ReachedChannel[], org: string): Promise<z.infer<typeof Channel>[]> {
  const ids = found.map((f) => f.channel.id);
  const situation = await situationOf(parts.db, await currentRuns(parts.db, ids));
  const alarms = await alarmsOf(parts.db, ids, 10_000);
  const whose = await whoseOf(parts.db, found.map((f) => f.channel.scope));
  return found.map(({ channel: c, product }) => {
    const runs = situation.runs.filter((r) => r.channel === c.id);
    const counted = countedIn(situation, { channel: c }, parts.clock.now());
    const serves = servedWord(situation.views.get(mostServed(counted) ?? ''));
    const openAlarms = alarms.filter((a) => a.channel === c.id && stateOf(a) === 'open').length;
    const heard = runs.map((r) => r.heardAt).sort().at(-1) ?? null;
    return {
      id: c.id, product: c.product, productName: product.name, owner: c.scope, ownerName: whose(c.scope).orgName ?? c.scope, mine: c.scope === org,
        name: c.name,
      open: product.open, url: c.url,
      format: c.format, settleMinutes: c.settleMinutes, silentMinutes: c.silentMinutes, createdAt: c.createdAt, endedAt: c.endedAt,
      state: c.endedAt !== null ? 'ended' : openAlarms > 0 ? 'alarm' : counted.length === 0 ? 'unwatched' : 'equal',
      observers: runs.length, places: new Set(counted.map((r) => r.place)).size, lastAt: heard, serves, behind: behindOf(product.releases, serves),
        openAlarms,
    };
  });
}

export async function runsShown(parts: Parts, reached: ReachedChannel, runs: readonly RunRecord[]): Promise<z.infer<typeof Run>[]> {
  const current = await currentRuns(parts.db, [reached.channel.id]);
  const now = await situationOf(parts.db, current);
  const { observers, views } = await situationOf(parts.db, runs);
  const most = mostServed(countedIn(now, reached, parts.clock.now()));
  const whose = await whoseOf(parts.db, runs.map((r) => r.org));
  return runs.flatMap((r) => {
    const [observer, view] = [observers.get(r.observer), views.get(r.view)];
    if (!observer || !view) return [];
    const serves = servedWord(view);
    return [{
      id: r.id, observer: r.observer, observerName: nameFor(observer, whose(r.org)), ...whose(r.org), country: observer.country,
        network: observer.network, view: r.view, from: r.fromAt,
      to: r.toAt, looks: r.looks, current: r.current, late: r.late, served: clockState(r.servedMs), status: view.manifest.status, fault: view.fault,
      manifest: view.manifest.sha256, serves, behind: behindOf(reached.product.releases, serves), asMost: r.view === most, files: view.files.length,
    }];
  });
}

/** What an observer is called: by whom its organisation is known. */
export const nameFor = ({ name }: Pick<ObserverRecord, 'name'>, { org }: Whose): string | null => (org === null ? null : name);

/** Of a difference in milliseconds. */
export const clockState = (ms: number | null) => (ms === null ? 'unknown' : clockBeside(new Date(ms).toISOString(), 0).state);

export async function alarmsShown(q: Queryable, found: readonly (Pick<ReachedChannel, 'channel' | 'product'> & { readonly alarm: AlarmRecord })[]):
Promise<z.infer<typeof Alarm>[]> {
  const whose = await whoseOf(q, found.map((f) => f.channel.scope));
  return found.map(({ alarm: a, channel, product }) => ({
    id: a.id, channel: channel.id, channelName: channel.name, product: channel.product, productName: product.name, owner: channel.scope,
    ownerName: whose(channel.scope).orgName ?? channel.scope, open: product.open, kind: a.kind, name: a.name, version: a.version, detail: a.detail,
      places: [...a.places], rest: [...a.rest], region: a.region,
    raisedAt: a.raisedAt, lastAt: a.lastAt, overAt: a.overAt, times: a.times, state: stateOf(a),
  }));
}

export async function wordsShown(q: Queryable, alarm: string): Promise<z.infer<typeof Word>[]> {
  const words = await wordsOn(q, alarm);
  const whose = await whoseOf(q, words.map((w) => w.org));
  return words.map(({ kind, org, text, at }) => ({ kind, ...whose(org), text, at }));
}

export async function observersShown(
  q: Queryable, found: readonly ObserverRecord[], watched: ReadonlyMap<string, number>, org: string,
): Promise<z.infer<typeof Observer>[]> {
  const whose = await whoseOf(q, found.map((o) => o.org));
  return found.map((o) => ({
    id: o.id, ...whose(o.org), mine: o.org === org, name: nameFor(o, whose(o.org)), country: o.country, network: o.network, keyid: o.keyid,
    publicKey: o.publicKey, registeredAt: o.registeredAt, endedAt: o.endedAt, lastAt: o.lastAt, skewMs: o.skewMs, clock: clockState(o.skewMs),
    channels: watched.get(o.id) ?? 0,
  }));
}
