/**
 * A passage leaves the room: a reviewer who was shown it asks, the provider lets it out with stubs where something is withheld, the reviewing
 * side's principal agrees; each in a row of its own. What is opened then is a copy that says whose it is, is on the register, and ends.
 */
import type { Actions, Caller } from '#kit/endpoint';
import { toHex, toUtf8 } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { noSuch, Refusal } from '#kit/refusal';
import { asHub } from '#world/db/scope';
import type { Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import { fileIn } from '#modules/catalogue/index';
import { personById } from '#modules/parties/index';
import { sittingOf } from '../actions/reading.ts';
import { shelfOver } from '../actions/shelf.ts';
import { dayOf, isOwner, sourceOf, stateVisit, visitWithin, type CentreParts } from '../actions/parts.ts';
import { clearedText } from '../rules.ts';
import { viewsOfVisit } from '../store/views.ts';
import { visitOf } from '../store/visits.ts';
import type { controlsApi } from '../api/controls.ts';
import type { Copy, Excerpt } from '../model/controls.ts';
import { excerptState, isShown, linesMax, markedCopy, passageOf, refuseCopyDays, refuseOpening } from './rules.ts';
import type { Withheld } from './schema.ts';
import {
  copiesOf, copyOf, copyOfReader, destroyCopy, excerptOf, excerptsOf, insertCopy, insertExcerpt, insertExcerptWord, takeOverdue, wordsOf,
  type CopyRow, type ExcerptRow, type WordRow,
} from './store.ts';

type All = Actions<typeof controlsApi>;
const hashOf = async (text: string): Promise<string> => toHex(await nodeVerifying.sha256(toUtf8(text)));

export const excerptActs = (parts: CentreParts): Pick<All, Extract<keyof All, `excerpts.${string}` | `copies.${string}`>> =>
  ({ ...asking(parts), ...words(parts), ...copies(parts), ...opening(parts) });

async function excerptsShown(q: Queryable, org: string, rows: readonly ExcerptRow[]): Promise<Excerpt[]> {
  const said = await wordsOf(q, rows.map((r) => r.id));
  return Promise.all(rows.map(async (r) => {
    const [provider, own] = (['owner', 'scope'] as const).map((side) => said.find((w) => w.excerpt === r.id && w.side === side) ?? null);
    return {
      id: r.id, visit: r.visit, path: r.path, from: r.from_line, to: r.to_line, purpose: r.purpose, at: r.at, endsAt: r.ends_at,
      byName: r.scope === org ? (await personById(q, r.person))?.name ?? '' : '', state: excerptState(provider ?? null, own ?? null),
      // The provider reads what it is asked to let out; whoever asked has it when both have agreed, and as a copy.
      text: isOwner(r, org) ? r.body : null, original: r.hash, cleared: provider?.agreed === true ? provider.hash : null,
      withheld: provider?.withheld ?? [], clearedBy: provider !== null && provider !== undefined, agreedBy: own !== null && own !== undefined,
      reason: [provider, own].find((w) => w?.agreed === false)?.reason ?? '', mine: r.scope === org,
    };
  }));
}

async function excerptWithin(q: Queryable, caller: Pick<Caller, 'actor'>, id: string): Promise<ExcerptRow> {
  const found = await excerptOf(q, caller.actor.org, id);
  if (!found) throw noSuch('excerpt');
  return found;
}

async function again(parts: CentreParts, caller: Pick<Caller, 'actor'>, id: string): Promise<{ excerpt: Excerpt }> {
  const [shown] = await excerptsShown(parts.db, caller.actor.org, [await excerptWithin(parts.db, caller, id)]);
  if (!shown) throw noSuch('excerpt');
  return { excerpt: shown };
}

function asking(parts: CentreParts): Pick<All, 'excerpts.ask' | 'excerpts.list'> {
  const { db, clock, ids } = parts;
  const shelf = shelfOver(parts);
  return {
    'excerpts.ask': async ({ review: id, path, from, to, purpose, endsAt }, caller) => {
      const { review, visit, tree } = await sittingOf(parts, caller, id);
      if (from > to || to - from + 1 > linesMax) {
        throw new Refusal('invalid', 'excerpt.lines', 'An excerpt is a few lines one after the other.', { at: 'to', hint: `At most ${linesMax}.` });
      }
      refuseCopyDays(endsAt, dayOf(clock), visit.to_day);
      const entry = await asHub('a file of a source under review', () => fileIn(db, tree, path));
      if (!entry) throw noSuch('file');
      const { text: body, ...stretch } = passageOf((await shelf.take(entry)).bytes, from, to);
      const views = (await viewsOfVisit(db, visit.id, 0, 100_000)).filter((v) => v.path === path && v.digest === entry.digest);
      if (views.length === 0 || !isShown(views, stretch.from, stretch.to)) {
        throw new Refusal('conflict', 'excerpt.not-read', 'Only what was shown in this visit is asked for.', { at: 'from' });
      }
      const row: ExcerptRow = {
        id: ids.next('exc'), visit: visit.id, review: review.id, scope: visit.scope, owner: visit.owner, person: caller.actor.person, path,
        digest: entry.digest, from_line: from, to_line: to, purpose, body, hash: await hashOf(body), at: clock.iso(), ends_at: `${endsAt}T23:59:59.000Z`,
      };
      await db.transaction(async (tx) => {
        await insertExcerpt(tx, row);
        await stateVisit(tx, parts, caller, visit, 'excerpt.asked', { excerpt: row.id, lines: to - from + 1, original: row.hash });
      });
      return again(parts, caller, row.id);
    },
    'excerpts.list': async ({ visit }, caller) => {
      await visitWithin(db, caller, visit);
      return { items: await excerptsShown(db, caller.actor.org, await excerptsOf(db, caller.actor.org, visit)) };
    },
  };
}

interface Said { readonly side: WordRow['side']; readonly agreed: boolean; readonly reason: string; readonly withheld: readonly Withheld[] }

/** One side's word, once. What it lets out is worked out here, so that both hashes are of what the hub holds. */
async function say(parts: CentreParts, caller: Caller, row: ExcerptRow, { side, agreed, reason, withheld }: Said): Promise<void> {
  const { db, clock } = parts;
  if (!agreed && reason === '') throw new Refusal('invalid', 'excerpt.reason', 'What is refused is refused with a reason.', { at: 'reason' });
  const body = side === 'owner' && agreed ? clearedText(row.body, withheld) : '';
  const hash = body === '' ? '' : await hashOf(body);
  await db.transaction(async (tx) => {
    const visit = await visitWithin(tx, caller, row.visit, true);
    const word = { excerpt: row.id, side, scope: row.scope, owner: row.owner, person: caller.actor.person, agreed, reason, withheld: [...withheld], body, hash,
      at: clock.iso() };
    if (!await insertExcerptWord(tx, word)) throw new Refusal('conflict', 'excerpt.decided', 'This side has said its word before.');
    await stateVisit(tx, parts, caller, visit, !agreed ? 'excerpt.refused' : side === 'owner' ? 'excerpt.cleared' : 'excerpt.agreed', {
      excerpt: row.id, original: row.hash, ...(hash === '' ? {} : { cleared: hash }),
      ...(side === 'owner' && agreed ? { withheld: withheld.reduce((sum, w) => sum + w.to - w.from + 1, 0) } : {}),
    });
  });
}

function words(parts: CentreParts): Pick<All, 'excerpts.clear' | 'excerpts.agree'> {
  return {
    'excerpts.clear': async ({ excerpt: id, agree, withheld, reason }, caller) => {
      const row = await excerptWithin(parts.db, caller, id);
      if (!isOwner(row, caller.actor.org)) throw noSuch('excerpt');
      await say(parts, caller, row, { side: 'owner', agreed: agree, withheld, reason });
      return again(parts, caller, id);
    },
    'excerpts.agree': async ({ excerpt: id, agree, reason }, caller) => {
      const row = await excerptWithin(parts.db, caller, id);
      if (row.scope !== caller.actor.org) throw noSuch('excerpt');
      if (row.person === caller.actor.person) throw new Refusal('forbidden', 'excerpt.own', 'Nobody agrees to what they asked for themselves.');
      await say(parts, caller, row, { side: 'scope', agreed: agree, withheld: [], reason });
      return again(parts, caller, id);
    },
  };
}

const copyShown = async (q: Queryable, c: CopyRow, org: string): Promise<Copy> => ({
  id: c.id, visit: c.visit, excerpt: c.excerpt, what: c.what, mark: c.mark, madeAt: c.made_at, endsAt: c.ends_at, destroyedAt: c.destroyed_at, how: c.how,
  holder: c.scope === org ? (await personById(q, c.person))?.name ?? '' : '', overdue: c.overdue_at !== null && c.destroyed_at === null,
});

function copies(parts: CentreParts): Pick<All, 'copies.list' | 'copies.register' | 'copies.destroy'> {
  const { db, clock, ids } = parts;
  return {
    'copies.list': async ({ visit }, caller) => {
      await visitWithin(db, caller, visit);
      const rows = await copiesOf(db, visit);
      return { items: await Promise.all(rows.map((c) => copyShown(db, c, caller.actor.org))) };
    },
    'copies.register': async ({ visit: id, what, endsAt }, caller) => {
      const copy = await db.transaction(async (tx) => {
        const visit = await visitWithin(tx, caller, id, true);
        if (visit.scope !== caller.actor.org) throw noSuch('visit');
        if (visit.state !== 'agreed') throw new Refusal('conflict', 'visit.over', 'This visit is over.');
        refuseCopyDays(endsAt, dayOf(clock), visit.to_day);
        const row: CopyRow = {
          id: ids.next('cpy'), visit: id, scope: visit.scope, owner: visit.owner, excerpt: null, what, person: caller.actor.person, mark: '',
          made_at: clock.iso(), ends_at: `${endsAt}T23:59:59.000Z`, destroyed_at: null, destroyed_by: null, how: '', overdue_at: null,
        };
        await insertCopy(tx, row);
        await stateVisit(tx, parts, caller, visit, 'copy.registered', { copy: row.id, what, endsAt: row.ends_at });
        return row;
      });
      return { copy: await copyShown(db, copy, caller.actor.org) };
    },
    'copies.destroy': async ({ reviewCopy: id, how }, caller) => {
      const found = await copyOf(db, caller.actor.org, id);
      if (!found || found.scope !== caller.actor.org) throw noSuch('copy');
      await db.transaction(async (tx) => {
        const visit = await visitWithin(tx, caller, found.visit, true);
        if (!await destroyCopy(tx, id, { at: clock.iso(), by: caller.actor.person, how })) {
          throw new Refusal('conflict', 'copy.destroyed', 'This copy was destroyed before.');
        }
        await stateVisit(tx, parts, caller, visit, 'copy.destroyed', { copy: id, what: found.what, how });
      });
      const after = await copyOf(db, caller.actor.org, id);
      if (!after) throw noSuch('copy');
      return { copy: await copyShown(db, after, caller.actor.org) };
    },
  };
}

function opening(parts: CentreParts): Pick<All, 'excerpts.open'> {
  const { db, clock, ids, random } = parts;
  return {
    'excerpts.open': async ({ excerpt: id }, caller) => {
      const row = await excerptWithin(db, caller, id);
      const visit = await visitOf(db, caller.actor.org, row.visit);
      if (!visit || row.scope !== caller.actor.org) throw noSuch('excerpt');
      await caller.may('source.view', sourceOf(visit, 'excerpt'));
      const said = await wordsOf(db, [id]);
      const provider = said.find((w) => w.side === 'owner') ?? null;
      const before = await copyOfReader(db, id, caller.actor.person);
      refuseOpening({ state: excerptState(provider, said.find((w) => w.side === 'scope') ?? null), visit: visit.state, endsAt: row.ends_at, now: clock.iso(),
        destroyed: before?.destroyed_at !== null && before?.destroyed_at !== undefined });
      const name = (await personById(db, caller.actor.person))?.name ?? caller.actor.person;
      const copy: CopyRow = before ?? {
        id: ids.next('cpy'), visit: row.visit, scope: row.scope, owner: row.owner, excerpt: id, what: `${row.path}:${row.from_line}–${row.to_line}`,
        person: caller.actor.person, mark: `${name} · ${toHex(random.bytes(4))}`, made_at: clock.iso(), ends_at: row.ends_at, destroyed_at: null,
        destroyed_by: null, how: '', overdue_at: null,
      };
      const text = markedCopy(provider?.body ?? '', { mark: copy.mark, product: `${visit.product_name} ${visit.version}`, what: copy.what,
        endsAt: row.ends_at.slice(0, 10) });
      if (!before) {
        await db.transaction(async (tx) => {
          await insertCopy(tx, copy);
          await stateFact(tx, {
            class: 'excerpt.opened', at: clock.iso(), actor: caller.actor.person, org: caller.actor.org, subject: id, readers: [row.owner], clauses: [],
            body: { excerpt: id, copy: copy.id, original: row.hash, cleared: provider?.hash ?? '', copySha256: await hashOf(text), endsAt: row.ends_at },
          });
        });
      }
      return { copy: await copyShown(db, copy, caller.actor.org), text };
    },
  };
}

/** What the clock does: a copy that nobody destroyed by its end is said aloud to both sides, once. Safe to run at any time and twice. */
export async function tendCopies({ db, clock }: Pick<CentreParts, 'db' | 'clock'>): Promise<void> {
  await db.transaction(async (tx) => {
    for (const copy of await takeOverdue(tx, clock.iso())) {
      await stateFact(tx, {
        class: 'copy.overdue', at: clock.iso(), actor: 'system', org: copy.scope, subject: copy.id, readers: [copy.scope, copy.owner], clauses: [],
        body: { copy: copy.id, visit: copy.visit },
      });
    }
  });
}
