/** Channels: published and ended by the steward, read by whoever may know of the product. */
import type { Actions } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { stateFact } from '#world/facts';
import { givesRight } from '#modules/parties/index';
import { ownProduct } from '#modules/catalogue/index';
import type { watchApi } from '../api.ts';
import { channelsWithin, channelWithin, type ReachedChannel } from '../gate.ts';
import type { WatchParts } from '../parts.ts';
import { alarmsOf } from '../store/alarms.ts';
import { channelById, endChannel, insertChannel, type ChannelRecord } from '../store/channels.ts';
import { currentRuns, runsBefore, viewTextOf } from '../store/runs.ts';
import { alarmsShown, channelsShown, runsShown } from './shown.ts';

type All = Actions<typeof watchApi>;
const perPage = 50;
const mostAlarms = 100;

export const channelActs = (parts: WatchParts): Pick<All, `update-channels.${'list' | 'publish' | 'end' | 'view' | 'timeline' | 'served'}`> => ({
  ...writing(parts), ...reading(parts),
});

function writing(parts: WatchParts): Pick<All, `update-channels.${'publish' | 'end'}`> {
  const { db, clock } = parts;
  const shown = async (reached: ReachedChannel, org: string) => {
    const [channel] = await channelsShown(parts, [reached], org);
    if (!channel) throw new Error('what was written is shown');
    return { channel };
  };
  return {
    'update-channels.publish': async ({ product: id, name, url, format, settleMinutes, silentMinutes }, { actor }) => {
      const product = await ownProduct(db, actor.org, id);
      if (!product) throw noSuch('product');
      if (settleMinutes >= silentMinutes) {
        throw new Refusal('invalid', 'update-channel.patience', 'An update reaches everybody before a place counts as silent.', { at: 'settleMinutes' });
      }
      const channel: ChannelRecord = {
        id: parts.ids.next('chn'), scope: actor.org, product: id, name, url, format, settleMinutes, silentMinutes, createdAt: clock.iso(),
        createdBy: actor.person, endedAt: null,
      };
      await db.transaction(async (tx) => {
        if (!await insertChannel(tx, channel)) throw new Refusal('conflict', 'update-channel.name-taken', 'The product has a channel of this name.',
          { at: 'name' });
        await stateFact(tx, {
          class: 'update-channel.published', at: channel.createdAt, actor: actor.person, org: actor.org, subject: channel.id, readers: [], clauses: [],
          body: { channel: channel.id, product: id, name, url, format, settleMinutes, silentMinutes },
        });
      });
      return shown({ channel, product }, actor.org);
    },
    'update-channels.end': async ({ channel: id, reason }, { actor }) => {
      const channel = await channelById(db, id);
      const product = channel?.scope === actor.org ? await ownProduct(db, actor.org, channel.product) : null;
      if (!channel || !product) throw noSuch('update-channel');
      const at = clock.iso();
      const readers = [...new Set((await currentRuns(db, [id])).map((r) => r.org))];
      await db.transaction(async (tx) => {
        if (!await endChannel(tx, actor.org, id, at)) throw new Refusal('conflict', 'update-channel.ended', 'This channel has ended.');
        await stateFact(tx, {
          class: 'update-channel.ended', at, actor: actor.person, org: actor.org, subject: id, readers, clauses: [], body: { channel: id, reason },
        });
      });
      return shown({ channel: { ...channel, endedAt: at }, product }, actor.org);
    },
  };
}

function reading(parts: WatchParts): Pick<All, `update-channels.${'list' | 'view' | 'timeline' | 'served'}`> {
  const { db } = parts;
  return {
    'update-channels.list': async (_, caller) => {
      const { channels, products } = await channelsWithin(parts, caller);
      const mayPublish = givesRight(caller.actor.roles, 'update-channel.publish');
      return {
        items: await channelsShown(parts, channels, caller.actor.org),
        products: products.filter((p) => mayPublish && p.owner === caller.actor.org).map(({ id, name }) => ({ id, name })),
      };
    },
    'update-channels.view': async ({ channel: id }, caller) => {
      const reached = await channelWithin(parts, caller, id);
      const [channel] = await channelsShown(parts, [reached], caller.actor.org);
      if (!channel) throw noSuch('update-channel');
      const alarms = await alarmsOf(db, [id], mostAlarms);
      return {
        channel, sights: await runsShown(parts, reached, await currentRuns(db, [id])),
        alarms: await alarmsShown(db, alarms.map((alarm) => ({ ...reached, alarm }))), releases: [...reached.product.releases],
        mayEnd: channel.mine && channel.endedAt === null && givesRight(caller.actor.roles, 'update-channel.end'),
      };
    },
    'update-channels.timeline': async ({ channel: id, cursor }, caller) => {
      const reached = await channelWithin(parts, caller, id);
      const runs = await runsBefore(db, id, placeIn(cursor), perPage + 1);
      const last = runs[perPage - 1];
      return {
        items: await runsShown(parts, reached, runs.slice(0, perPage)), next: runs.length > perPage && last ? `${last.fromAt}|${last.id}` : null,
      };
    },
    'update-channels.served': async ({ channel: id, view }, caller) => {
      await channelWithin(parts, caller, id);
      const text = await viewTextOf(db, id, view);
      if (text === null) throw noSuch('view');
      return { text };
    },
  };
}

function placeIn(cursor: string | undefined): { at: string; id: string } | null {
  if (cursor === undefined) return null;
  const [at = '', id = ''] = cursor.split('|');
  if (Number.isNaN(Date.parse(at)) || id === '') throw new Refusal('invalid', 'cursor.form', 'This is no place in the list.', { at: 'cursor' });
  return { at: new Date(at).toISOString(), id };
}
