/**
 * Takes versions in. One transaction of one holder at a time: the head of its library is locked first, so that the order of
 * numbers is the order of commits and a reader who follows a collection never misses what commits late. If we crash before the
 * commit nothing is there; after it everything is. Versions are never changed: of an entry, only who supersedes it is written.
 */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { goesInto, mayHold, type CollectionRule } from '../rules/sharing.ts';
import { judge, type Known, type Offer, type Verdict } from '../rules/versions.ts';
import { tables } from './schema.ts';

export interface Taking {
  readonly scope: string;
  readonly source: string;
  /** Sources and identities whose objects this one may bring new versions of, beside its own. */
  readonly creators: ReadonlySet<string>;
  /** Whether the holder made what it takes in. */
  readonly own: boolean;
  /** Collections of the holder that are open, the library among them. */
  readonly rules: readonly CollectionRule[];
  /** Collections into which the sender puts it. */
  readonly into?: ReadonlySet<number> | undefined;
  /** The moment in µs, asked once the log is held: who waited for it is later than whom it waited for. */
  readonly nowUs: () => number;
  /** People who may see what is RED among it. */
  readonly eyes: readonly { readonly person: string; readonly org: string }[];
  readonly by: string;
}

export interface Taken {
  /** By place in the offers. */
  readonly verdicts: readonly Verdict[];
  /** New entries by collection. */
  readonly added: ReadonlyMap<number, number>;
}

interface Placed { readonly offer: Offer; readonly obj: string; ver: string; readonly colls: readonly number[]; readonly fresh: boolean }

/** Locks the holder's log: what follows in this transaction is alone with it. */
export async function lockLog(tx: Queryable, library: number): Promise<void> {
  await sql`select seq from exchange_head where coll = ${library} for update`.execute(tables(tx));
}

export async function take(tx: Queryable, taking: Taking, offers: readonly Offer[]): Promise<Taken> {
  const library = taking.rules.find((r) => r.kind === 'library');
  if (!library) throw new Error('a holder without a library takes nothing in');
  await lockLog(tx, library.coll);
  const now = taking.nowUs();
  const known = await knownOf(tx, taking.scope, offers);
  const verdicts = judge(known, offers, taking);
  const accepted = offers.filter((_, i) => verdicts[i]?.outcome === 'accepted');
  const fresh = await addObjects(tx, taking, accepted, known);
  const placed = accepted.map((offer): Placed => {
    const object = known.get(offer.id) as Known;
    const candidate = { type: offer.type, tlp: Math.max(offer.tlp, object.topTlp), own: taking.own, into: taking.into };
    return {
      offer, obj: object.obj, ver: '', fresh: fresh.has(offer.id),
      // What was called back goes into nothing shared until its holder lifts that.
      colls: taking.rules.filter((rule) => (rule.kind !== 'shared' || !object.recalled)
        && (goesInto(rule, candidate) || (mayHold(rule, candidate) && object.colls.has(rule.coll)))).map((r) => r.coll),
    };
  });
  await addVersions(tx, taking, placed, now);
  await addWords(tx, taking.scope, placed, known);
  const shown = [...placed, ...comeAgain(taking, offers, verdicts, known)];
  const added = new Map<number, number>();
  // In one order for everybody, so that no two wait for each other.
  for (const coll of [...new Set(shown.flatMap((p) => p.colls))].sort((a, b) => a - b)) {
    const rows = shown.filter((p) => p.colls.includes(coll));
    await addEntries(tx, coll, rows, now);
    added.set(coll, rows.length);
  }
  await leaveRaised(tx, taking, placed, known, now);
  await nameEyes(tx, taking, shown, now);
  return { verdicts, added };
}

/**
 * What is held already and is shown again: an observable that was taken out of every collection, since it has no version that could be
 * newer; and whatever its sender puts into a collection that does not have it. Else a sender would learn from its absence that the
 * holder has it from somebody else.
 */
