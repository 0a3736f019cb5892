/** The register of attacked websites: what the rows show, when each was clean again, and what was kept of it. */
import type { Actions, OutputOf } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { blobBytes } from '#world/blobs/whole';
import { stateFact } from '#world/facts';
import type { landscapeApi } from '../api.ts';
import { dayNumber, isoDay } from '../periods.ts';
import { hoursToRepair, median } from '../websites.ts';
import {
  entryKeyOf, evidenceById, evidenceOf, firstSights, insertEvidence, lineCounts, lineKeyOf, repairsOf, saveRepair, toldOfEntries, toldOfLines,
  websiteCounts, websiteEntries, websiteLines, type Asked, type Entry, type Evidence, type Repair, type Told,
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

type Shown = OutputOf<typeof landscapeApi.websites>['items'][number];
const nothingSaid: Told = { modes: [], reasons: [], again: null };

/** Makes entries whole: with owner's name, repair, evidence, and what feeds say of them. */
async function completer(parts: LandscapeParts, scope: string, from: string, to: string) {
  const { db, events, stateSuffixes } = parts;
  const [repairs, evidence, { owners }] = await Promise.all([repairsOf(db, scope, from, to), evidenceOf(db, scope, from, to), namesOf(parts, scope)]);
  const kept = new Map<string, Evidence[]>();
  for (const e of evidence) kept.set(`${e.site} ${e.day}`, [...kept.get(`${e.site} ${e.day}`) ?? [], e]);
  const complete = async (entries: readonly Entry[]): Promise<Shown[]> => {
    const said = await toldOfEntries(events, scope, entries);
    return entries.map((entry) => {
      const key = `${entry.site} ${isoDay(entry.day)}`;
      const repair = repairs.get(key) ?? null;
      const first = iso(entry.first);
      const { modes, reasons, again } = said.get(entryKeyOf(entry)) ?? nothingSaid;
      return {
        ...entry, modes: [...modes], reasons: [...reasons], again, day: isoDay(entry.day), first, last: iso(entry.last),
        owner: owners.get(entry.owner) ?? null, state: stateSuffixes.some((suffix) => entry.site.endsWith(suffix)), repairedAt: repair?.at ?? null,
        hoursToRepair: hoursToRepair(first, repair?.at ?? null), how: repair?.how ?? null, evidence: kept.get(key) ?? [],
      };
    });
  };
  return { repairs, complete };
}

function skipOf(cursor: string | undefined): number {
  const [skip] = cursorOf(cursor, 'number') ?? [0];
  if (!Number.isInteger(skip) || skip < 0 || skip > 10_000_000) throw noSuch('page');
  return skip;
}

async function entriesOf(parts: LandscapeParts, scope: string, input: Parameters<All['websites']>[0]): ReturnType<All['websites']> {
  const { events, clock, stateSuffixes } = parts;
  const { from, to } = daysOf(input, clock.now());
  const asked = { scope, from, to };
  const skip = skipOf(input.cursor);
  const { attack, host, attacker } = input;
  const [counts, entries, { repairs, complete }] = await Promise.all([
    websiteCounts(events, asked, stateSuffixes),
    websiteEntries(events, asked, { attack, host, attacker, site: input.site?.toLowerCase() }, skip, input.limit + 1),
    completer(parts, scope, isoDay(from), isoDay(to)),
  ]);
  const hours = await repairHours(parts, asked, repairs);
  return {
    from: isoDay(from), to: isoDay(to), items: await complete(entries.slice(0, input.limit)),
    next: entries.length > input.limit ? cursorText([skip + input.limit]) : null,
    counts: { ...counts, byAttack: [...counts.byAttack], repaired: hours.length, medianHours: median(hours) },
  };
}

async function linesOf(parts: LandscapeParts, scope: string, input: Parameters<All['websiteLines']>[0]): ReturnType<All['websiteLines']> {
  const { events, clock, stateSuffixes } = parts;
  const { from, to } = daysOf(input, clock.now());
  const asked = { scope, from, to };
  const skip = skipOf(input.cursor);
  const only = { attack: input.attack, site: input.site?.toLowerCase() };
  const [counts, found, { repairs, complete }] = await Promise.all([
    lineCounts(events, asked, only), websiteLines(events, asked, only, stateSuffixes, skip, input.limit + 1),
    completer(parts, scope, isoDay(from), isoDay(to)),
  ]);
  const lines = found.slice(0, input.limit);
  const within = { scope, from: Math.min(to, ...lines.map((line) => line.day)), to: Math.max(from, ...lines.map((line) => line.day)) };
  const entriesAt = async (sites: readonly string[]): Promise<Entry[]> => (sites.length === 0 ? []
    : websiteEntries(events, within, { attack: input.attack, sites: [...new Set(sites)] }, 0, 1_000_000));
  const [alone, repaired, said] = await Promise.all([
    entriesAt(lines.flatMap((line) => (line.sites === 1 ? [line.site] : []))), entriesAt([...repairs.values()].map((repair) => repair.site)),
    toldOfLines(events, scope, lines),
  ]);
  const keys = new Set(lines.flatMap((line) => (line.sites === 1 ? [entryKeyOf(line)] : [])));
  const whole = new Map((await complete(alone.filter((entry) => keys.has(entryKeyOf(entry)))))
    .map((entry) => [`${entry.day} ${entry.attack} ${entry.site}`, entry]));
  const mended = new Map<string, number>();
  for (const entry of repaired) {
    if (repairs.has(`${entry.site} ${isoDay(entry.day)}`)) mended.set(lineKeyOf(entry), (mended.get(lineKeyOf(entry)) ?? 0) + 1);
  }
  return {
    from: isoDay(from), to: isoDay(to), counts, next: found.length > input.limit ? cursorText([skip + input.limit]) : null,
    items: lines.map((line) => {
      const { modes, reasons, again } = said.get(lineKeyOf(line)) ?? nothingSaid;
      const day = isoDay(line.day);
      return {
        ...line, modes: [...modes], reasons: [...reasons], again, day, first: iso(line.first), last: iso(line.last),
        repaired: mended.get(lineKeyOf(line)) ?? 0, entry: line.sites === 1 ? whole.get(`${day} ${line.attack} ${line.site}`) ?? null : null,
      };
    }),
  };
}

export function websiteActions(
  parts: LandscapeParts,
): Pick<All, 'websites' | 'websiteLines' | 'repairWebsite' | 'captureWebsite' | 'websiteEvidence'> {
  const { db, blobs, clock, ids } = parts;
  return {
    websites: async (input, { actor }) => entriesOf(parts, actor.org, input),
    websiteLines: async (input, { actor }) => linesOf(parts, actor.org, input),
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
