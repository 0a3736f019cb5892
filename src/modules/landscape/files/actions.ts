/** Files by their hash: looked up, listed to look for, and decided where lists contradict each other. */
import type { Actions } from '#kit/endpoint';
import { noSuch } from '#kit/refusal';
import type { Clock } from '#world/clock';
import type { Queryable } from '#world/db/port';
import type { Events } from '#world/events/port';
import { stateFact } from '#world/facts';
import { cursorOf, cursorText, namesOf, type LandscapeParts } from '../actions/parts.ts';
import type { filesApi, KnownFile } from './api.ts';
import {
  clashesOf, conflictsFor, conflictsOf, decideConflict, decidedMalicious, filesSeen, maliciousSeen, noteConflicts, type Conflict, type FileSeen,
} from './store.ts';

/** What both lists name is paused from the moment they do, whether the conflict was noted yet or not. */
function known(seen: FileSeen | undefined, hash: string, conflict: Conflict | undefined, feeds: ReadonlyMap<string, string>): KnownFile {
  const named = (of: KnownFile['clean']): KnownFile['clean'] => (of === null ? null : { ...of, feeds: of.feeds.map((feed) => feeds.get(feed) ?? feed) });
  const [clean, malicious, decision] = [named(seen?.clean ?? null), named(seen?.malicious ?? null), conflict?.decision ?? null];
  const both = clean !== null && malicious !== null;
  const verdict = both ? decision?.verdict ?? 'paused' : clean !== null ? 'clean' : malicious !== null ? 'malicious' : 'unknown';
  return { hash, verdict, clean, malicious, decision };
}

export function filesActions(parts: LandscapeParts): Actions<typeof filesApi> {
  const { db, events, clock } = parts;
  const tell = async (scope: string, hashes: readonly string[]): Promise<KnownFile[]> => {
    const [seen, conflicts, { feeds }] = await Promise.all([filesSeen(events, scope, hashes), conflictsFor(db, scope, hashes), namesOf(parts, scope)]);
    const by = new Map(seen.map((one) => [one.hash, one]));
    return hashes.map((hash) => known(by.get(hash), hash, conflicts.get(hash), feeds));
  };
  return {
    lookUpFiles: async ({ hashes }, { actor }) => ({ items: await tell(actor.org, [...new Set(hashes)]) }),
    maliciousFiles: async (input, { actor }) => {
      const after = cursorOf(input.cursor, 'string')?.[0] ?? '';
      const [also, { feeds }] = await Promise.all([decidedMalicious(db, actor.org), namesOf(parts, actor.org)]);
      const found = await maliciousSeen(events, actor.org, also, after, input.limit + 1);
      const page = found.slice(0, input.limit);
      const conflicts = await conflictsFor(db, actor.org, page.map(({ hash }) => hash));
      const items = page.map((seen) => ({ ...known(seen, seen.hash, conflicts.get(seen.hash), feeds), verdict: 'malicious' as const }));
      return { items, next: found.length > page.length ? cursorText([page.at(-1)?.hash ?? '']) : null };
    },
    fileConflicts: async (input, { actor }) => {
      const { open, items } = await conflictsOf(db, actor.org, cursorOf(input.cursor, 'string')?.[0] ?? '', input.limit + 1);
      const page = items.slice(0, input.limit);
      const files = await tell(actor.org, page.map(({ hash }) => hash));
      const last = page.at(-1);
      const next = items.length > page.length && last ? cursorText([`${last.decision === null ? 0 : 1} ${last.hash}`]) : null;
      return { open, items: files.map((file, i) => ({ ...file, foundAt: page[i]?.foundAt ?? '' })), next };
    },
    decideFile: async ({ hash, verdict, reason }, { actor }) => {
      await db.transaction(async (tx) => {
        const decision = { verdict, reason, at: clock.iso(), person: actor.person };
        if (!await decideConflict(tx, actor.org, hash, decision)) throw noSuch('file-conflict');
        await stateFact(tx, {
          class: 'file-conflict.decided', at: decision.at, actor: actor.person, org: actor.org, subject: hash, readers: [], clauses: [],
          body: { hash, verdict, reason },
        });
      });
      const [file] = await tell(actor.org, [hash]);
      if (!file) throw noSuch('file-conflict');
      return { file };
    },
  };
}

/** A batch was stored: hashes of it that the other kind of list names too are conflicts, noted once and on record. */
export async function findConflicts(
  parts: { readonly events: Events; readonly clock: Clock }, tx: Queryable, scope: string, batch: string,
): Promise<number> {
  const fresh = await noteConflicts(tx, scope, await clashesOf(parts.events, scope, batch), parts.clock.iso());
  for (const hash of fresh) {
    await stateFact(tx, {
      class: 'file-conflict.found', at: parts.clock.iso(), actor: 'system', org: scope, subject: hash, readers: [], clauses: [], body: { hash, batch },
    });
  }
  return fresh.length;
}