function comeAgain(taking: Taking, offers: readonly Offer[], verdicts: readonly Verdict[], known: ReadonlyMap<string, Known>): Placed[] {
  const found = new Map<string, Placed>();
  for (const [i, offer] of offers.entries()) {
    const object = known.get(offer.id);
    if (verdicts[i]?.outcome !== 'duplicate' || !object) continue;
    const out = !offer.versioned && object.colls.size === 0;
    const put = [...taking.into ?? []].some((coll) => !object.colls.has(coll));
    if (!out && !put) continue;
    const [at, version] = [...object.versions].find(([key, v]) => v.ver !== ''
      && (offer.versioned ? key === `${offer.us} ${offer.rest} ${offer.spec}` : v.digest === offer.digest)) ?? [];
    if (at === undefined || version === undefined) continue;
    const [us = '0', rest = ''] = at.split(' ');
    const candidate = { type: offer.type, tlp: Math.max(offer.tlp, object.topTlp), own: taking.own, into: taking.into };
    const colls = taking.rules.filter((rule) => (out || (taking.into?.has(rule.coll) === true && !object.colls.has(rule.coll))) && (rule.kind !== 'shared'
      || !object.recalled)
      && goesInto(rule, candidate)).map((r) => r.coll);
    found.set(version.ver, { offer: { ...offer, us: BigInt(us), rest }, obj: object.obj, ver: version.ver, colls, fresh: false });
  }
  return [...found.values()];
}

/** What is known of the objects of a delivery: who made them, their versions of these times, where they are shared. */
async function knownOf(tx: Queryable, scope: string, offers: readonly Offer[]): Promise<Map<string, Known>> {
  const ids = [...new Set(offers.map((o) => o.id))];
  const { rows } = await sql<{
    obj: string; stix_id: string; creator: string | null; source: string; revoked_us: string | null; top_us: string; top_rest: string; top_tlp: number;
    recalled: string | null;
  }>`select obj, stix_id, creator, source, revoked_us, top_us, top_rest, top_tlp, recalled from exchange_object
    where scope = ${scope} and stix_id = any(${ids}::text[])`.execute(tables(tx));
  const known = new Map(rows.map((r): [string, Known] => [r.stix_id, {
    obj: String(r.obj), creator: r.creator, source: r.source, revokedUs: r.revoked_us === null ? null : BigInt(r.revoked_us),
    topUs: BigInt(r.top_us), topRest: r.top_rest, topTlp: r.top_tlp, recalled: r.recalled !== null,
    versions: new Map(), colls: new Set(),
  }]));
  if (rows.length === 0) return known;
  const byObj = new Map([...known.values()].map((k) => [k.obj, k]));
  const objs = [...byObj.keys()];
  const [versions, places] = [
    await sql<{ obj: string; us: string; rest: string; spec: number; digest: string; ver: string }>`select v.obj, v.us, v.rest, v.spec, v.digest, v.ver
      from exchange_version v where v.obj = any(${objs}::bigint[])`.execute(tables(tx)),
    await sql<{ obj: string; coll: number }>`select distinct e.obj, e.coll from exchange_entry e where e.obj = any(${objs}::bigint[])`.execute(tables(tx)),
  ];
  for (const v of versions.rows) byObj.get(String(v.obj))?.versions.set(`${v.us} ${v.rest} ${v.spec}`, { digest: v.digest, ver: String(v.ver) });
  for (const p of places.rows) byObj.get(String(p.obj))?.colls.add(p.coll);
  return known;
}

