/** Rows, episodes, attribution and exposure: the centre's by role, a constituent's own by mandate. */
import type { Actions, Caller } from '#kit/endpoint';
import { percentOf } from '#kit/percent';
import { noSuch } from '#kit/refusal';
import { stateFact } from '#world/facts';
import { constituentById, constituentsSpokenFor } from '#modules/constituents/index';
import type { landscapeApi } from '../api.ts';
import type { Event } from '../model.ts';
import { isoDay } from '../periods.ts';
import { attributionOf, episodesPage, eventsPage, exposureOf, whereOf, type RowFilter } from '../rows-store.ts';
import { cursorOf, cursorText, dayAsked, daysOf, namesOf, ownersAsked, type LandscapeParts } from './parts.ts';

type All = Actions<typeof landscapeApi>;
type Days = { from?: string | undefined; to?: string | undefined };

async function page(
  parts: LandscapeParts, filter: RowFilter, input: { cursor?: string | undefined; limit: number },
): Promise<{ items: Event[]; next: string | null }> {
  const after = cursorOf(input.cursor, 'number', 'string');
  const where = whereOf(filter);
  if (where === null) return { items: [], next: null };
  const names = await namesOf(parts, filter.scope);
  const from = after === null ? null : { time: after[0], id: after[1] };
  const found = await eventsPage(parts.events, where, from, input.limit + 1, names);
  const items = found.slice(0, input.limit);
  const last = items.at(-1);
  return { items, next: found.length > items.length && last ? cursorText([Date.parse(last.time) / 1000, last.id]) : null };
}

export function rowActions(parts: LandscapeParts): Pick<All, 'events' | 'episodes' | 'attribution'> {
  return {
    events: async (input, { actor }) => {
      const { from, to, owner, cursor: _cursor, limit: _limit, ...rest } = input;
      return page(parts, {
        scope: actor.org, ...rest, owners: ownersAsked(owner), from: dayAsked(from), to: dayAsked(to),
      }, input);
    },
    episodes: async (input, { actor }) => {
      const after = cursorOf(input.cursor, 'number', 'string', 'string', 'string');
      const { owners } = await namesOf(parts, actor.org);
      const { family, area, ip, owner, limit } = input;
      const found = await episodesPage(
        parts.events, { scope: actor.org, family, area, ip, owners: ownersAsked(owner) },
        { from: dayAsked(input.from), to: dayAsked(input.to) },
        after === null ? null : { last: after[0], ip: after[1], dom: after[2], family: after[3] }, limit + 1, owners,
      );
      const items = found.items.slice(0, limit);
      const end = found.items.length > items.length ? found.ends[items.length - 1] : undefined;
      return { items, next: end ? cursorText([end.last, end.ip, end.dom, end.family]) : null, total: found.total };
    },
    attribution: async (input, { actor }) => {
      const { from, to } = daysOf(input, parts.clock.now());
      const found = await attributionOf(parts.events, { scope: actor.org, area: input.area, from, to });
      const { owners: names } = await namesOf(parts, actor.org);
      const { total, attributed } = found;
      const attributedPercent = total === 0 ? null : percentOf(attributed, total);
      return {
        from: isoDay(from), to: isoDay(to), total, attributed, unattributed: total - attributed, attributedPercent,
        // The rest of a hundred, so that the two always add up (F70).
        unattributedPercent: attributedPercent === null ? null : Math.round(1000 - attributedPercent * 10) / 10,
        owners: found.owners.map((o) => ({ ...o, name: names.get(o.owner) ?? o.owner })),
        hunt: found.hunt,
      };
    },
  };
}

async function exposureFor(
  parts: LandscapeParts, scope: string, constituents: readonly { id: string; name: string }[], input: Days,
  labels?: readonly string[],
): ReturnType<All['exposure']> {
  const { from, to } = daysOf(input, parts.clock.now());
  const owners = constituents.map((c) => c.id);
  const { byDay, ...rows } = await exposureOf(parts.events, { scope, owners, from, to, labels });
  const trend = Array.from({ length: to - from + 1 }, (_, i) => ({ day: isoDay(from + i), events: byDay.get(from + i) ?? 0 }));
  return {
    constituents: constituents.map(({ id, name }) => ({ id, name })), from: isoDay(from), to: isoDay(to), ...rows, trend,
  };
}

/**
 * What an organisation answers for in the registry of its centre, once the agreement between them allows the look. The
 * caller has read its input before: a look that is refused for its words is none, and must not stand in the record.
 */
export async function ownSide(
  parts: Pick<LandscapeParts, 'db' | 'clock' | 'publisher'>, caller: Caller,
): Promise<{ scope: string; constituents: { id: string; name: string }[]; labels: readonly string[] }> {
  const spoken = await constituentsSpokenFor(parts.db, caller.actor.org);
  const centre = await parts.publisher();
  // One organisation may stand in several registries; its national centre's comes first.
  const scope = spoken.find((c) => c.registry === centre)?.registry ?? spoken[0]?.registry;
  if (scope === undefined) throw noSuch('exposure');
  const { clauses, labels = [] } = await caller.may('exposure.view', {
    owner: scope, kind: 'exposure', purpose: 'incident-response', level: 3, known: true, noun: 'exposure',
  });
  const constituents = spoken.filter((c) => c.registry === scope);
  const { actor } = caller;
  // A look that rests on a clause is on the record of both sides, like an act.
  await stateFact(parts.db, {
    class: 'exposure.viewed', at: parts.clock.iso(), actor: actor.person, org: actor.org,
    subject: constituents[0]?.id ?? actor.org, readers: [scope], clauses, body: { constituents: constituents.map((c) => c.id) },
  });
  return { scope, constituents, labels };
}

export function exposureActions(parts: LandscapeParts): Pick<All, 'exposure' | 'exposureEvents' | 'constituentExposure'> {
  return {
    exposure: async (input, caller) => {
      daysOf(input, parts.clock.now());
      const { scope, constituents, labels } = await ownSide(parts, caller);
      return exposureFor(parts, scope, constituents, input, labels);
    },
    exposureEvents: async (input, caller) => {
      const { kind, family, ip } = input;
      const days = { from: dayAsked(input.from), to: dayAsked(input.to) };
      cursorOf(input.cursor, 'number', 'string');
      const { scope, constituents, labels } = await ownSide(parts, caller);
      return page(parts, {
        scope, kind, family, ip, ...days, owners: constituents.map((c) => c.id), labels,
      }, input);
    },
    constituentExposure: async (input, { actor }) => {
      const found = await constituentById(parts.db, actor.org, input.constituent, parts.clock.iso());
      if (!found) throw noSuch('constituent');
      return exposureFor(parts, actor.org, [found], input);
    },
  };
}
