/**
 * The story's update channels: one whose update is another file in one network, and was in one city before, one that serves a release behind
 * the catalogue's. Written once, through the acts themselves, with real signatures, on a clock that walks through the last two hours.
 */
import { fakeClock } from '#world/clock';
import { asHub } from '#world/db/scope';
import { served200, testObserver, type Release, type TestObserver } from '#kit/watch/staged';
import { observerCount, tendChannels, watchActions } from '#modules/watch/index';
import { productsOf } from '../../modules/catalogue/store/products.ts';
import type { World } from '../world.ts';
import { centre } from './story.ts';

const vendor = 'org_kestrel';
const address = (product: string): string => `https://updates.kestrel.example/${product}/stable.json`;
const text = (words: string, length: number): Uint8Array => new TextEncoder().encode(words.repeat(Math.ceil(length / words.length)).slice(0, length));

/** An update of some 100 KiB, and the same with a few bytes changed in its middle. */
const update = text('KSHU 8.0 engine and rules. ', 100_000);
const altered = update.slice();
altered.set(new TextEncoder().encode('KSHU 8.0 another engine!'), 61_473);

const hourMs = 3_600_000;
const shieldAt = (served?: Uint8Array): Release => ({
  serial: 41, version: '8.0', at: '2026-06-01T06:00:00Z', files: { 'shield.upd': { listed: update, ...served ? { served } : {} } },
});
const gateway: Release = { serial: 12, version: '1.9', at: '2026-03-01T06:00:00Z', files: { 'gateway.img': { listed: text('KGW 1.9 ', 40_000) } } };

/** Country, network, what the centre calls it. */
const places = [
  ['VN', 'AS135905', 'Hà Nội'], ['VN', 'AS45899', 'Sông Lâm'], ['DE', null, 'Berlin'], ['FR', null, 'Paris'], ['JP', null, 'Tokyo'],
  ['SG', null, 'Singapore'],
  ['AU', null, 'Canberra'], ['BR', null, 'Brasília'],
] as const;

interface Seeing { readonly of: TestObserver; readonly country: string; readonly network: string | null; number: number }

export function writeChannels(world: World): Promise<void> {
  return asHub('the demonstration’s update channels', async () => {
    const { db } = world;
    if (await observerCount(db, centre) > 0) return;
    const products = await productsOf(db, [vendor], false);
    const [shield, second] = ['Kestrel Shield', 'Kestrel Gateway'].map((name) => products.find((p) => p.name === name));
    if (!shield || !second) return;
    const clock = fakeClock(new Date(world.clock.now() - 2 * hourMs).toISOString());
    const acts = watchActions({ ...world, clock });
    const may = () => Promise.resolve({ labels: ['CLEAR', 'GREEN', 'AMBER'], clauses: [] });
    const as = (org: string, person: string, role: string) => ({ actor: { org, person, roles: [role] }, may }) as never;
    const [steward, reviewer] = [as(vendor, 'per_moser', 'steward'), as(centre, 'per_son', 'reviewer')];
    const publish = async (product: string, name: string, url: string): Promise<string> => (await acts['update-channels.publish']({
      product, name, url, format: 'entente-update', settleMinutes: 2, silentMinutes: 10_080,
    }, steward)).channel.id;
    const [first, behind] = [await publish(shield.id, 'stable', address('shield')), await publish(second.id, 'stable', address('gateway'))];
    const seeing: Seeing[] = [];
    for (const [i, [country, network, name]] of places.entries()) {
      const of = testObserver(`centre-${country.toLowerCase()}-${i + 1}`);
      await acts['observers.register']({ name, country, network, keyid: of.keyid, publicKey: of.publicKey }, reviewer);
      seeing.push({ of, country, network, number: 0 });
    }
    const look = async (channel: string, url: string, by: Seeing, view: string) => {
      by.number += 1;
      const at = clock.iso();
      const envelope = await by.of.look({ channel, number: by.number, at, url, view, served: at });
      return acts['observations.record']({ channel, envelope: { ...envelope, signatures: [...envelope.signatures] }, view, sent: at }, reviewer);
    };
    const odd = served200(shieldAt(altered));
    const [same, old] = [served200(shieldAt()), served200(gateway)];
    // Each ten minutes. Once Berlin is served another file, which is explained and closed; in the end one network is, and nobody has said why.
    for (let round = 0; round < 8; round++) {
      const otherwise = (by: Seeing): boolean => (round === 2 && by.country === 'DE') || (round > 5 && by.network === 'AS45899');
      for (const by of seeing) await look(first, address('shield'), by, otherwise(by) ? odd : same);
      if (round % 4 === 0) for (const by of seeing.filter((s) => s.network === null)) await look(behind, address('gateway'), by, old);
      if (round === 2 || round === 7) await handBytes(acts, reviewer, first);
      clock.advance(10 * 60_000);
      await tendChannels({ ...world, clock });
      if (round === 3) await settleAll(acts, steward, reviewer, first);
    }
  });
}

type Acts = ReturnType<typeof watchActions>;

/** The pieces that alarms want, of either file. */
async function handBytes(acts: Acts, reviewer: never, channel: string): Promise<void> {
  const { items } = await acts['channel-alarms.list']({ channel }, reviewer);
  for (const { id } of items) {
    for (const { sha256, from, to } of (await acts['channel-alarms.view']({ alarm: id }, reviewer)).wanted) {
      for (const whole of [update, altered]) {
        const bytes = Buffer.from(whole.subarray(from, to)).toString('base64');
        // Whichever of the two it is proves itself; the other is refused.
        const taken = await acts['channel-alarms.add-bytes']({ alarm: id, sha256, from, bytes }, reviewer).then(() => true, () => false);
        if (taken) break;
      }
    }
  }
}

/** What was seen so far is explained and closed. */
async function settleAll(acts: Acts, steward: never, reviewer: never, channel: string): Promise<void> {
  const { items } = await acts['channel-alarms.list']({ channel }, reviewer);
  for (const { id } of items) {
    await acts['channel-alarms.explain']({ alarm: id,
      text: 'A mirror in that city kept a build of our test line. It has been taken out of service.' }, steward);
    await acts['channel-alarms.close']({ alarm: id, text: 'Served as listed again since; the mirror is gone.' }, reviewer);
  }
}