/** Adds objects that are new, and moves the highest version and the revocation of those that are known. Answers the new ids. */
async function addObjects(tx: Queryable, { scope, source }: Taking, accepted: readonly Offer[], known: Map<string, Known>): Promise<Set<string>> {
  const last = new Map<string, Offer>();
  const revoked = new Map<string, bigint>();
  for (const offer of accepted) {
    const before = last.get(offer.id);
    if (!before || isAfter(offer, before.us, before.rest)) last.set(offer.id, offer);
    if (offer.revoked) revoked.set(offer.id, offer.us);
  }
  const fresh = [...last.values()].filter((o) => !known.has(o.id));
  if (fresh.length > 0) {
    const { rows } = await sql<{ obj: string; stix_id: string }>`insert into exchange_object
        (scope, stix_id, typ, creator, source, revoked_us, top_us, top_rest, top_tlp)
      select ${scope}, n.id, n.typ, nullif(n.creator, ''), ${source}, nullif(n.revoked, '')::bigint, n.us, n.rest, n.tlp
      from unnest(${fresh.map((o) => o.id)}::text[], ${fresh.map((o) => o.type)}::text[], ${fresh.map((o) => o.creator ?? '')}::text[],
        ${fresh.map((o) => String(revoked.get(o.id) ?? ''))}::text[], ${fresh.map((o) => String(o.us))}::bigint[], ${fresh.map((o) => o.rest)}::text[],
        ${fresh.map((o) => o.tlp)}::smallint[]) as n(id, typ, creator, revoked, us, rest, tlp)
      returning obj, stix_id`.execute(tables(tx));
    for (const row of rows) {
      const offer = last.get(row.stix_id) as Offer;
      known.set(row.stix_id, {
        obj: String(row.obj), creator: offer.creator, source, revokedUs: revoked.get(offer.id) ?? null, topUs: offer.us, topRest: offer.rest,
        topTlp: offer.tlp, recalled: false, versions: new Map(), colls: new Set(),
      });
    }
  }
  const names = new Set(fresh.map((o) => o.id));
  const moved = [...last.values()].filter((o) => !names.has(o.id) && isAfter(o, (known.get(o.id) as Known).topUs, (known.get(o.id) as Known).topRest));
  const ended = [...revoked].filter(([id]) => !names.has(id));
  if (moved.length > 0) {
    await sql`update exchange_object o set top_us = n.us, top_rest = n.rest, top_tlp = n.tlp
      from unnest(${moved.map((o) => (known.get(o.id) as Known).obj)}::bigint[], ${moved.map((o) => String(o.us))}::bigint[],
        ${moved.map((o) => o.rest)}::text[], ${moved.map((o) => o.tlp)}::smallint[]) as n(obj, us, rest, tlp)
      where o.obj = n.obj`.execute(tables(tx));
    for (const offer of moved) Object.assign(known.get(offer.id) as Known, { topUs: offer.us, topRest: offer.rest, topTlp: offer.tlp });
  }
  if (ended.length > 0) {
    await sql`update exchange_object o set revoked_us = n.us
      from unnest(${ended.map(([id]) => (known.get(id) as Known).obj)}::bigint[], ${ended.map(([, us]) => String(us))}::bigint[]) as n(obj, us)
      where o.obj = n.obj`.execute(tables(tx));
  }
  return names;
}

const isAfter = (offer: Pick<Offer, 'us' | 'rest'>, us: bigint, rest: string): boolean =>
  (offer.us === us ? offer.rest > rest : offer.us > us);

async function addVersions(tx: Queryable, { scope, source }: Taking, placed: readonly Placed[], nowUs: number): Promise<void> {
  if (placed.length === 0) return;
  const { rows } = await sql<{ ver: string; obj: string; us: string; rest: string; spec: number }>`insert into exchange_version
      (scope, obj, us, rest, said, spec, source, revoked, tlp, digest, received_us, body)
    select ${scope}, n.obj, n.us, n.rest, n.said, n.spec, ${source}, n.revoked, n.tlp, n.digest, ${String(nowUs)}::bigint, n.body
    from unnest(${placed.map((p) => p.obj)}::bigint[], ${placed.map((p) => String(p.offer.us))}::bigint[], ${placed.map((p) => p.offer.rest)}::text[],
      ${placed.map((p) => p.offer.said)}::text[], ${placed.map((p) => p.offer.spec)}::smallint[], ${placed.map((p) => p.offer.revoked)}::boolean[],
      ${placed.map((p) => p.offer.tlp)}::smallint[], ${placed.map((p) => p.offer.digest)}::text[], ${placed.map((p) => p.offer.body)}::text[])
      as n(obj, us, rest, said, spec, revoked, tlp, digest, body)
    returning ver, obj, us, rest, spec`.execute(tables(tx));
  const made = new Map(rows.map((r) => [`${r.obj} ${r.us} ${r.rest} ${r.spec}`, String(r.ver)]));
  for (const p of placed) p.ver = made.get(`${p.obj} ${p.offer.us} ${p.offer.rest} ${p.offer.spec}`) as string;
}

