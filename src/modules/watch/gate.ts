/**
 * The one gate. A channel is known to whoever may know of its product: that is asked of the catalogue, which asks the agreements, anew
 * for each request. Whoever may know of a channel sees all that was observed of it, by whomever: transparency is the point of it.
 */
import type { Caller } from '#kit/endpoint';
import { noSuch, nullIfRefused } from '#kit/refusal';
import type { Clock } from '#world/clock';
import { asHub } from '#world/db/scope';
import type { Queryable } from '#world/db/port';
import { productKnown, productsKnown, type KnownProduct } from '#modules/catalogue/index';
import { alarmById, type AlarmRecord } from './store/alarms.ts';
import { channelById, channelsOf, type ChannelRecord } from './store/channels.ts';

interface Parts { readonly db: Queryable; readonly clock: Clock }
export interface ReachedChannel { readonly channel: ChannelRecord; readonly product: KnownProduct }

export async function channelsWithin({ db, clock }: Parts, caller: Caller): Promise<{ channels: ReachedChannel[]; products: KnownProduct[] }> {
  const products = await productsKnown({ db, clock }, caller);
  const byId = new Map(products.map((p) => [p.id, p]));
  const channels = (await channelsOf(db, [...byId.keys()])).flatMap((channel) => {
    const product = byId.get(channel.product);
    return product ? [{ channel, product }] : [];
  });
  return { channels, products };
}

/** Throws what one that never was would answer. */
export async function channelWithin({ db, clock }: Parts, caller: Caller, id: string, noun = 'update-channel'): Promise<ReachedChannel> {
  const found = await asHub('of which product a channel is, to ask the decision', () => channelById(db, id));
  const product = found ? await productKnown({ db, clock }, caller, found.product).catch(nullIfRefused) : null;
  // Read again as whoever asks: the database's own lock has to hold too.
  const channel = product ? await channelById(db, id) : null;
  if (!channel || !product) throw noSuch(noun);
  return { channel, product };
}

export interface ReachedAlarm extends ReachedChannel { readonly alarm: AlarmRecord }

export async function alarmWithin(parts: Parts, caller: Caller, id: string): Promise<ReachedAlarm> {
  const found = await asHub('of which channel an alarm is, to ask the decision', () => alarmById(parts.db, id));
  const reached = found ? await channelWithin(parts, caller, found.channel, 'channel-alarm').catch(nullIfRefused) : null;
  const alarm = reached ? await alarmById(parts.db, id) : null;
  if (!alarm || !reached) throw noSuch('channel-alarm');
  return { ...reached, alarm };
}
