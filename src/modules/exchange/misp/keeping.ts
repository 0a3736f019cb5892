/**
 * Keeps an event of one's own: its objects go through the one intake as any delivery, and what is no part of it any more leaves every
 * collection with a retraction. Of an edit only what means something else is delivered: the rest keeps its version. If we crash between
 * the two, what is new is there and what is old is too; the same edit again ends it.
 */
import { canonicalText } from '#kit/canonical/canonical';
import { uuidOfId } from '#kit/misp/carry';
import type { Loss, MispEvent } from '#kit/misp/model';
import type { Actor, Tlp } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import { own, type StixObject } from '#kit/stix/object';
import { stateFact } from '#world/facts';
import { deliver, type Piece } from '../actions/intake.ts';
import { newUuid, nowUs, type ExchangeParts } from '../actions/parts.ts';
import { collectionsOf, ownCollections, sourceNamed } from '../store/collections.ts';
import { lockLog, retract } from '../store/log.ts';
import { namedElsewhere, numbersOf } from '../store/misp.ts';
import type { Shown } from './events.ts';
import { orgUuid, storedOf } from './storing.ts';

/** Label of an event that says none: for the own organisation, as MISP's own default is. */
export const unmarked: Tlp = 'AMBER+STRICT';

/** What an object says, but for when it was said; things that have a time of their own keep it. */
function meaning(object: StixObject): string {
  const { created: _, modified, x_misp_timestamp: said, valid_from: since, ...rest } = object as Record<string, unknown>;
  const timed = own(object, 'x_misp_type') !== undefined || own(object, 'x_misp_name') !== undefined || own(object, 'x_misp_report') !== undefined;
  const seconds = said ?? String(Math.floor(Date.parse(String(modified)) / 1000));
  return canonicalText(timed ? { ...rest, since: since ?? null, seconds } : rest);
}
const isContainer = (object: StixObject): boolean => object['type'] === 'report' || object['type'] === 'grouping';
/** Authors and clusters are everybody's: they stay where nobody names them any more. */
const stays = (object: StixObject): boolean => object['type'] === 'identity' || own(object, 'x_misp_galaxy') !== undefined;

/** What is delivered of an event, beside what is there of it. */
function changed(before: ReadonlyMap<string, StixObject>, after: readonly StixObject[]): StixObject[] {
  return after.flatMap((object) => {
    const there = before.get(String(object['id']));
    if (!there) return [object];
    if (own(there, 'revoked') === true || (!isContainer(object) && meaning(there) === meaning(object))) return [];
    return [isContainer(object) || own(there, 'created') === undefined ? object : { ...object, created: there['created'] }];
  });
}

async function* piecesOf(objects: readonly StixObject[]): AsyncGenerator<Piece> {
  for (const object of objects) yield { place: String(object['id']), value: object, body: JSON.stringify(object) };
}

/** Takes an event in, over what was there of it. Answers what is lost of it. */
export async function keep(parts: ExchangeParts, actor: Actor, event: MispEvent, before: Shown | null): Promise<readonly Loss[]> {
  const us = orgUuid(actor.org);
  const { objects, losses } = storedOf(event, { us, unmarked });
  const ours = event.orgc === null || event.orgc.uuid === us;
  const there = new Map((before?.objects ?? []).map((object) => [String(object['id']), object]));
  const at = parts.clock.iso();
  const source = await sourceNamed(parts.db, actor.org, ours ? { id: parts.ids.next('src'), kind: 'own', name: 'own', org: actor.org }
    : { id: parts.ids.next('src'), kind: 'misp', name: `MISP: ${event.orgc?.name ?? ''}`.slice(0, 80), org: null }, at);
  const report = await deliver(parts, { scope: actor.org, source, actor, clauses: [], own: ours, unmarked }, piecesOf(changed(there, objects)));
  const refused = report.lines.find((line) => (line.outcome === 'refused' || line.outcome === 'quarantined') && !line.id.startsWith('identity--'));
  if (refused) {
    throw new Refusal('conflict', 'misp.not-taken', 'Part of it was set aside: the exchange holds something else under its id.', {
      hint: `${refused.id}: ${refused.text}.`, at: refused.id,
    });
  }
  await take(parts, actor, there, objects);
  return losses;
}

/** Takes out of every collection what was of an event and is no more. */
async function take(parts: ExchangeParts, actor: Actor, before: ReadonlyMap<string, StixObject>, after: readonly StixObject[]): Promise<void> {
  const kept = new Set(after.map((object) => String(object['id'])));
  const gone = [...before.values()].filter((object) => !kept.has(String(object['id'])) && !stays(object)).map((object) => String(object['id']));
  await remove(parts, actor, gone, null);
}

/** Takes an event out of every collection, with all in it that nothing else names. */
export async function drop(parts: ExchangeParts, actor: Actor, shown: Shown): Promise<void> {
  const ids = shown.objects.filter((object) => !stays(object)).map((object) => String(object['id']));
  await remove(parts, actor, ids, uuidOfId(shown.container.body));
}

async function remove(parts: ExchangeParts, actor: Actor, ids: readonly string[], event: string | null): Promise<void> {
  if (ids.length === 0) return;
  await parts.db.transaction(async (tx) => {
    const at = parts.clock.iso();
    const { library } = await ownCollections(tx, actor.org, () => newUuid(parts), actor.person, at);
    await lockLog(tx, library.coll);
    const others = await namedElsewhere(tx, actor.org, ids);
    const numbers = await numbersOf(tx, actor.org, ids.filter((id) => !others.has(id)));
    const readers = new Set<string>();
    for (const c of (await collectionsOf(tx, actor.org)).sort((a, b) => a.coll - b.coll)) {
      const count = await retract(tx, c.coll, [...numbers.values()], 'deleted', nowUs(parts));
      if (count > 0 && c.partner !== null) readers.add(c.partner);
    }
    await stateFact(tx, {
      class: 'threat.removed', at, actor: actor.person, org: actor.org, subject: library.id, readers: [...readers], clauses: [],
      body: { collection: library.id, object: event ?? ids[0] ?? '', objects: numbers.size },
    });
  });
}