/** What the last version of each object is found by and joined to, in place of what the one before it was. */
async function addWords(tx: Queryable, scope: string, placed: readonly Placed[], known: ReadonlyMap<string, Known>): Promise<void> {
  const tops = [...new Map(placed.filter(({ offer }) => {
    const object = known.get(offer.id) as Known;
    return offer.us === object.topUs && offer.rest === object.topRest;
  }).map((p) => [p.obj, p])).values()];
  if (tops.length === 0) return;
  const before = tops.filter((p) => !p.fresh).map((p) => p.obj);
  if (before.length > 0) {
    await sql`delete from exchange_doc where obj = any(${before}::bigint[])`.execute(tables(tx));
    await sql`delete from exchange_edge where obj = any(${before}::bigint[])`.execute(tables(tx));
  }
  await sql`insert into exchange_doc (scope, obj, name, words) select ${scope}, n.obj, n.name, to_tsvector('simple', n.text)
    from unnest(${tops.map((p) => p.obj)}::bigint[], ${tops.map((p) => p.offer.words.name)}::text[], ${tops.map((p) => p.offer.words.text)}::text[])
      as n(obj, name, text)`.execute(tables(tx));
  await addAtoms(tx, scope, tops, before);
  const edges = tops.flatMap((p) => p.offer.words.edges.map((edge) => ({ ...edge, obj: p.obj })));
  if (edges.length === 0) return;
  await sql`insert into exchange_edge (scope, src, dst, relation, obj) select ${scope}, n.src, n.dst, n.relation, n.obj
    from unnest(${edges.map((e) => e.from)}::text[], ${edges.map((e) => e.to)}::text[], ${edges.map((e) => e.relation)}::text[],
      ${edges.map((e) => e.obj)}::bigint[]) as n(src, dst, relation, obj) on conflict do nothing`.execute(tables(tx));
}

/** Values by which an object is looked up: of its last version alone, so that what a newer one took back is not found any more. */
async function addAtoms(tx: Queryable, scope: string, tops: readonly Placed[], before: readonly string[]): Promise<void> {
  if (before.length > 0) await sql`delete from exchange_atom where obj = any(${before}::bigint[])`.execute(tables(tx));
  const atoms = tops.filter((p) => !p.offer.revoked)
    .flatMap((p) => p.offer.atoms.keys.map((key) => ({ key, obj: p.obj, to: p.offer.atoms.validToUs })));
  if (atoms.length === 0) return;
  await sql`insert into exchange_atom (scope, key, obj, valid_to_us) select ${scope}, n.key, n.obj, n.until from unnest(${atoms.map((a) => a.key)}::uuid[],
    ${atoms.map((a) => a.obj)}::bigint[], ${atoms.map((a) => (a.to === null ? null : String(a.to)))}::bigint[]) as n(key, obj, until)
    on conflict do nothing`.execute(tables(tx));
  const lengths = new Map(tops.flatMap((p) => p.offer.atoms.prefixes).map((p) => [p.join('/'), p]));
  for (const [family, length] of lengths.values()) {
    await sql`insert into exchange_prefix (family, length) values (${family}::smallint, ${length}::smallint) on conflict do nothing`.execute(tables(tx));
  }
}

/**
 * The next numbers of a collection's log: from the moment on, or from the last where that is later. Held until the commit. Answers
 * the first.
 */
export async function numbers(tx: Queryable, coll: number, count: number, nowUs: number): Promise<number> {
  const { rows } = await sql<{ seq: string }>`update exchange_head set seq = greatest(seq, ${String(nowUs)}::bigint - 1) + ${count}::bigint
    where coll = ${coll} returning seq`.execute(tables(tx));
  return Number(rows[0]?.seq) - count + 1;
}

async function addEntries(tx: Queryable, coll: number, placed: readonly Placed[], nowUs: number): Promise<void> {
  const first = await numbers(tx, coll, placed.length, nowUs);
  await sql`insert into exchange_entry (coll, seq, ver, obj, us, rest, typ, spec, tlp, bytes, superseded_seq, first, outdated)
    select ${coll}::int, n.seq, n.ver, n.obj, n.us, n.rest, n.typ, n.spec, n.tlp, n.bytes, null, true, false
    from unnest(${placed.map((_, i) => String(first + i))}::bigint[], ${placed.map((p) => p.ver)}::bigint[], ${placed.map((p) => p.obj)}::bigint[],
      ${placed.map((p) => String(p.offer.us))}::bigint[], ${placed.map((p) => p.offer.rest)}::text[], ${placed.map((p) => p.offer.type)}::text[],
      ${placed.map((p) => p.offer.spec)}::smallint[], ${placed.map((p) => p.offer.tlp)}::smallint[], ${placed.map((p) => p.offer.body.length)}::int[])
      as n(seq, ver, obj, us, rest, typ, spec, tlp, bytes)`.execute(tables(tx));
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const { obj, fresh } of placed) {
    if (!fresh || seen.has(obj)) again.add(obj);
    seen.add(obj);
  }
  await setSuperseded(tx, coll, [...again]);
}

/**
 * Says anew of objects in a collection which version is the last, which the first, and which a later specification has replaced.
 * A version is superseded by the first entry of a later one; one that came after a later one was superseded when it came.
 */
