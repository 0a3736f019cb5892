/**
 * Who may see whose, told independently of the code under test: from the stored documents alone, by the words of the first
 * promise. It is wider than the decision where it matters little (which product, which label) and exact where it matters most:
 * no relation, no sight; no agreement in force, nothing by mandate.
 */
import { sql } from 'kysely';
import type { Db } from '#world/db/port';
import type { Operation } from '../../src/app/room.ts';

interface Paper {
  readonly authority: string;
  readonly counterpart: string;
  readonly status: string;
  readonly effectiveAt: string;
  readonly expiresAt: string;
  readonly suspensions?: readonly { readonly liftedAt: string | null; readonly part: string | null }[];
}

export interface Relations {
  readonly papers: readonly Paper[];
  /** Who introduced whom: they know of each other. */
  readonly introduced: readonly (readonly [by: string, whom: string])[];
}

export async function relationsIn(db: Db): Promise<Relations> {
  const papers = await sql<{ document: Paper }>`select document from agreements`.execute(db.as());
  const organisations = await sql<{ id: string; by: string | null }>`
    select id, introduced_by as by from organisations`.execute(db.as());
  return {
    papers: papers.rows.map((r) => r.document),
    introduced: organisations.rows.flatMap((r) => (r.by === null ? [] : [[r.by, r.id] as const])),
  };
}

const between = (paper: Paper, one: string, other: string): boolean =>
  (paper.authority === one && paper.counterpart === other) || (paper.authority === other && paper.counterpart === one);

function knows(relations: Relations, one: string, other: string): boolean {
  return relations.papers.some((paper) => between(paper, one, other))
    || relations.introduced.some(([by, whom]) => (by === one && whom === other) || (by === other && whom === one));
}

function inForce(paper: Paper, now: string): boolean {
  return paper.status === 'active' && paper.effectiveAt <= now && now < paper.expiresAt
    && !(paper.suspensions ?? []).some((s) => s.part === null && s.liftedAt === null);
}

export interface Sight {
  readonly org: string;
  readonly operation: Operation;
  readonly url: string;
  readonly text: string;
  readonly status: number;
  readonly now: string;
}

/** What organisations publish for everybody, and nothing beside it: criteria of who may join (named to who leaves one unanswered), keys of rebuilders. */
const published = ['eligibility.published', 'rebuilders.list', 'applications.submit'];

interface Shown { readonly owner?: string; readonly open?: boolean }
/** Owners who show a product in this answer to everybody, as its provider said when it was put into the catalogue. */
function showingToAll({ operation: { id }, status, text }: Sight): readonly (string | undefined)[] {
  if (status >= 300 || !/^(products|releases|artefacts|update-channels|channel-alarms|rebuilds|verdicts)\./.test(id) || !text.startsWith('{')) return [];
  const whole = JSON.parse(text) as Shown & { product?: Shown; channel?: Shown; alarm?: Shown; rebuild?: Shown; items?: readonly Shown[] };
  const { product, channel, alarm, rebuild, items = [] } = whole;
  return [whole, product, channel, alarm, rebuild, ...items].filter((p) => p?.open === true).map((p) => p?.owner);
}

/** Null where all is as it should be, else whose record was seen. */
export function maySee(relations: Relations, sight: Sight): string | null {
  const toAll = showingToAll(sight);
  for (const [, name = ''] of sight.text.matchAll(/zq-([a-z]+)-\d+/g)) {
    const owner = `org_${name}`;
    if (toAll.includes(owner)) continue;
    if (!published.includes(sight.operation.id) && owner !== sight.org && !knows(relations, sight.org, owner)) return `${sight.org} saw a text of ${owner}`;
  }
  const { by, ownToo } = sight.operation.endpoint.needs;
  // What one holds oneself may stand in such an answer; of others only whom one knows.
  for (const [owner] of ownToo ? sight.text.matchAll(/org_[a-z]+/g) : []) {
    if (owner !== sight.org && !toAll.includes(owner) && !knows(relations, sight.org, owner)) return `${sight.org} was told of ${owner}`;
  }
  // Towards oneself nobody needs a mandate.
  const other = by === 'mandate' && !ownToo && !sight.url.includes(`owner=${sight.org}`) && sight.org !== 'org_hub';
  if (other && sight.status < 300 && !relations.papers.some((p) => (p.authority === sight.org || p.counterpart === sight.org) && inForce(p, sight.now))) {
    return `${sight.org} was answered by mandate without any agreement in force`;
  }
  return null;
}
