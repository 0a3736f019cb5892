/**
 * Who sees which row, said to the database itself: the second lock behind the stores' scopes (docs/decisions). Every table
 * stands here, with its rule or with the reason why it needs none; test/access/rows.test.ts reads the catalogue and fails
 * on a table that does not. A rule speaks of the row and of `me`, the organisation on whose behalf is asked.
 *
 * The list is applied whenever its text has changed. If we crash while it is applied, nothing of it is.
 */
import { createHash } from 'node:crypto';
import type { Migration } from '#world/db/port';
import { partyRole } from '#world/db/party';

interface Guarded {
  /** SQL that is true of a row one may see. */
  readonly sees: string;
  /** SQL that is true of a row one may write; what one may see unless said. `false`: nothing. */
  readonly writes?: string;
}
interface Open { readonly open: string }

const me = '(select entente_org())';
const person = '(select entente_person())';
/** A mandate of this request has opened what the row's organisation shares. */
const opened = (column: string): string => `${column} = any((select entente_opened())::text[])`;
/** The same, and there is an agreement with that organisation: of agreements one sees one's own alone. */
const agreedWith = (column: string): string => `${opened(column)}
  and exists (select 1 from agreements g where g.authority = ${column} or g.counterpart = ${column})`;
/** A row of one's own people: what is seen of people decides. */
const ofPeople = (table: string, column: string): string => `exists (select 1 from people p where p.id = ${table}.${column})`;
/** A row of a constituent that one may see: of one's own registry, or that one speaks for. */
const ofConstituent = (table: string): string => `exists (select 1 from constituent c where c.id = ${table}.constituent)`;
/** Entries of collections that one holds, or that a mandate has opened. */
const ofCollection: Guarded = {
  sees: `coll in (select c.coll from exchange_collection c where c.scope = ${me} or ${opened('c.scope')})`,
  writes: `coll in (select c.coll from exchange_collection c where c.scope = ${me})`,
};
const publicLog: Guarded = { sees: 'true', writes: 'false' };
const hubOnly: Guarded = { sees: 'false' };