export async function setSuperseded(tx: Queryable, coll: number, objs: readonly string[]): Promise<void> {
  if (objs.length === 0) return;
  await sql`update exchange_entry e set superseded_seq = n.by, first = n.first, outdated = n.outdated from (
      select coll, seq, row_number() over w = 1 as first, spec < max(spec) over (partition by obj) as outdated,
        case when lead(seq) over w is not null then greatest(seq, min(seq) over (w rows between 1 following and unbounded following)) end as by
      from exchange_entry where coll = ${coll} and obj = any(${objs}::bigint[]) window w as (partition by obj, spec order by us, rest)) n
    where e.coll = n.coll and e.seq = n.seq
      and (e.superseded_seq is distinct from n.by or e.first <> n.first or e.outdated <> n.outdated)`.execute(tables(tx));
}

/** A newer version above what a collection carries takes the object out of it, and the collection says so: absence alone tells nobody. */
async function leaveRaised(tx: Queryable, taking: Taking, placed: readonly Placed[], known: ReadonlyMap<string, Known>, nowUs: number): Promise<void> {
  for (const rule of taking.rules) {
    const leaving = [...new Set(placed.filter((p) => {
      const object = known.get(p.offer.id) as Known;
      if (!object.colls.has(rule.coll)) return false;
      return rule.kind === 'shared' ? object.topTlp > rule.ceiling : !goesInto(rule, { type: p.offer.type, tlp: object.topTlp, own: true });
    }).map((p) => p.obj))];
    await retract(tx, rule.coll, leaving, 'raised', nowUs);
  }
}

export type RetractionReason = 'raised' | 'deleted' | 'recalled' | 'ended';

/** Takes objects out of a collection, with an entry in its log of retractions for each. Answers how many were there. */
export async function retract(tx: Queryable, coll: number, objs: readonly string[], reason: RetractionReason, nowUs: number): Promise<number> {
  if (objs.length === 0) return 0;
  const { rows } = await sql<{ obj: string }>`delete from exchange_entry where coll = ${coll} and obj = any(${objs}::bigint[]) returning obj`
    .execute(tables(tx));
  const gone = [...new Set(rows.map((r) => String(r.obj)))];
  if (gone.length === 0) return 0;
  const first = await numbers(tx, coll, gone.length, nowUs);
  await sql`insert into exchange_retraction (coll, seq, obj, reason, at)
    select ${coll}::int, n.seq, n.obj, ${reason}, to_timestamp(${nowUs}::double precision / 1e6)
    from unnest(${gone.map((_, i) => String(first + i))}::bigint[], ${gone}::bigint[]) as n(seq, obj)`.execute(tables(tx));
  return gone.length;
}

/** Some versions of an object out of a collection; the object is retracted with the last of them. */
export async function dropVersions(tx: Queryable, coll: number, obj: string, vers: readonly string[], nowUs: number): Promise<void> {
  const gone = await sql`delete from exchange_entry where coll = ${coll} and obj = ${obj}::bigint and ver = any(${vers}::bigint[]) returning 1`
    .execute(tables(tx));
  if (gone.rows.length === 0) return;
  const { rows } = await sql`select 1 from exchange_entry where coll = ${coll} and obj = ${obj}::bigint limit 1`.execute(tables(tx));
  if (rows.length > 0) return setSuperseded(tx, coll, [obj]);
  const first = await numbers(tx, coll, 1, nowUs);
  await sql`insert into exchange_retraction (coll, seq, obj, reason, at)
    values (${coll}::int, ${String(first)}::bigint, ${obj}::bigint, 'deleted', to_timestamp(${nowUs}::double precision / 1e6))`.execute(tables(tx));
}

async function nameEyes(tx: Queryable, { eyes, rules, by }: Taking, placed: readonly Placed[], nowUs: number): Promise<void> {
  const coll = rules.find((r) => r.kind === 'eyes')?.coll;
  const objs = [...new Set(placed.filter((p) => coll !== undefined && p.colls.includes(coll)).map((p) => p.obj))];
  for (const { person, org } of objs.length > 0 ? eyes : []) {
    await sql`insert into exchange_named (obj, person, org, named_by, at)
      select n.obj, ${person}, ${org}, ${by}, to_timestamp(${nowUs}::double precision / 1e6) from unnest(${objs}::bigint[]) as n(obj)
      on conflict do nothing`.execute(tables(tx));
  }
}
