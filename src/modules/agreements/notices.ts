/**
 * Notices of joining and leaving a sharing arrangement, as NIS2 Article 29(4) has entities tell their authority: produced by
 * the hub from the record within a minute, then filed with the authority's own, where both read it. One a change, however
 * often the fact is heard.
 */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import type { Clock } from '#world/clock';
import { organisationById } from '#modules/parties/index';
import type { ArrangementNotice } from './api/notices.ts';
import { isSharing } from './rules/usage.ts';
import { agreementById } from './store.ts';

interface Tables {
  arrangement_notices: { id: string; agreement: string; entity: string; authority: string; document: ArrangementNotice; state: string };
}

export const noticesMigrations: readonly Migration[] = [
  {
    name: 'agreements/004-arrangement-notices',
    sql: `create table arrangement_notices (
      id text primary key, agreement text not null references agreements (id), entity text not null, authority text not null,
      document jsonb not null, state text not null);
    create index arrangement_notices_parties on arrangement_notices (entity, authority);`,
  },
];

const t = (q: Queryable) => q.as<Tables>();
const json = (n: ArrangementNotice): never => sql`${JSON.stringify(n)}::jsonb` as never;

/** Newest first; those of the sides as they stand now too, so that a successor reads its predecessor's. */
export async function noticesOf(q: Queryable, scope: string): Promise<ArrangementNotice[]> {
  const rows = await t(q).selectFrom('arrangement_notices as n').select('n.document')
    .where((eb) => eb.or([eb('n.entity', '=', scope), eb('n.authority', '=', scope), sql<boolean>`exists (
      select 1 from agreements a where a.id = n.agreement and ${scope} in (a.authority, a.counterpart))`]))
    .orderBy(sql`n.document ->> 'producedAt'`, 'desc').orderBy('n.id', 'desc').limit(500).execute();
  return rows.map((r) => r.document);
}

/** What a fact about an agreement comes to; null where nobody joins or leaves by it. */
const causes: Readonly<Record<string, { kind: ArrangementNotice['kind']; cause: string | null }>> = {
  'agreement.began': { kind: 'joined', cause: null },
  'agreement.ended': { kind: 'left', cause: 'ended' },
  'agreement.expired': { kind: 'left', cause: 'expired' },
  'agreement.part-withdrawn': { kind: 'left', cause: 'part-withdrawn' },
};
export const noticeCauses: readonly string[] = Object.keys(causes);

interface Heard {
  readonly class: string;
  readonly subject: string;
  readonly at: string;
  readonly index: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The day on which it happened, in the agreement's zone, as a letter writes it. */
function dayOf(at: string, timeZone: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric', month: locale === 'vi-VN' ? 'numeric' : 'long', year: 'numeric', timeZone,
  }).format(new Date(at));
}

/** In the transaction that notes the fact as heard: produced and filed once. */
export async function fileNotice(parts: { readonly clock: Clock }, tx: Queryable, fact: Heard): Promise<void> {
  const what = causes[fact.class];
  const a = await agreementById(tx, fact.subject);
  if (!what || !a) return;
  const part = typeof fact.body['part'] === 'string' ? fact.body['part'] : null;
  if (!isSharing(a, part)) return;
  const joined = await t(tx).selectFrom('arrangement_notices').select('document').where('agreement', '=', a.id).execute();
  const kinds = joined.map((r) => r.document.kind);
  // A draft that was thrown away was never joined; what has been left is not left again, but for a part of it.
  const left = joined.some((r) => r.document.kind === 'left' && r.document.part === null);
  if (what.kind === 'left' && (!kinds.includes('joined') || (part === null && left))) return;
  const [entity, authority] = await Promise.all([organisationById(tx, a.counterpart), organisationById(tx, a.authority)]);
  const now = parts.clock.iso();
  const [name, nameVi] = [entity?.name ?? a.counterpart, entity?.nameLocal ?? entity?.name ?? a.counterpart];
  const [to, toVi] = [authority?.name ?? a.authority, authority?.nameLocal ?? authority?.name ?? a.authority];
  const [on, onVi] = [dayOf(fact.at, a.zone, 'en-GB'), dayOf(fact.at, a.zone, 'vi-VN')];
  const where = part === null ? '' : ` (${a.parts.find((p) => p.id === part)?.title ?? part})`;
  const whereVi = part === null ? '' : ` (${a.parts.find((p) => p.id === part)?.titleVi ?? part})`;
  const notice: ArrangementNotice = {
    id: `ntc_${a.id.slice(4)}_${fact.index}`, agreement: a.id, kind: what.kind, cause: what.cause, entity: a.counterpart,
    authority: a.authority, part, state: 'filed', because: fact.index, happenedAt: fact.at, producedAt: now, filedAt: now,
    text: what.kind === 'joined'
      ? `${name} notifies ${to} that it joined the sharing arrangement “${a.title}” on ${on}.`
      : `${name} notifies ${to} that it left the sharing arrangement “${a.title}”${where} on ${on}.`,
    textVi: what.kind === 'joined'
      ? `${nameVi} thông báo với ${toVi} về việc tham gia thỏa thuận chia sẻ thông tin “${a.titleVi}” vào ngày ${onVi}.`
      : `${nameVi} thông báo với ${toVi} về việc rời thỏa thuận chia sẻ thông tin “${a.titleVi}”${whereVi} vào ngày ${onVi}.`,
  };
  await t(tx).insertInto('arrangement_notices').values({
    id: notice.id, agreement: a.id, entity: notice.entity, authority: notice.authority, document: json(notice), state: notice.state,
  }).onConflict((c) => c.column('id').doNothing()).execute();
  for (const name of ['arrangement-notice.produced', 'arrangement-notice.filed']) {
    await stateFact(tx, {
      class: name, at: now, actor: 'system', org: notice.entity, subject: notice.id, readers: [notice.entity, notice.authority],
      clauses: [], body: { agreement: a.id, kind: notice.kind, because: fact.index },
    });
  }
}
