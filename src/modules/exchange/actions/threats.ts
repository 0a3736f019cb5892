/** Finding objects, looking at one, where they come from, and what was set aside. */
import type { Actions, Caller } from '#kit/endpoint';
import { Refusal, check, noSuch } from '#kit/refusal';
import { timeText } from '#kit/stix/time';
import { once } from '#kit/once';
import { sql } from 'kysely';
import { stateFact } from '#world/facts';
import { organisationById } from '#modules/parties/index';
import type { exchangeApi } from '../api/exchange.ts';
import { reachInto, wholeReach, type Reach } from '../gate.ts';
import { sightingKinds, type ObjectView } from '../model/exchange.ts';
import { labelOf } from '../rules/tlp.ts';
import { collectionsOf, sourceById, sourcesOf, speakFor } from '../store/collections.ts';
import {
  asideById, closeAside, neighboursWithin, objectWithin, placesOf, questionOf, search, setAsideOf, versionsWithin, type Found,
} from '../store/objects.ts';
import { tables } from '../store/schema.ts';
import { sightingDays } from '../store/sightings.ts';
import { deliver } from './intake.ts';
import { piecesOf } from './pieces.ts';
import type { ExchangeParts } from './parts.ts';

type All = Actions<typeof exchangeApi>;
type Mine = Pick<All, 'threats.search' | 'threats.view' | 'threats.sources' | 'threats.setAside' | 'threats.decide'>;

const perPage = 50;
const mostNeighbours = 500;

/** One's own is asked for too: an answer by mandate never goes without having asked. */
const asked = (caller: Caller) => caller.may('threat.read', {
  owner: caller.actor.org, kind: 'threat', purpose: 'incident-response', level: 3, known: false, noun: 'threat',
});

export function threatActions(parts: ExchangeParts): Mine {
  const { db, clock } = parts;
  return {
    'threats.search': async ({ q, type, collection, cursor }, caller) => {
      await asked(caller);
      const reach = collection === undefined ? await wholeReach(db, caller) : (await reachInto(db, caller, collection)).reach;
      const words = questionOf(q);
      if (q !== '' && words === null) return { items: [], next: null };
      const found = await search(db, reach, { words, type: type ?? null, before: positionOf(cursor), limit: perPage + 1 });
      const last = found.length > perPage ? found[perPage - 1] : undefined;
      return { items: found.slice(0, perPage).map(({ row }) => row), next: last ? String(last.seq) : null };
    },
    'threats.view': async ({ object }, caller) => {
      await asked(caller);
      const reach = await wholeReach(db, caller);
      const found = await objectWithin(db, reach, caller.actor.org, object);
      if (!found) throw noSuch('threat');
      return viewOf(parts, caller, reach, found);
    },
    'threats.sources': async (_, { actor }) => ({ items: await sourcesOf(db, actor.org) }),
    'threats.setAside': async ({ state, cursor }, { actor }) => {
      const items = await setAsideOf(db, actor.org, state === 'open', cursor ?? null, perPage + 1);
      return { items: items.slice(0, perPage), next: items.length > perPage ? items[perPage - 1]?.id ?? null : null };
    },
    'threats.decide': async ({ offer, decision, note }, { actor }) => {
      const aside = await asideById(db, actor.org, offer);
      if (!aside) throw noSuch('quarantined-threat');
      if (decision === 'take') await takeAside(parts, actor, aside);
      const decided = { state: decision === 'take' ? 'taken' as const : 'left' as const, by: actor.person, at: clock.iso(), note };
      await db.transaction(async (tx) => {
        if (!await closeAside(tx, actor.org, offer, decided)) throw new Refusal('conflict', 'offer.decided', 'This offer has been decided.');
        await stateFact(tx, {
          class: 'threat.decided', at: decided.at, actor: actor.person, org: actor.org, subject: offer, readers: [], clauses: [],
          body: { object: aside.shown.stixId, decision, reason: aside.shown.reason, note },
        });
      });
      const after = await asideById(db, actor.org, offer);
      check(after, 'the offer just decided is there');
      return { offer: after.shown };
    },
  };
}

function positionOf(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  if (!/^\d{1,16}$/.test(cursor)) throw new Refusal('invalid', 'input.invalid', 'The cursor is none of ours.', { at: 'cursor' });
  return Number(cursor);
}

async function viewOf({ db }: ExchangeParts, caller: Caller, reach: Reach, found: Found): Promise<ObjectView> {
  const own = found.scope === caller.actor.org;
  const versions = await versionsWithin(db, reach, found.obj);
  const neighbours = await neighboursWithin(db, reach, found.scope, found.row.id, mostNeighbours + 1);
  const collections = own ? await collectionsOf(db, found.scope) : [];
  const places = own ? await placesOf(db, found.obj) : [];
  const audience = await Promise.all(places.flatMap(({ coll, sinceUs }) => collections.filter((c) => c.coll === coll).map(async (c) => ({
    collection: c.id, title: c.title, partnerName: c.partner === null ? null : (await organisationById(db, c.partner))?.name ?? c.partner,
    agreement: c.agreement, since: new Date(Math.floor(sinceUs / 1000)).toISOString(),
  }))));
  return {
    sightings: (await sightingDays(db, reach, caller.actor.org, found.obj)).map((s) => ({ ...s, kind: sightingKinds[s.kind] })),
    object: found.row, body: found.body ?? '{}', audience, neighboursLeftOff: Math.max(0, neighbours.length - mostNeighbours),
    versions: versions.map((v) => ({
      said: v.said, receivedAt: timeText(BigInt(v.receivedUs), true), source: own ? v.source : null, tlp: labelOf(v.tlp), revoked: v.revoked,
      spec: v.spec === 20 ? '2.0' : '2.1', bytes: v.bytes,
    })),
    neighbours: neighbours.slice(0, mostNeighbours).map((n) => ({ ...n, type: n.id.slice(0, n.id.indexOf('--')) })),
  };
}

type Aside = NonNullable<Awaited<ReturnType<typeof asideById>>>;

/** Lets the source speak for the creator of what is kept, and takes the offer in once more. Only who brings what can be settled so. */
async function takeAside(parts: ExchangeParts, actor: { person: string; org: string }, { shown: aside, sourceId, tlp }: Aside): Promise<void> {
  if (aside.reason !== 'not-its-creator') {
    throw new Refusal('conflict', 'offer.not-takeable', 'Of two bodies of one version, and after a revocation, the first stays.', {
      hint: 'Ask the source for a new version.',
    });
  }
  const { rows } = await sql<{ source: string }>`select source from exchange_object where scope = ${actor.org} and stix_id = ${aside.stixId}`
    .execute(tables(parts.db));
  await speakFor(parts.db, actor.org, sourceId, rows[0]?.source ?? '');
  const source = await sourceById(parts.db, actor.org, sourceId);
  check(source, 'an offer has its source');
  const body = new TextEncoder().encode(`[${aside.offered}]`);
  const report = await deliver(parts, { scope: actor.org, source, actor, clauses: [], own: source.kind === 'own', unmarked: labelOf(tlp) },
    piecesOf(once(body)));
  if (report.counts.accepted !== 1) {
    throw new Refusal('conflict', 'offer.not-taken', 'It still does not fit what is kept.', { hint: report.lines[0]?.text ?? 'Look at both.' });
  }
}
