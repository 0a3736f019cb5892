/** Advisories on open systems: what the centre says, which systems that are, and which of them are one's own. */
import type { Actions } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import { constituentsOfKinds } from '#modules/constituents/index';
import type { landscapeApi } from '../api.ts';
import { affectedCsv, matchesSomething, spanOfAdvisory, type Advisory, type NewAdvisory } from '../exposures.ts';
import {
  advisoriesOf, advisoryById, affectedCounts, affectedSystems, insertAdvisory, withdrawAdvisory, type Audience, type Looked,
} from '../exposures-store.ts';
import { officeKinds } from '../offices.ts';
import { isoDay } from '../periods.ts';
import { cursorOf, cursorText, namesOf, type LandscapeParts } from './parts.ts';
import { ownSide } from './rows.ts';

type All = Actions<typeof landscapeApi>;
type Mine = Pick<All, 'exposureAdvisories' | 'exposureAdvisory' | 'previewAdvisory' | 'publishAdvisory' | 'withdrawAdvisory' | 'myAdvisories'>;

/** Systems of one's own that a page names. */
const shownMost = 200;
/** Rows of one table: more is no table that anybody opens. */
const tableMost = 200_000;

type Reading = Pick<LandscapeParts, 'db' | 'events' | 'clock'>;

async function lookOf(parts: Reading, scope: string): Promise<Looked> {
  const bodies = await constituentsOfKinds(parts.db, scope, officeKinds);
  return { scope, now: parts.clock.now(), state: bodies.map((body) => body.id) };
}

async function held(q: Queryable, scope: string, id: string, now: number): Promise<Advisory> {
  const advisory = await advisoryById(q, scope, id, now);
  if (!advisory) throw noSuch('exposure-advisory');
  return advisory;
}

function refuseEmpty(input: NewAdvisory): void {
  if (matchesSomething(input)) return;
  throw new Refusal('invalid', 'exposure-advisory.speaks-of-nothing', 'Say which rows it speaks of: a report, a type, a family, a product or a CVE.', {
    at: 'match',
  });
}

export function advisoryActions(parts: LandscapeParts): Mine {
  return { ...reading(parts), ...publishing(parts) };
}

function reading(parts: LandscapeParts): Pick<Mine, 'exposureAdvisories' | 'exposureAdvisory' | 'previewAdvisory' | 'myAdvisories'> {
  const { db, events, clock } = parts;
  return {
    exposureAdvisories: async (input, { actor }) => {
      const before = cursorOf(input.cursor, 'string')?.[0];
      const found = await advisoriesOf(db, actor.org, clock.now(), { before, limit: input.limit + 1 });
      const look = await lookOf(parts, actor.org);
      const items = await Promise.all(found.slice(0, input.limit).map(async (advisory) =>
        ({ ...advisory, counts: await affectedCounts(events, advisory, look) })));
      const last = items.at(-1);
      return { items, next: found.length > items.length && last ? cursorText([last.id]) : null };
    },
    exposureAdvisory: async (input, { actor }) => {
      const [skip] = cursorOf(input.cursor, 'number') ?? [0];
      if (!Number.isInteger(skip) || skip < 0 || skip > 10_000_000) throw noSuch('page');
      const advisory = await held(db, actor.org, input.advisory, clock.now());
      const [look, { owners }] = await Promise.all([lookOf(parts, actor.org), namesOf(parts, actor.org)]);
      const [counts, found] = await Promise.all([
        affectedCounts(events, advisory, look),
        affectedSystems(events, advisory, look, owners, { who: input.who, owner: input.owner, skip, limit: input.limit + 1 }),
      ]);
      return {
        advisory, counts, items: found.slice(0, input.limit), computedAt: clock.iso(),
        next: found.length > input.limit ? cursorText([skip + input.limit]) : null,
      };
    },
    previewAdvisory: async (input, { actor }) => {
      refuseEmpty(input);
      const [look, { owners }] = await Promise.all([lookOf(parts, actor.org), namesOf(parts, actor.org)]);
      const spoken = { ...input, withdrawnAt: null };
      return {
        counts: await affectedCounts(events, spoken, look),
        items: await affectedSystems(events, spoken, look, owners, { skip: 0, limit: 20 }),
      };
    },
    myAdvisories: async (_, caller) => {
      const { scope, constituents, labels } = await ownSide(parts, caller);
      const look = { scope, now: clock.now(), state: [], owners: constituents.map((c) => c.id), labels };
      const names = new Map(constituents.map((c) => [c.id, c.name]));
      const items = await Promise.all((await advisoriesOf(db, scope, clock.now(), { inForce: true })).map(async (a) => ({
        id: a.id, title: a.title, cves: a.cves, severity: a.severity, source: a.source, publishedAt: a.publishedAt,
        systems: (await affectedCounts(events, a, look)).systems,
        shown: await affectedSystems(events, a, look, names, { skip: 0, limit: shownMost }),
      })));
      return { items: items.filter((item) => item.systems > 0) };
    },
  };
}

function publishing({ db, clock, ids }: LandscapeParts): Pick<Mine, 'publishAdvisory' | 'withdrawAdvisory'> {
  return {
    publishAdvisory: async (input, { actor }) => {
      refuseEmpty(input);
      const at = clock.iso();
      const span = spanOfAdvisory({ ...input, withdrawnAt: null }, clock.now());
      const advisory: Advisory = {
        ...input, cves: [...new Set(input.cves)], id: ids.next('exa'), publishedAt: at, publishedBy: actor.person, withdrawnAt: null,
        withdrawnReason: null, from: isoDay(span.from), to: isoDay(span.to),
      };
      await db.transaction(async (tx) => {
        await insertAdvisory(tx, actor.org, advisory);
        await stateFact(tx, {
          class: 'exposure-advisory.published', at, actor: actor.person, org: actor.org, subject: advisory.id, readers: [], clauses: [],
          body: { severity: advisory.severity, cves: advisory.cves, daysBack: advisory.daysBack },
        });
      });
      return { advisory };
    },
    withdrawAdvisory: async (input, { actor }) => db.transaction(async (tx) => {
      await held(tx, actor.org, input.advisory, clock.now());
      const at = clock.iso();
      if (!await withdrawAdvisory(tx, actor.org, input.advisory, at, input.reason)) {
        throw new Refusal('conflict', 'exposure-advisory.withdrawn', 'This advisory was withdrawn before.');
      }
      await stateFact(tx, {
        class: 'exposure-advisory.withdrawn', at, actor: actor.person, org: actor.org, subject: input.advisory, readers: [], clauses: [],
        body: { reason: input.reason },
      });
      return { advisory: await held(tx, actor.org, input.advisory, clock.now()) };
    }),
  };
}

/** The affected systems of an advisory as CSV. */
export async function advisoryTable(
  parts: Reading, scope: string, asked: { advisory: string; who: Audience; owner?: string | undefined },
): Promise<string> {
  const advisory = await held(parts.db, scope, asked.advisory, parts.clock.now());
  const [look, { owners }] = await Promise.all([lookOf(parts, scope), namesOf(parts, scope)]);
  const systems = await affectedSystems(parts.events, advisory, look, owners, { who: asked.who, owner: asked.owner, skip: 0, limit: tableMost + 1 });
  if (systems.length > tableMost) {
    throw new Refusal('too-large', 'exposure-advisory.too-many', `More than ${tableMost} systems: ask for those of one owner.`, { at: 'owner' });
  }
  return affectedCsv(systems);
}
