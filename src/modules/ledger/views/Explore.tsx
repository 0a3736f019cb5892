/** The ledger: what this browser verifies of it right now, and the facts one may read, each with its seal. */
import { useQuery } from '@tanstack/react-query';
import { useAsk, useTransport } from '#ui/asking';
import { Breakable, Code } from '#ui/Code';
import { Download } from '#ui/Download';
import { EmptyState } from '#ui/EmptyState';
import { Choice, Filters, Typed } from '#ui/Filters';
import { Hash } from '#ui/Hash';
import { Mark } from '#ui/Mark';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { Answer, Block, Columns, Page, Particulars, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { Seal } from '#ui/Seal';
import { Time } from '#ui/Time';
import { Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { ledgerApi } from '../api.ts';
import css from './Explore.module.css';
import { useKinds, useNames } from './names.ts';
import { ProvedEntry } from './ProofTree.tsx';
import { visit, type Growth } from './visit.ts';

type Status = OutputOf<typeof ledgerApi.status>;

export function Explore() {
  const { t } = useWords();
  const reader = useReader();
  const status = useAsk(ledgerApi.status, {});
  const act = reader.may('ledger.export') ? <Download operation="ledger.export">{t('ledger.export')}</Download> : null;
  return (
    <Page title={t('nav.ledger')} description={t('ledger.text')} act={act}>
      <Answer of={status} skeleton={<Block height={260} />}>
        {(s) => (
          <Columns>
            <Live status={s} />
            <Section title={t('ledger.last')} note={t('ledger.last-note')}>
              {s.size === 0 ? <EmptyState title={t('ledger.empty')} how={t('ledger.empty-how')} /> : <ProvedEntry index={s.size - 1} />}
            </Section>
          </Columns>
        )}
      </Answer>
      {reader.may('fact.list') ? <Facts /> : <Section><p style={{ margin: 0 }}>{t('ledger.public-only')}</p></Section>}
      <Offline origin={status.data?.vkey ?? ''} />
    </Page>
  );
}

function Live({ status }: { readonly status: Status }) {
  const { t, number } = useWords();
  const { bytes } = useTransport();
  const checked = useQuery({
    queryKey: ['visit', status.checkpoint], staleTime: Infinity,
    queryFn: () => visit(status.checkpoint, status.vkey, new Date().toISOString(), bytes),
  });
  return (
    <Section title={t('ledger.live')} note={t('ledger.live-note')}>
      <div className={css.live} aria-live="polite">
        {checked.isError ? <ProblemNote error={checked.error} /> : null}
        {checked.data ? (
          <ul className={css.checks}>
            <li><Mark is={checked.data.signed ? 'good' : 'danger'}>{t(checked.data.signed ? 'ledger.signed' : 'ledger.not-signed')}</Mark></li>
            {checked.data.signed ? <li><Grown growth={checked.data.growth} /></li> : null}
          </ul>
        ) : null}
        <Particulars
          items={[
            [t('ledger.size'), <span className="e-num">{number(status.size)}</span>],
            [t('ledger.root'), <Hash value={status.root} />],
            [t('ledger.at'), status.at ? <Time at={status.at} to="second" /> : t('ledger.never')],
            [t('ledger.origin'), <span className="e-mono"><Breakable text={status.origin} /></span>],
            [t('ledger.watched'), <Link to="/witnesses">{t('nav.witnesses')}</Link>],
          ]}
        />
        <details>
          <summary>{t('ledger.checkpoint')}</summary>
          <div style={{ marginTop: 8 }}><Code label={t('ledger.checkpoint')} text={status.checkpoint} /></div>
        </details>
      </div>
    </Section>
  );
}

function Grown({ growth }: { readonly growth: Growth }) {
  const { t, number } = useWords();
  if (growth.is === 'first') return <Mark is="info">{t('growth.first')}</Mark>;
  const words = { size: number(growth.since.size), hashes: 'hashes' in growth ? number(growth.hashes) : '' };
  if (growth.is === 'broken') {
    return (
      <div role="alert">
        <Mark is="danger">{t(`growth.${growth.why}`, words)}</Mark>
        <p className="e-quiet">{t('growth.broken')}</p>
      </div>
    );
  }
  return (
    <>
      <Mark is="good">{t(`growth.${growth.is}`, words)}</Mark>{' '}
      <span className="e-small e-quiet">{t('growth.since')} <Time at={growth.since.at} /></span>
    </>
  );
}

/** Beginnings of the names of facts that one looks for, as the hub filters by them. */
const families = [
  'agreement.', 'approval.', 'break-glass.', 'session.', 'person.', 'invitation.', 'token.', 'passkey.', 'hold.', 'succession.',
  'sponsorship.',
  'application.', 'arrangement-notice.', 'obligation.', 'quota.', 'decision.', 'feed.', 'batch.', 'constituent.', 'asset.', 'ledger.',
] as const;

function Facts() {
  const { t, has, number } = useWords();
  const nameOf = useNames();
  const kindOf = useKinds();
  const [search] = useUrlState();
  const subject = search['subject'];
  const kind = search['class'];
  const found = usePaged(
    ledgerApi.list, { limit: 100, ...(subject ? { subject } : {}), ...(kind ? { class: kind } : {}) },
    (a) => ({ items: a.facts, next: a.next }), 'before',
  );
  return (
    <>
      <Filters names={['class', 'subject']}>
        <Choice
          name="class" label={t('fact.what')} all={t('ui.all')}
          options={families.map((value) => ({ value, label: t(`fact-family.${value.slice(0, -1)}`) }))}
        />
        <Typed name="subject" label={t('fact.subject-id')} placeholder="agr_…" />
      </Filters>
      <Section title={t('ledger.facts')} note={t('ledger.facts-note')}>
        <PagedTable
          of={found} label={t('ledger.facts')} rowKey={(f) => String(f.index)} to={(f) => `/facts/${f.index}`}
          empty={<EmptyState title={t('ledger.no-facts')} how={t('ledger.empty-how')} />}
          columns={[
            { key: 'index', head: t('ui.seal.leaf'), right: true, cell: (f) => number(f.index), sort: (f) => f.index },
            { key: 'seal', head: t('fact.seal'), cell: (f) => <Seal index={f.index} /> },
            {
              key: 'class', head: t('fact.what'), wrap: true, sort: (f) => f.class,
              cell: (f) => <Link to={`/facts/${f.index}`}>{has(`fact.${f.class}`) ? t(`fact.${f.class}`) : f.class}</Link>,
            },
            { key: 'at', head: t('fact.at'), cell: (f) => <Time at={f.at} />, sort: (f) => f.at },
            {
              key: 'actor', head: t('fact.actor'), wrap: true, spare: true, sort: (f) => f.actor,
              // Who acts for another organisation is known to that organisation alone.
              cell: (f) => nameOf(f.actor) ?? nameOf(f.org) ?? <Hash value={f.actor} />,
            },
            {
              key: 'subject', head: t('fact.subject'), wrap: true, spare: true, sort: (f) => f.subject,
              cell: (f) => nameOf(f.subject) ?? <>{kindOf(f.subject)} <Hash value={f.subject} /></>,
            },
            {
              key: 'right', head: t('fact.clauses'), spare: true,
              cell: (f) => (f.clauses.length === 0 ? <span className="e-faint">{t('fact.own')}</span>
                : f.clauses.map((c) => t('ui.clause', { clause: c.clause })).join(', ')),
            },
          ]}
        />
      </Section>
    </>
  );
}

function Offline({ origin }: { readonly origin: string }) {
  const { t } = useWords();
  return (
    <Section title={t('ledger.offline')} note={t('ledger.offline-note')}>
      <Code label={t('ledger.offline')} text={'entente ledger export --out ledger.entente-bundle\nentente verify ledger.entente-bundle --policy hub.policy'} />
      {origin ? <p className="e-small e-quiet">{t('ledger.vkey')} <Hash value={origin} keep={16} /></p> : null}
    </Section>
  );
}
