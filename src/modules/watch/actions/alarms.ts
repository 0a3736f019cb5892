/** Alarms: read with their evidence, explained by the steward, closed by whoever observed. Each word stays. */
import type { z } from 'zod';
import type { Actions, Actor } from '#kit/endpoint';
import { noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import { ownProduct } from '#modules/catalogue/index';
import { givesRight } from '#modules/parties/index';
import type { watchApi } from '../api.ts';
import { alarmWithin, channelsWithin, type ReachedAlarm } from '../gate.ts';
import type { Evidence } from '../model.ts';
import type { WatchParts } from '../parts.ts';
import { isObserverSide, refuseClosed, refuseClosing, stateOf } from '../rules.ts';
import { alarmById, alarmsOf, sayWord, type AlarmRecord, type WordRecord } from '../store/alarms.ts';
import { channelById, observersNamed } from '../store/channels.ts';
import { bytesOf } from './bytes.ts';
import { alarmsShown, nameFor, whoseOf, wordsShown } from './shown.ts';

type All = Actions<typeof watchApi>;
const mostListed = 200;

export const alarmActs = (parts: WatchParts): Pick<All, `channel-alarms.${'list' | 'view' | 'explain' | 'close'}`> => ({
  'channel-alarms.list': async ({ only, channel: of }, caller) => {
    const { channels } = await channelsWithin(parts, caller);
    const byId = new Map(channels.map((c) => [c.channel.id, c]));
    const ids = [...byId.keys()].filter((id) => of === undefined || id === of);
    const all = await alarmsOf(parts.db, ids, 10_000);
    const wanted = all.filter((a) => only === undefined || stateOf(a) === only);
    return {
      items: await alarmsShown(parts.db, wanted.slice(0, mostListed).flatMap((alarm) => {
        const reached = byId.get(alarm.channel);
        return reached ? [{ ...reached, alarm }] : [];
      })),
      open: all.filter((a) => stateOf(a) === 'open').length, leftOff: wanted.length > mostListed,
    };
  },
  'channel-alarms.view': async ({ alarm: id }, caller) => {
    const reached = await alarmWithin(parts, caller, id);
    const { alarm } = reached;
    const { org, roles } = caller.actor;
    const open = alarm.closedAt === null;
    return {
      ...await answered(parts, reached), evidence: await evidenceShown(parts.db, alarm), ...await bytesOf(parts.db, alarm),
      mayExplain: open && alarm.scope === org && givesRight(roles, 'channel-alarm.explain'),
      mayClose: open && isObserverSide(alarm, org) && givesRight(roles, 'channel-alarm.close'),
    };
  },
  'channel-alarms.explain': async ({ alarm: id, text }, { actor }) => {
    const alarm = await alarmById(parts.db, id);
    const channel = alarm?.scope === actor.org ? await channelById(parts.db, alarm.channel) : null;
    const product = channel ? await ownProduct(parts.db, actor.org, channel.product) : null;
    if (!alarm || !channel || !product) throw noSuch('channel-alarm');
    refuseClosed(alarm);
    await say(parts, actor, alarm, 'explained', text);
    return answered(parts, { alarm: await again(parts.db, id), channel, product });
  },
  'channel-alarms.close': async ({ alarm: id, text }, caller) => {
    const reached = await alarmWithin(parts, caller, id);
    refuseClosing(reached.alarm, caller.actor.org);
    await say(parts, caller.actor, reached.alarm, 'closed', text);
    return answered(parts, { ...reached, alarm: await again(parts.db, id) });
  },
});

async function answered({ db }: WatchParts, reached: ReachedAlarm) {
  const [alarm] = await alarmsShown(db, [reached]);
  if (!alarm) throw new Error('what was found is shown');
  return { alarm, words: await wordsShown(db, reached.alarm.id) };
}

async function again(q: Queryable, id: string): Promise<AlarmRecord> {
  const alarm = await alarmById(q, id);
  if (!alarm) throw noSuch('channel-alarm');
  return alarm;
}

/** A word stands beside an alarm that others wrote: after the gate’s yes it is the hub’s work. */
async function say({ db, clock, ids }: WatchParts, actor: Actor, alarm: AlarmRecord, kind: WordRecord['kind'], text: string): Promise<void> {
  const at = clock.iso();
  await asHub('a word on an alarm', () => db.transaction(async (tx) => {
    if (!await sayWord(tx, { id: ids.next('wrd'), alarm: alarm.id, org: actor.org, person: actor.person, kind, text, at })) refuseClosed({ closedAt: at });
    await stateFact(tx, {
      class: `channel-alarm.${kind}`, at, actor: actor.person, org: actor.org, subject: alarm.id, readers: [...new Set([alarm.scope, ...alarm.orgs])],
      clauses: [], body: { alarm: alarm.id, text },
    });
  }));
}

async function evidenceShown(q: Queryable, alarm: AlarmRecord): Promise<z.infer<typeof Evidence>[]> {
  const observers = new Map((await observersNamed(q, alarm.evidence.map((e) => e.observer))).map((o) => [o.id, o]));
  const whose = await whoseOf(q, alarm.evidence.map((e) => e.org));
  return alarm.evidence.flatMap((e) => {
    const observer = observers.get(e.observer);
    return observer ? [{
      side: e.side, observer: e.observer, observerName: nameFor(observer, whose(e.org)), ...whose(e.org), place: e.place, keyid: observer.keyid,
      publicKey: observer.publicKey, view: e.view, from: e.from, to: e.to, envelopes: e.envelopes.map((x) => JSON.stringify(x)),
    }] : [];
  });
}