export const rowRules: Readonly<Record<string, Guarded | Open>> = {
  migrations: hubOnly,
  facts_outbox: { sees: 'false', writes: `fact ->> 'org' = ${me} or fact -> 'readers' ? ${me}` },
  facts_acts: { open: 'holds numbers of transactions and nothing else; a trigger writes them for whoever states a fact' },
  reactions_heard: hubOnly,
  tickets: { sees: 'false', writes: `person = ${person}` },

  ledger_head: publicLog, ledger_heads: publicLog, ledger_leaves: publicLog, ledger_checkpoint: publicLog,
  ledger_cosigned: publicLog, ledger_witnesses: publicLog, ledger_keys: publicLog,
  ledger_days: publicLog,
  ledger_readers: { sees: `org = ${me}`, writes: 'false' },
  ledger_openings: {
    sees: `exists (select 1 from ledger_readers r where r.index = ledger_openings.index and r.org = ${me})`, writes: 'false',
  },
  ledger_subject_keys: {
    sees: 'exists (select 1 from ledger_openings o where o.subject = ledger_subject_keys.subject)', writes: 'false',
  },

  organisations: {
    // Oneself, whom one introduced, the other side of one's agreements, and the centre in whose registry one
    // stands; and who publishes criteria, or has applied to oneself.
    sees: `id = ${me} or introduced_by = ${me}
      or exists (select 1 from agreements a where a.authority = organisations.id or a.counterpart = organisations.id)
      or exists (select 1 from constituent c where c.scope = organisations.id)
      or exists (select 1 from eligibility_criteria c where c.provider = organisations.id)
      or exists (select 1 from eligibility_applications a where a.applicant = organisations.id)`,
    writes: `introduced_by = ${me}`,
  },
  people: {
    // Whoever takes part in an approval is known to both of its sides.
    sees: `organisation = ${me}
      or exists (select 1 from approvals a where a.requester = people.id or a.decided_by = people.id)`,
    writes: `organisation = ${me}`,
  },
  passkeys: { sees: ofPeople('passkeys', 'person') },
  passkey_history: { sees: ofPeople('passkey_history', 'person') },
  sessions: { sees: ofPeople('sessions', 'person') },
  tokens: { sees: ofPeople('tokens', 'person') },
  invitations: { sees: `organisation = ${me} or ${ofPeople('invitations', 'created_by')}` },
  challenges: { sees: `subject = ${person}` },
  approvals: { sees: `org = ${me} or approver_org = ${me}` },

  // Begun by a person who links, else by nobody; ended by the hub, who knows the secret's digest.
  oidc_passages: { sees: 'false', writes: `subject = ${person}` },
  identity_links: { sees: ofPeople('identity_links', 'person') },
  identity_expectations: { sees: ofPeople('identity_expectations', 'person') },

  break_glass: { sees: `org = ${me}` },
  duties: { sees: `org = ${me}` },

  legal_holds: { sees: `org = ${me}` },
  tombstones: { sees: `org = ${me}` },

  agreements: {
    // And what a sponsored one rests on, for its sides; and what rests on it, for the sponsor.
    sees: `authority = ${me} or counterpart = ${me} or entente_linked(id, document -> 'sponsorship' ->> 'agreement')`,
    writes: `authority = ${me} or counterpart = ${me}`,
  },

  agreement_versions: { sees: 'exists (select 1 from agreements a where a.id = agreement_versions.agreement)' },
  quota_periods: { sees: 'exists (select 1 from agreements a where a.id = quota_periods.agreement)' },
  quota_draws: { sees: 'exists (select 1 from agreements a where a.id = quota_draws.agreement)' },
  obligation_clocks: { sees: `debtor = ${me} or creditor = ${me}` },
  obligations_heard: hubOnly,
  successions: { sees: `from_org = ${me} or to_org = ${me}` },
  // A successor reads its predecessor's.
  arrangement_notices: {
    sees: `entity = ${me} or authority = ${me} or exists (select 1 from agreements a where a.id = arrangement_notices.agreement)`,
  },
  // Published for whoever would join; an application is its two sides' alone.
  eligibility_criteria: { sees: 'true', writes: `provider = ${me}` },
  eligibility_applications: { sees: `applicant = ${me} or provider = ${me}` },
  // Evidence from another hub is its holder's alone.
  held_copies: { sees: `holder = ${me}` },
  decisions: { sees: `org = ${me}` },
  decision_clock: { open: 'holds the time of the last decision and nothing else; every decision moves it on' },

  // Products that are open are known to everybody, and what is public of them; all else under a mandate.
  catalogue_product: { sees: `scope = ${me} or open or (${agreedWith('catalogue_product.scope')})`, writes: `scope = ${me}` },
  catalogue_release: {
    sees: `scope = ${me} or (${agreedWith('catalogue_release.scope')})
      or exists (select 1 from catalogue_product p where p.id = catalogue_release.product and p.open)`,
    writes: `scope = ${me}`,
  },
  catalogue_artefact: { sees: `scope = ${me} or access = 'public' or (${agreedWith('catalogue_artefact.scope')})`, writes: `scope = ${me}` },
  catalogue_copy: { sees: `person = ${person} or scope = ${me}`, writes: `person = ${person} or scope = ${me}` },
  catalogue_sign_off: { sees: `org = ${me} or scope = ${me}`, writes: `org = ${me}` },
  catalogue_review: { sees: `org = ${me} or scope = ${me}`, writes: `org = ${me}` },
  catalogue_link: { sees: `scope = ${me} or exists (select 1 from catalogue_artefact a where a.id = catalogue_link.artefact)`, writes: `scope = ${me}` },
  catalogue_folder: {
    sees: `scope = ${me} or (${agreedWith('catalogue_folder.scope')}) or exists (select 1 from catalogue_artefact a where a.scope = catalogue_folder.scope
      and a.access = 'public' and a.root is not null)`,
    writes: `scope = ${me}`,
  },

  // Who rebuilds is everybody's to know. What was found is seen by whoever found it, whose product it is, and who may see the file.
  builds_rebuilder: { sees: 'true', writes: `org = ${me}` },
  builds_rebuild: {
    sees: `org = ${me} or scope = ${me} or exists (select 1 from builds_verdict v where v.rebuild = builds_rebuild.id)`, writes: `org = ${me}`,
  },
  builds_verdict: {
    sees: `org = ${me} or scope = ${me} or exists (select 1 from catalogue_artefact a where a.id = builds_verdict.artefact)`, writes: `org = ${me}`,
  },

  // A channel is known to whoever may know of its product, and so is all that was observed of it, by whomever. What enters beside the words
  // of others, and what follows from the comparison, is the hub's own work after the decision's yes.
  watch_channel: { sees: `scope = ${me} or exists (select 1 from catalogue_product p where p.id = watch_channel.product)`, writes: `scope = ${me}` },
  watch_observer: { sees: `org = ${me} or exists (select 1 from watch_run r where r.observer = watch_observer.id)`, writes: `org = ${me}` },
  watch_view: { sees: 'exists (select 1 from watch_channel c where c.id = watch_view.channel)', writes: 'false' },
  watch_run: { sees: 'exists (select 1 from watch_channel c where c.id = watch_run.channel)', writes: 'false' },
  watch_alarm: { sees: 'exists (select 1 from watch_channel c where c.id = watch_alarm.channel)', writes: 'false' },
  watch_word: { sees: 'exists (select 1 from watch_alarm a where a.id = watch_word.alarm)', writes: 'false' },
  watch_excerpt: { sees: 'exists (select 1 from watch_channel c where c.id = watch_excerpt.channel)', writes: 'false' },

  // Both sides of a visit see it. What was read the reviewing side alone, until the rule opens it; a finding once it is disclosed. Whoever
  // says something of the other's record says it in a row of its own.
  centre_visit: { sees: `scope = ${me} or owner = ${me}` }, centre_item: { sees: `scope = ${me} or owner = ${me}` },
  centre_room: {
    sees: `scope = ${me} or exists (select 1 from centre_booking b where b.room = centre_room.id and b.guest = ${me})`, writes: `scope = ${me}`,
  },
  centre_booking: { sees: `scope = ${me} or guest = ${me}`, writes: `scope = ${me}` },
  centre_review: { sees: `scope = ${me} or owner = ${me}`, writes: `scope = ${me}` },
  centre_view: {
    sees: `scope = ${me} or (owner = ${me} and (exists (select 1 from centre_visit v where v.id = centre_view.visit and v.opened_at is not null)
      or exists (select 1 from centre_sampled s where s.view = centre_view.id)))`,
    writes: `scope = ${me}`,
  },
  // What was searched for is told as what was read is.
  centre_search: {
    sees: `scope = ${me} or (owner = ${me} and exists (select 1 from centre_visit v where v.id = centre_search.visit and v.opened_at is not null))`,
    writes: `scope = ${me}`,
  },
  centre_shown: {
    sees: `scope = ${me} or (owner = ${me} and exists (select 1 from centre_visit v where v.id = centre_shown.visit and v.opened_at is not null))`,
    writes: `scope = ${me}`,
  },
  // What a product was seen to send; the provider reads of it what stands in a finding that was disclosed.
  centre_comparison: { sees: `scope = ${me}` },
  centre_index: { sees: `owner = ${me}` },
  centre_seen: { sees: `scope = ${me}` }, centre_account: { sees: `scope = ${me}` },
  centre_note: { sees: `scope = ${me} or owner = ${me}`, writes: `scope = ${me}` },
  centre_clearance: { sees: `scope = ${me} or owner = ${me}`, writes: `owner = ${me}` },
  centre_flaw: { sees: `scope = ${me} or owner = ${me}`, writes: `scope = ${me}` },
  centre_answer: { sees: `scope = ${me} or owner = ${me}`, writes: `owner = ${me}` },
  // What one side says of what the other asked is its own row; bait is the provider's, and both sides' once the visit has ended.
  centre_excerpt: { sees: `scope = ${me} or owner = ${me}`, writes: `scope = ${me}` },
  centre_excerpt_word: {
    sees: `scope = ${me} or owner = ${me}`, writes: `(side = 'scope' and scope = ${me}) or (side = 'owner' and owner = ${me})`,
  },
  centre_copy: { sees: `scope = ${me} or owner = ${me}`, writes: `scope = ${me}` },
  centre_appeal: { sees: `scope = ${me} or owner = ${me}`, writes: `scope = ${me}` },
  centre_appeal_word: { sees: `scope = ${me} or owner = ${me}`, writes: `owner = ${me}` },
  centre_early: { sees: `scope = ${me} or owner = ${me}`, writes: `owner = ${me}` },
  centre_early_word: { sees: `scope = ${me} or owner = ${me}`, writes: `scope = ${me}` },
  // The hub draws.
  centre_sample: { sees: `scope = ${me} or owner = ${me}`, writes: 'false' },
  centre_sampled: { sees: `scope = ${me} or owner = ${me}`, writes: 'false' },
  centre_arbiter: { sees: `scope = ${me} or owner = ${me}`, writes: `party = ${me} and (scope = ${me} or owner = ${me})` },
  centre_arbiter_word: { sees: `scope = ${me} or owner = ${me}`, writes: `party = ${me} and (scope = ${me} or owner = ${me})` },
  // Sealed by the hub: it holds what the provider may not see yet.
  centre_escrow: { sees: `scope = ${me} or owner = ${me}`, writes: 'false' },
  centre_bait: { sees: `owner = ${me}` },
  centre_sealed: {
    sees: `owner = ${me} or (scope = ${me} and exists (select 1 from centre_visit v where v.id = centre_sealed.visit and v.closed_at is not null))`,
    writes: `owner = ${me}`,
  },
  centre_bitten: { sees: `owner = ${me}`, writes: `scope = ${me}` },
  centre_statement: { sees: `scope = ${me}` },

  // What others share is seen under a mandate; titles of collections by whoever they are for.
  exchange_source: { sees: `scope = ${me}` },
  exchange_community: { sees: `scope = ${me}` },
  exchange_reshare: { sees: `asker = ${me} or source = ${me}` },
  exchange_outcome: { sees: `scope = ${me} or reporter = ${me} or source_org = ${me}`, writes: `reporter = ${me}` },
  exchange_blindlist: { sees: `scope = ${me} or partner = ${me}`, writes: `scope = ${me}` },
  exchange_blindkey: {
    sees: `exists (select 1 from exchange_blindlist l where l.id = exchange_blindkey.list and l.scope = ${me})`,
  },
  exchange_collection: { sees: `scope = ${me} or partner = ${me}`, writes: `scope = ${me}` },
  exchange_object: { sees: `scope = ${me} or ${opened('scope')}`, writes: `scope = ${me}` },
  exchange_version: { sees: `scope = ${me} or ${opened('scope')}`, writes: `scope = ${me}` },
  exchange_entry: ofCollection, exchange_head: ofCollection, exchange_retraction: ofCollection,
  exchange_named: { sees: `org = ${me} or exists (select 1 from exchange_object o where o.obj = exchange_named.obj and o.scope = ${me})` },
  exchange_doc: { sees: `scope = ${me} or ${opened('scope')}`, writes: `scope = ${me}` },
  exchange_atom: { sees: `scope = ${me} or ${opened('scope')}`, writes: `scope = ${me}` },
  exchange_prefix: { open: 'holds lengths of prefixes that are in use, and nothing of whose' },
  exchange_warninglist: { sees: `scope = ${me}` },
  exchange_benign: { sees: `list in (select l.id from exchange_warninglist l where l.scope = ${me})` },
  exchange_edge: { sees: `scope = ${me} or ${opened('scope')}`, writes: `scope = ${me}` },
  // Numbers are told by the module, from three organisations on; who reported, to the holder and the one that did.
  exchange_sighting: { sees: `scope = ${me} or holder = ${me}` },
  exchange_sighting_day: { sees: `aud = ${me} or holder = ${me} or ${opened('holder')}`, writes: `aud = ${me} or holder = ${me}` },
  exchange_quarantine: { sees: `scope = ${me}` },
  // What is RED is seen by who wrote it and whom the line has told.
  alert_line: { sees: `org = ${me}` },
  alert: {
    sees: `(scope = ${me} and (tlp <> 'RED' or sent_by = ${person}))
      or exists (select 1 from alert_step s where s.alert = alert.id and s.person = ${person} and s.told_at is not null)`,
    writes: `scope = ${me}`,
  },
  alert_step: { sees: `scope = ${me} or person = ${person}`, writes: `person = ${person}` },
  exchange_export: { sees: `scope = ${me}` }, exchange_release: { sees: `scope = ${me}` },
  exchange_recall: {
    sees: `scope = ${me} or exists (select 1 from exchange_recall_recipient p where p.recall = exchange_recall.id and p.org = ${me})`,
    writes: `scope = ${me}`,
  },
  exchange_recall_recipient: { sees: `scope = ${me} or org = ${me}` },
  exchange_recall_object: {
    sees: `exists (select 1 from exchange_recall r where r.id = exchange_recall_object.recall and r.scope = ${me})
      or exists (select 1 from exchange_recall_copy c where c.recall = exchange_recall_object.recall and c.obj = exchange_recall_object.obj and c.org = ${me})`,
    writes: `exists (select 1 from exchange_recall r where r.id = exchange_recall_object.recall and r.scope = ${me})`,
  },
  exchange_recall_copy: {
    sees: `org = ${me} or exists (select 1 from exchange_recall r where r.id = exchange_recall_copy.recall and r.scope = ${me})`,
    writes: `exists (select 1 from exchange_recall r where r.id = exchange_recall_copy.recall and r.scope = ${me})`,
  },
  exchange_status: { sees: `org = ${me} or scope = ${me}` },

  // A peer's secret is sealed; the key lies elsewhere.
  peers_peer: { sees: `scope = ${me}` }, peers_following: { sees: `scope = ${me}` }, peers_fetch: { sees: `scope = ${me}` },
  peers_aside: { sees: `scope = ${me}` }, peers_site: { sees: `scope = ${me}` }, peers_series: { sees: `scope = ${me}` },
  peers_made: { sees: `scope = ${me}` }, peers_taken: { sees: `scope = ${me}` },
  peers_said: { sees: `site in (select s.id from peers_site s where s.scope = ${me})` },
  // Public records are everybody's to read; of others' what a mandate has opened.
  vuln_source: { sees: `scope = ${me} or kind = 'public' or ${opened('scope')}`, writes: `scope = ${me}` },
  vuln_record: { sees: `public or scope = ${me} or ${opened('scope')}`, writes: `scope = ${me}` },
  vuln_name: { sees: `public or scope = ${me} or ${opened('scope')}`, writes: `scope = ${me}` },
  vuln_key: { sees: `public or scope = ${me} or ${opened('scope')}`, writes: `scope = ${me}` },
  vuln_version: { sees: 'exists (select 1 from vuln_record r where r.rec = vuln_version.rec)', writes: `scope = ${me}` },
  vuln_body: {
    sees: `scope = ${me} or exists (select 1 from vuln_record r where r.scope = vuln_body.scope and r.digest = vuln_body.digest)`, writes: `scope = ${me}`,
  },
  vuln_named: { sees: `org = ${me}` },
  // What is exploited is of everybody; the hub itself writes it as a whole.
  vuln_kev: { sees: 'true', writes: 'false' }, vuln_kev_change: { sees: 'true', writes: 'false' },
  vuln_epss: { sees: 'true', writes: 'false' }, vuln_epss_change: { sees: 'true', writes: 'false' }, vuln_epss_edition: { sees: 'true', writes: 'false' },

  constituent: { sees: `scope = ${me} or org = ${me}`, writes: `scope = ${me}` },
  constituent_asset: {
    // Under a mandate of the centre's one is told that a claim of one's own is contested, not by whom.
    sees: `scope = ${me} or ${opened('scope')} or exists (select 1 from constituent c where c.id = constituent_asset.constituent)`,
    writes: `scope = ${me}`,
  },
  contact: { sees: `scope = ${me} or exists (select 1 from constituent c where c.id = contact.constituent)` },
  notice: {
    // What the centre has not let go yet is not yet told.
    sees: `scope = ${me} or (state = 'released' and ${ofConstituent('notice')})`,
  },
  finding: { sees: `scope = ${me} or ${ofConstituent('finding')}` },
  finding_told: { sees: 'exists (select 1 from finding f where f.id = finding_told.finding)' },
  desk_mark: { sees: `person = ${person}` },
  finding_step: { sees: 'exists (select 1 from finding f where f.id = finding_step.finding)' },
  notice_rule: { sees: `scope = ${me} or ${ofConstituent('notice_rule')}` },
  connection: { sees: `scope = ${me} or ${ofConstituent('connection')}` },
  webhook: { sees: `scope = ${me} or ${ofConstituent('webhook')}` },
  contact_key: { sees: 'exists (select 1 from contact c where c.id = contact_key.contact)' },
  message: { sees: `scope = ${me}` }, decided_day: { sees: `scope = ${me}` },
  // Whoever holds a letter's secret is nobody's party: its acts are the hub's own.
  link: hubOnly,
  asset_claim: { sees: `scope = ${me} or exists (select 1 from constituent c where c.id = asset_claim.constituent)` },

  blocking_list: {
    // Whoever may read it: constituents of the registry, all of them or those it names.
    sees: `scope = ${me} or (readers <> 'own' and exists (select 1 from constituent c where c.scope = blocking_list.scope and c.org = ${me}
      and (blocking_list.readers = 'constituents' or c.id = any(blocking_list.constituents))))`,
    writes: `scope = ${me}`,
  },
  blocking_entry: { sees: `scope = ${me}` },
  blocking_edition: {
    sees: 'exists (select 1 from blocking_list l where l.id = blocking_edition.list)',
    writes: `exists (select 1 from blocking_list l where l.id = blocking_edition.list and l.scope = ${me})`,
  },
  blocking_guard_list: { sees: `scope = ${me}` },
  // A million rows are asked by key: whose they are is asked once, not of each.
  blocking_guard: { sees: `guard in (select l.id from blocking_guard_list l where l.scope = ${me})`, writes: 'false' },

  landscape_feed: { sees: `scope = ${me} or ${opened('scope')}`, writes: `scope = ${me}` },
  landscape_batch: { sees: `scope = ${me}` },
  landscape_quarantine: { sees: 'exists (select 1 from landscape_batch b where b.id = landscape_quarantine.batch)' },
  landscape_stale: { sees: `scope = ${me}` },
  landscape_swept: { sees: `scope = ${me}` },
  landscape_settled: { sees: `scope = ${me}` }, landscape_registry: { sees: `scope = ${me}` }, landscape_restatement: { sees: `scope = ${me}` },
  landscape_gap: { sees: `scope = ${me}` }, landscape_quoted: { sees: `scope = ${me}` },
  landscape_office_report: { sees: `scope = ${me}` }, landscape_repair: { sees: `scope = ${me}` },
  landscape_evidence: { sees: `scope = ${me}` },
  // Secrets of a source are sealed; the key lies elsewhere.
  landscape_source: { sees: `scope = ${me}` }, landscape_source_run: { sees: `scope = ${me}` },
  landscape_source_seen: { sees: 'exists (select 1 from landscape_source s where s.id = landscape_source_seen.source)' },
  landscape_push_key: { sees: `scope = ${me}` }, landscape_push_seen: { sees: `scope = ${me}` },
  landscape_file_conflict: { sees: `scope = ${me}` },
  landscape_report_schema: { sees: `scope = ${me}` }, landscape_schema_in_force: { sees: `scope = ${me}` },
  landscape_mapping: { sees: `scope = ${me}` }, landscape_replay: { sees: `scope = ${me}` },
  // Whoever is looked at sees each job.
  landscape_scan_job: { sees: `scope = ${me} or ${ofConstituent('landscape_scan_job')}`, writes: `scope = ${me}` },
  // Under the mandate to see one's own exposure one is told what was said of it.
  landscape_exposure_advisory: { sees: `scope = ${me} or ${opened('scope')}`, writes: `scope = ${me}` },
  landscape_override: { sees: 'true', writes: 'false' },
};

