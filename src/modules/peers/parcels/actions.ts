/** Sites that no network reaches as people pin and end them, and the receipts that come back. */
import type { Actions } from '#kit/endpoint';
import { nodeVerifying } from '#kit/hash/node';
import { formatVkey, parseVkey } from '#kit/note/note';
import { receiptNote, receiptOf } from '#kit/parcel/parcel';
import { Refusal, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import { agreementsOf } from '#modules/agreements/index';
import { sourceNamed } from '#modules/exchange/index';
import type { parcelsApi } from '../api/parcels.ts';
import { Receipt, type Made, type Site, type Taken } from '../model/parcels.ts';
import type { ParcelParts } from './parts.ts';
import {
  endSite, insertSite, keepReceipt, madeOf, siteById, sitesOf, takenBy, takenOfSeries, type MadeShown, type SiteRecord, type Taken as Kept,
} from './store.ts';
import { gapsIn, knownKeys } from './taking.ts';

type All = Actions<typeof parcelsApi>;

export function parcelActions(parts: ParcelParts): All {
  const { db, clock, signer } = parts;
  return {
    'sites.list': async (_, { actor }) => {
      const taken = await takenBy(db, actor.org, 200);
      return {
        vkey: formatVkey(signer.key), sites: (await sitesOf(db, actor.org)).map(shownSite), made: (await madeOf(db, actor.org, 200)).map(shownMade),
        taken: taken.map(shownTaken), gaps: await gapsOf(parts, taken),
      };
    },
    ...siteActs(parts),
    'parcels.receipt': async ({ parcel: id }, { actor }) => {
      const found = (await takenBy(db, actor.org, 10_000)).find((t) => t.id === id);
      if (!found) throw noSuch('parcel');
      const { series, number, root, takenAt, accepted, duplicate, refused, quarantined, retracted } = found;
      return { receipt: await receiptNote({ series, number, root, takenAt, accepted, duplicate, refused: refused + quarantined, retracted }, signer) };
    },
    'parcels.acknowledge': async ({ receipt: note }, { actor }) => {
      const { keys, siteOf } = await knownKeys(await sitesOf(db, actor.org));
      const read = await receiptOf(note.endsWith('\n') ? note : `${note}\n`, nodeVerifying, keys);
      const site = read === null ? undefined : siteOf(read.key);
      const said = Receipt.safeParse(read?.receipt);
      if (!read || !site || !said.success) {
        throw new Refusal('unprocessable', 'parcel.no-receipt', 'No pinned site has signed this as a receipt.', { at: 'receipt' });
      }
      await db.transaction(async (tx) => {
        if (!await keepReceipt(tx, actor.org, site.id, said.data)) {
          throw new Refusal('conflict', 'parcel.other-receipt', 'This receipt is for nothing that was made for that site.', {
            at: `number ${said.data.number}`,
          });
        }
        await state(parts, tx, actor, 'parcel.acknowledged', site, { series: said.data.series, number: said.data.number, root: said.data.root,
          retracted: said.data.retracted, at: clock.iso() });
      });
      return { site: site.id, receipt: said.data };
    },
  };
}

function siteActs(parts: ParcelParts): Pick<All, 'sites.pin' | 'sites.end'> {
  const { db, clock, ids } = parts;
  return {
    'sites.pin': async (input, { actor, approved }) => {
      const key = await parseVkey(nodeVerifying, input.vkey);
      if (key === null) throw new Refusal('invalid', 'site.vkey', 'This is no verifier key.', { at: 'vkey', hint: 'Take it as the other hub shows it.' });
      const id = ids.next('site');
      const site = await db.transaction(async (tx) => {
        const agreed = (await agreementsOf(tx, actor.org)).some((a) => a.id === input.agreement && a.status === 'active');
        if (input.agreement !== null && !agreed) throw noSuch('agreement');
        const at = clock.iso();
        const source = await sourceNamed(tx, actor.org, { id: ids.next('src'), kind: 'partner', name: `${input.title} (${id})`, org: null }, at);
        const made: SiteRecord = {
          ...input, vkey: formatVkey(key), id, scope: actor.org, keyName: key.name, source: source.id, pinnedAt: at, pinnedBy: actor.person,
        };
        if (!await insertSite(tx, made)) throw new Refusal('conflict', 'site.pinned', 'This key is pinned already.', { at: 'vkey' });
        const { by } = await approved(tx);
        await state(parts, tx, actor, 'site.pinned', made, { key: made.vkey, ceiling: made.ceiling, agreedBy: by });
        return made;
      });
      return { site: shownSite(site) };
    },
    'sites.end': async ({ site: id }, { actor }) => db.transaction(async (tx) => {
      const site = await siteById(tx, actor.org, id);
      if (!site) throw noSuch('site');
      await endSite(tx, actor.org, id, clock.iso());
      await state(parts, tx, actor, 'site.ended', site, {});
      return { ended: true as const };
    }),
  };
}

async function state(
  { clock }: ParcelParts, tx: Queryable, actor: { readonly person: string; readonly org: string }, what: string, site: SiteRecord, body: Record<string, Json>,
): Promise<void> {
  await stateFact(tx, {
    class: what, at: clock.iso(), actor: actor.person, org: actor.org, subject: site.id, readers: [], clauses: [], body: { site: site.title, ...body },
  });
}

const shownSite = ({ scope: _, ...site }: SiteRecord): Site => site;
const shownMade = ({ after: _, upTo: __, receipt, ...made }: MadeShown): Made => ({ ...made, receipt: receipt === null ? null : Receipt.parse(receipt) });
const shownTaken = ({ scope: _, ...taken }: Kept): Taken => taken;

async function gapsOf({ db }: ParcelParts, taken: readonly Kept[]): Promise<{ site: string; series: string; title: string; missing: number[] }[]> {
  const series = new Map(taken.map((t) => [`${t.site} ${t.series}`, t]));
  const gaps = [];
  for (const t of series.values()) {
    const missing = gapsIn((await takenOfSeries(db, t.site, t.series)).map((one) => one.number));
    if (missing.length > 0) gaps.push({ site: t.site, series: t.series, title: t.title, missing });
  }
  return gaps;
}
