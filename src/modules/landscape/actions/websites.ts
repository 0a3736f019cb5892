/** The register of attacked websites: what the rows show, when each was clean again, and what was kept of it. */
import type { Actions } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { blobBytes } from '#world/blobs/whole';
import { stateFact } from '#world/facts';
import type { landscapeApi } from '../api.ts';
import { dayNumber, isoDay } from '../periods.ts';
import { hoursToRepair, median } from '../websites.ts';
import {
  evidenceById, evidenceOf, firstSights, insertEvidence, repairsOf, saveRepair, websiteCounts, websiteEntries, type Asked, type Evidence, type Repair,
} from '../websites-store.ts';
import { cursorOf, cursorText, daysOf, namesOf, type LandscapeParts } from './parts.ts';

type All = Actions<typeof landscapeApi>;

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** When a site was first seen on a day, as ISO. Nobody repairs or proves what no row shows. */
async function firstOn(parts: LandscapeParts, scope: string, site: string, day: string): Promise<string> {
  const at = dayNumber(day);
  const first = (await firstSights(parts.events, { scope, from: at, to: at }, [site])).get(`${site} ${day}`);
  if (first === undefined) throw noSuch('website');
  return iso(first);
}

export function websiteActions(parts: LandscapeParts): Pick<All, 'websites' | 'repairWebsite' | 'captureWebsite' | 'websiteEvidence'> {
  const { db, events, blobs, clock, ids, stateSuffixes } = parts;
  return {
    websites: async (input, { actor }) => {
      const { from, to } = daysOf(input, clock.now());
      const asked = { scope: actor.org, from, to };
      const [skip] = cursorOf(input.cursor, 'number') ?? [0];
      if (!Number.isInteger(skip) || skip < 0 || skip > 10_000_000) throw noSuch('page');
      const [counts, entries, repairs, evidence, { owners }] = await Promise.all([
        websiteCounts(events, asked, stateSuffixes),
        websiteEntries(events, asked, { attack: input.attack, site: input.site?.toLowerCase() }, skip, input.limit + 1),
        repairsOf(db, actor.org, isoDay(from), isoDay(to)), evidenceOf(db, actor.org, isoDay(from), isoDay(to)), namesOf(parts, actor.org),
      ]);
      const kept = new Map<string, Evidence[]>();
      for (const e of evidence) kept.set(`${e.site} ${e.day}`, [...kept.get(`${e.site} ${e.day}`) ?? [], e]);
      const items = entries.slice(0, input.limit).map((entry) => {
        const key = `${entry.site} ${isoDay(entry.day)}`;
        const repair = repairs.get(key) ?? null;
        const first = iso(entry.first);
        return {
          ...entry, day: isoDay(entry.day), first, last: iso(entry.last), owner: owners.get(entry.owner) ?? null,
          state: stateSuffixes.some((suffix) => entry.site.endsWith(suffix)), repairedAt: repair?.at ?? null,
          hoursToRepair: hoursToRepair(first, repair?.at ?? null), how: repair?.how ?? null, evidence: kept.get(key) ?? [],
        };
      });
      const hours = await repairHours(parts, asked, repairs);
      return {
        from: isoDay(from), to: isoDay(to), items, next: entries.length > input.limit ? cursorText([skip + input.limit]) : null,
        counts: { ...counts, byAttack: [...counts.byAttack], repaired: hours.length, medianHours: median(hours) },
      };
    },
    repairWebsite: async ({ site, day, at, how }, { actor }) => {
      const first = await firstOn(parts, actor.org, site, day);
      if (Date.parse(at) > clock.now()) throw new Refusal('invalid', 'website.future', 'A repair lies in the past.', { at: 'at' });
      const hours = hoursToRepair(first, at);
      if (hours === null) throw new Refusal('invalid', 'website.before', 'A site is not repaired before it was attacked.', { at: 'at' });
      await db.transaction(async (tx) => {
        await saveRepair(tx, actor.org, { site, day, at, how, person: actor.person });
        await stateFact(tx, {
          class: 'website.repaired', at: clock.iso(), actor: actor.person, org: actor.org, subject: `${site}/${day}`, readers: [], clauses: [],
          body: { site, day, repairedAt: at, hours },
        });
      });
      return { site, day, repairedAt: at, hoursToRepair: hours };
    },
    captureWebsite: async ({ base64, ...input }, { actor }) => {
      await firstOn(parts, actor.org, input.site, input.day);
      // Bytes first: a record always has its bytes; if we crash between, they are a blob that nobody names.
      const { sha256, sizeBytes } = await blobs.put(Buffer.from(base64, 'base64'));
      const evidence: Evidence = { ...input, id: ids.next('evd'), sha256, sizeBytes, person: actor.person };
      await db.transaction(async (tx) => {
        await insertEvidence(tx, actor.org, evidence);
        await stateFact(tx, {
          class: 'website.captured', at: clock.iso(), actor: actor.person, org: actor.org, subject: evidence.id, readers: [], clauses: [],
          body: { site: input.site, day: input.day, url: input.url, capturedAt: input.capturedAt, sha256, bytes: sizeBytes },
        });
      });
      return { evidence };
    },
    websiteEvidence: async (input, { actor }) => {
      const evidence = await evidenceById(db, actor.org, input.evidence);
      const bytes = evidence && await blobBytes(blobs, evidence.sha256);
      if (!evidence || !bytes) throw noSuch('evidence');
      return { evidence, base64: Buffer.from(bytes).toString('base64') };
    },
  };
}

/** Hours that each repaired site of the days took, from its first sight of that day. */
async function repairHours(parts: LandscapeParts, asked: Asked, repairs: ReadonlyMap<string, Repair>): Promise<number[]> {
  const firsts = await firstSights(parts.events, asked, [...new Set([...repairs.values()].map((repair) => repair.site))]);
  return [...repairs].flatMap(([key, { at }]) => {
    const first = firsts.get(key);
    const hours = first === undefined ? null : hoursToRepair(iso(first), at);
    return hours === null ? [] : [hours];
  });
}
