/**
 * The same decision over many rows: what an asker may see becomes one condition of SQL, so that a list, its count and its pages
 * are the filter of all by the decision (G9). What does not depend on the row is answered here by the table of checks; what
 * does is compiled from the same grants and the same tests, and SQL's NULL stands for what is not known.
 */
import { sql, type RawBuilder } from 'kysely';
import { deepest, truthOf, type Condition, type Leaf, type Truth } from '#kit/condition/condition';
import { askedOf, attributeOf, binds, checks, red, type Asked } from './checks.ts';
import { tlpOrder, type Bound, type CompiledForbid, type CompiledGrant, type Policy } from './policy.ts';
import type { Request } from './request.ts';
import { standingCode } from './standing.ts';
import { missingPart } from './weigh.ts';

type Sql<T = unknown> = RawBuilder<T>;

/** Where a table keeps what the decision reads; what is left out does not come into it, as in a request. */
export interface RowColumns {
  readonly owner: Sql;
  readonly kind: Sql;
  /** jsonb array of strings; null is none. */
  readonly products?: Sql | undefined;
  /** text; null is labelled by nobody. */
  readonly tlp?: Sql | undefined;
  /** integer; null is not known. */
  readonly level?: Sql | undefined;
  /** jsonb arrays of ids; null names nobody in particular. */
  readonly audienceOrgs?: Sql | undefined;
  readonly audiencePersons?: Sql | undefined;
  /** jsonb object. */
  readonly attributes?: Sql | undefined;
}

const yes: Sql<boolean> = sql`true`;
const no: Sql<boolean> = sql`false`;
const unknown: Sql<boolean> = sql`null::boolean`;
const literal = (truth: Truth): Sql<boolean> => (truth === null ? unknown : truth ? yes : no);
const every = (list: readonly Sql[]): Sql<boolean> => (list.length === 0 ? yes : sql`(${sql.join([...list], sql` and `)})`);
const some = (list: readonly Sql[]): Sql<boolean> => (list.length === 0 ? no : sql`(${sql.join([...list], sql` or `)})`);
const json = (value: readonly string[]): Sql => sql`${JSON.stringify(value)}::text::jsonb`;

/**
 * A condition that is true for exactly the rows of other organisations that `decide` would allow. Rows of one's own need no
 * clause: a store adds them itself.
 */
export function allowedRows(policy: Policy, request: Omit<Request, 'resource'>, columns: RowColumns): Sql<boolean> {
  const owners = policy.bounds.get(request.actor.org) ?? new Map<string, readonly Bound[]>();
  return some([...owners].map(([owner, bounds]) => {
    const whole: Request = { ...request, resource: { owner, kind: '' } };
    const asked = askedOf(whole);
    const grants = bounds.flatMap((bound) => standingGrants(bound, asked));
    if (grants.length === 0) return no;
    const bans = bounds.flatMap((bound) => bindingForbids(bound, asked)).map((ban) => banSql(ban, whole, columns));
    return every([
      sql`${columns.owner} = ${owner}`, ...bans.map((ban) => sql`(${ban}) is false`), some(grants.map((g) => grantSql(g, asked, columns))),
    ]);
  }));
}

/** The grants of which nothing but the row decides. */
function standingGrants(bound: Bound, asked: Asked): CompiledGrant[] {
  if (standingCode(bound.of, asked.now) !== 'agreement-in-force' || missingPart(bound, asked.request.action) !== null) return [];
  const candidates = bound.of.granted[bound.side].get(asked.request.action) ?? [];
  return candidates.filter((grant) => checks.every((check) => check.ofRow || check.holds(grant, asked)));
}

function bindingForbids({ of, side }: Bound, asked: Asked): CompiledForbid[] {
  const { action } = asked.request;
  const above = of.sponsor && side === 'authority' ? of.sponsor.forbidden.authority.get(action) ?? [] : [];
  return [...(of.forbidden[side].get(action) ?? []), ...above].filter((ban) => binds(ban.agreement, asked.now));
}

function grantSql(g: CompiledGrant, asked: Asked, columns: RowColumns): Sql<boolean> {
  const { products, level } = columns;
  return every([
    sql`${columns.kind} = any(${g.spec.kinds}::text[])`,
    ...(products === undefined ? [literal(g.allNamed)] : [productsSql(g, products)]),
    ...labelSql(g, asked, columns.tlp),
    ...(level === undefined ? [] : [sql`coalesce(${level} between 0 and ${g.level}::int, false)`]),
    ...audienceSql(g, asked, columns),
  ]);
}

function productsSql(g: CompiledGrant, products: Sql): Sql<boolean> {
  const set = sql`coalesce(${products}, '[]'::jsonb)`;
  const scope = g.spec.products === 'ALL_NAMED' ? g.agreement.agreement.products : g.spec.products;
  const inside = sql`jsonb_typeof(${set}) = 'array' and ${set} <@ ${json(scope)}`;
  return g.allNamed ? sql`(${inside})` : sql`(${inside} and ${set} <> '[]'::jsonb)`;
}

const rankSql = (tlp: Sql): Sql<number> =>
  sql`(case coalesce(${tlp}, 'RED') ${sql.join(tlpOrder.map((label, i) => sql`when ${sql.lit(label)} then ${sql.lit(i)}`), sql` `)} end)`;

