/** One batch: where each row that was read went, how its shape drifted, and what waits in quarantine, located. */
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Choice, Filters } from '#ui/Filters';
import { Figure, Figures } from '#ui/Figure';
import { Hash } from '#ui/Hash';
import { Meter, Shares } from '#ui/Meter';
import { Tag } from '#ui/Mark';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { Answer, Page, Particulars, Section } from '#ui/Page';
import { Time } from '#ui/Time';
import { Trail } from '#ui/Trail';
import { ButtonLink, Link, usePathParameter, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { BatchState } from './BatchTable.tsx';
import { DriftWords } from './Feed.tsx';

type Answered = OutputOf<typeof landscapeApi.viewBatch>;
const phases = ['receive', 'parse', 'insert', 'commit', 'fact'] as const;

export function Batch() {
  const { t } = useWords();
  const id = usePathParameter('batch');
  const asked = useAsk(landscapeApi.viewBatch, { batch: id });
  const open = asked.data?.batch.state === 'open';
  useAsk(landscapeApi.viewBatch, { batch: id }, { every: 2000, enabled: open });
  return (
    <Page
      title={asked.data?.batch.fileName ?? t('batch.batch')} above={<Link to="/batches">{t('nav.batches')}</Link>}
      act={asked.data ? <ButtonLink to={`/events?batch=${id}`} variant="default">{t('batch.rows')}</ButtonLink> : null}
    >
      <Answer of={asked}>{(answer) => <Body {...answer} />}</Answer>
    </Page>
  );
}

function Body({ batch, drift, reasons }: Answered) {
  const { t, number } = useWords();
  return (
    <>
      {batch.failure ? <Section title={t('batch.failure')}><p style={{ margin: 0 }}>{batch.failure}</p></Section> : null}
      <Counts batch={batch} />
      <Section title={t('batch.particulars')} aside={<BatchState batch={batch} />}>
        <Particulars
          items={[
            [t('feed.feed'), <Link to={`/feeds/${batch.feed}`}>{batch.feedName}</Link>],
            [t('feed.type'), batch.reportType ?? t('event.unknown')],
            [t('batch.raw'), batch.rawSha256 ? <Hash value={batch.rawSha256} /> : t('batch.receiving')],
            [t('batch.size'), t('batch.bytes', { bytes: number(batch.rawBytes) })],
            [t('batch.started'), <Time at={batch.startedAt} to="second" />],
            [t('batch.took'), batch.tookMs === null ? t('batch.running')
              : batch.tookMs < 1000 ? t('batch.milliseconds', { ms: number(batch.tookMs) })
                : t('batch.seconds', { seconds: number(batch.tookMs / 1000, 1) })],
          ]}
        />
      </Section>
      {batch.state === 'open' ? (
        <Section title={t('batch.progress')}>
          <Meter label={t(`batch.phase-${batch.phase}`)} done={phases.indexOf(batch.phase) + 1} total={phases.length} />
        </Section>
      ) : null}
      <Section title={t('drift.title')} note={t('drift.note')}>
        {drift.length === 0 ? <EmptyState title={t('drift.empty')} how={t('drift.empty-how')} /> : (
          <Particulars
            items={drift.map((d) => [d.reportType, <DriftWords missing={d.missing} added={d.added} />] as const)}
          />
        )}
      </Section>
      <Quarantine batch={batch.id} reasons={reasons} />
      <Trail subject={batch.id} />
    </>
  );
}

function Counts({ batch }: { readonly batch: Answered['batch'] }) {
  const { t, number, percent } = useWords();
  const { read, stored, duplicate, quarantined, attributed } = batch.counts;
  return (
    <>
      <Figures>
        <Figure
          label={t('batch.read')} value={number(read)} to={`/events?batch=${batch.id}`}
          definition={{ text: t('batch.read-definition') }} under={t('batch.sum')}
        />
        <Figure
          label={t('batch.stored')} value={number(stored)} to={`/events?batch=${batch.id}`}
          definition={{ text: t('batch.stored-definition') }}
          under={stored > 0 ? t('batch.attributed', { percent: percent((100 * attributed) / stored) }) : null}
        />
        <Figure
          label={t('batch.duplicate')} value={number(duplicate)} to={`/batches?feed=${batch.feed}`}
          definition={{ text: t('batch.duplicate-definition') }}
        />
        <Figure
          label={t('batch.quarantined')} value={number(quarantined)} to={`/batches/${batch.id}`}
          definition={{ text: t('batch.quarantined-definition') }}
        />
      </Figures>
      <Section>
        <Shares
          label={t('batch.read')}
          parts={[
            { label: t('batch.stored'), value: stored, colour: 'var(--e-cat-0)' },
            { label: t('batch.duplicate'), value: duplicate, colour: 'var(--e-line-strong)' },
            { label: t('batch.quarantined'), value: quarantined, colour: 'var(--e-cat-1)' },
          ]}
        />
      </Section>
    </>
  );
}

function Quarantine({ batch, reasons }: { readonly batch: string; readonly reasons: Answered['reasons'] }) {
  const { t, number, has } = useWords();
  const [search] = useUrlState();
  const reason = search['reason'];
  const found = usePaged(landscapeApi.quarantine, { batch, ...(reason ? { reason } : {}) }, (a) => a);
  const said = (code: string) => (has(`quarantine.${code}`) ? t(`quarantine.${code}`) : code);
  return (
    <Section
      title={t('quarantine.title')} note={t('quarantine.note')}
      aside={reasons.length > 1 ? (
        <Filters names={['reason']}>
          <Choice
            name="reason" label={t('quarantine.reason')} all={t('ui.all')}
            options={reasons.map((r) => ({ value: r.reason, label: `${said(r.reason)} (${number(r.rows)})` }))}
          />
        </Filters>
      ) : null}
    >
      <PagedTable
        of={found} label={t('quarantine.title')} rowKey={(q) => q.id}
        empty={<EmptyState title={t('quarantine.empty')} how={t('quarantine.empty-how')} />}
        columns={[
          { key: 'line', head: t('quarantine.line'), right: true, cell: (q) => number(q.line), sort: (q) => q.line },
          { key: 'offset', head: t('quarantine.offset'), right: true, spare: true, cell: (q) => number(q.offset) },
          {
            key: 'reason', head: t('quarantine.reason'), wrap: true,
            cell: (q) => <>{said(q.reason)}<br /><span className="e-small e-quiet">{q.detail}</span></>,
          },
          { key: 'excerpt', head: t('quarantine.excerpt'), wrap: true, cell: (q) => <code className="e-mono">{q.excerpt}</code> },
          {
            key: 'candidates', head: t('quarantine.candidates'), wrap: true, spare: true,
            cell: (q) => q.candidates.slice(0, 8).map((c) => <Tag key={c}>{c}</Tag>),
          },
        ]}
      />
    </Section>
  );
}