/**
 * Acts that look past their organisation by their very nature: only the stores' own scopes protect these. By operation, with
 * the reason.
 */
export const firstLockOnly: Readonly<Record<string, string>> = {
  'subjects.erase': 'the operator’s own act on the log, with two of its people: no party may write there',
  'ledger.rotateKey': 'the operator’s own act on the log, with two of its people: no party may write there',
  ...Object.fromEntries(['list', 'ask', 'end'].map((verb) => [`sponsorships.${verb}`,
    'a sponsor is party to its own agreement and answers for one between two others that rests on it'])),
  ...Object.fromEntries(['list', 'plan', 'propose', 'accept', 'consent', 'withdraw'].map((verb) => [`successions.${verb}`,
    'what passes is counted at the predecessor, and whoever gives consents, before any of it is the successor’s'])),
};

function statementsFor(table: string, rule: Guarded | Open): string[] {
  if ('open' in rule) return [];
  const writes = rule.writes ?? rule.sees;
  const policy = (name: string, text: string): string[] =>
    [`drop policy if exists ${name} on ${table}`, `create policy ${name} on ${table} ${text}`];
  return [
    `alter table ${table} enable row level security`,
    ...policy('party_sees', `for select to ${partyRole} using (${rule.sees})`),
    ...policy('party_adds', `for insert to ${partyRole} with check (${writes})`),
    ...policy('party_changes', `for update to ${partyRole} using (${writes}) with check (${writes})`),
    ...policy('party_removes', `for delete to ${partyRole} using (${writes})`),
  ];
}

/** Whether one is a side of an agreement that rests on this one, or of the one that this rests on. Asked as the tables' owner. */
const linked = `create or replace function entente_linked(id text, parent text) returns boolean
  language sql stable security definer set search_path = public as
  'select exists (select 1 from agreements a where entente_org() in (a.authority, a.counterpart)
    and (a.id = $2 or a.document -> ''sponsorship'' ->> ''agreement'' = $1))'`;

const text = [linked, ...Object.entries(rowRules).flatMap(([table, rule]) => statementsFor(table, rule))].map((s) => s.replaceAll(/\s+/g, ' ')).join(';\n');

export const rowMigrations: readonly Migration[] = [
  // Needs what the runner prepares after all tables stand, so it makes sure of it first.
  { name: `app/rows-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`, sql: text },
];