/** The ceiling, and who is behind the highest labels: red for people named, amber+strict not for the sponsored. */
function labelSql(g: CompiledGrant, asked: Asked, tlp: Sql | undefined): Sql[] {
  if (tlp === undefined) return [];
  const { person } = asked.request.actor;
  const named = g.persons !== null && person !== undefined && g.persons.has(person);
  const ceiling = Math.min(g.tlp, named ? red : red - 1, g.parent === null ? red : red - 2);
  return [sql`coalesce(${rankSql(tlp)} <= ${sql.lit(ceiling)}, false)`];
}

function audienceSql(g: CompiledGrant, asked: Asked, { audienceOrgs, audiencePersons }: RowColumns): Sql[] {
  const { org, person } = asked.request.actor;
  const orgs = g.parent === null ? [org] : [org, g.parent.sponsor];
  return [
    ...(audienceOrgs === undefined ? [] : [sql`(${audienceOrgs} is null or ${audienceOrgs} ?| ${orgs}::text[])`]),
    ...(audiencePersons === undefined ? [] : [
      sql`(${audiencePersons} is null or ${audiencePersons} ?| ${person === undefined ? [] : [person]}::text[])`,
    ]),
  ];
}

const banSql = (ban: CompiledForbid, request: Request, columns: RowColumns): Sql<boolean> =>
  (ban.when === null ? yes : testSql(ban.when, request, columns, 0));

/** A test over a row: true, false, or NULL where it reads what is not there or is of another type. */
function testSql(test: Condition, request: Request, columns: RowColumns, depth: number): Sql<boolean> {
  if (depth > deepest) return unknown;
  if ('not' in test) return sql`(not ${testSql(test.not, request, columns, depth + 1)})`;
  if ('all' in test || 'any' in test) {
    const [list, fold] = 'all' in test ? [test.all, every] as const : [test.any, some] as const;
    return list.length === 0 ? unknown : fold(list.map((t) => testSql(t, request, columns, depth + 1)));
  }
  switch (test.attribute) {
    case 'owner': return textSql(test, columns.owner);
    case 'kind': return textSql(test, columns.kind);
    case 'tlp': return columns.tlp === undefined ? unknown : tlpSql(test, columns.tlp);
    case 'level': return columns.level === undefined ? unknown : numberSql(test, columns.level);
    case 'products': return setSql(test, sql`coalesce(${columns.products ?? sql`null::jsonb`}, '[]'::jsonb)`);
    default:
      if (test.attribute.startsWith('resource.')) return attributeSql(test, columns.attributes);
      // It reads the asker or the act, the same for every row.
      return literal(truthOf(test, (name) => attributeOf(request, name), { tlp: tlpOrder }));
  }
}

function textSql(leaf: Leaf, text: Sql): Sql<boolean> {
  if (leaf.is === 'equal' && typeof leaf.value === 'string') return sql`(${text} = ${leaf.value}::text)`;
  return leaf.is === 'one-of' ? sql`(${text} = any(${leaf.value}::text[]))` : unknown;
}

function tlpSql(leaf: Leaf, tlp: Sql): Sql<boolean> {
  if (leaf.is !== 'at-most' && leaf.is !== 'at-least') return textSql(leaf, sql`coalesce(${tlp}, 'RED')`);
  const bound = tlpOrder.indexOf(String(leaf.value));
  if (bound < 0) return unknown;
  return leaf.is === 'at-most' ? sql`(${rankSql(tlp)} <= ${sql.lit(bound)})` : sql`(${rankSql(tlp)} >= ${sql.lit(bound)})`;
}

function numberSql(leaf: Leaf, number: Sql): Sql<boolean> {
  if (typeof leaf.value !== 'number' || !Number.isFinite(leaf.value)) return unknown;
  const bound = sql`${String(leaf.value)}::text::numeric`;
  const signs = new Map([['equal', sql`=`], ['at-most', sql`<=`], ['at-least', sql`>=`]]);
  const sign = signs.get(leaf.is);
  return sign ? sql`(${number} ${sign} ${bound})` : unknown;
}

function setSql(leaf: Leaf, set: Sql): Sql<boolean> {
  if (leaf.is === 'all-of') return sql`(case when jsonb_typeof(${set}) = 'array' then ${set} @> ${json(leaf.value)} end)`;
  if (leaf.is === 'any-of') return sql`(case when jsonb_typeof(${set}) = 'array' then ${set} ?| ${leaf.value}::text[] end)`;
  return unknown;
}

function attributeSql(leaf: Leaf, attributes: Sql | undefined): Sql<boolean> {
  if (attributes === undefined) return unknown;
  const name = leaf.attribute.slice('resource.'.length);
  const value = sql`(${attributes} -> ${name}::text)`;
  const typed = (type: string, then: Sql): Sql<boolean> => sql`(case when jsonb_typeof(${value}) = ${sql.lit(type)} then ${then} end)`;
  const text = sql`(${value} #>> '{}')`;
  if (leaf.is === 'all-of' || leaf.is === 'any-of') return setSql(leaf, value);
  if (leaf.is === 'one-of') return typed('string', textSql(leaf, text));
  if (typeof leaf.value === 'number') return typed('number', numberSql(leaf, sql`${text}::numeric`));
  if (leaf.is !== 'equal') return unknown;
  return typeof leaf.value === 'boolean'
    ? typed('boolean', sql`${text}::boolean = ${sql.lit(leaf.value)}`) : typed('string', textSql(leaf, text));
}
