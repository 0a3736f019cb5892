/** Scan jobs: what may be looked at, until when, under which clause, and what came of it. */
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark, type Meaning } from '#ui/Mark';
import { Answer, Page, Particulars, Section } from '#ui/Page';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { useReader } from '#ui/reader';
import { RowTable, type Column } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Trail } from '#ui/Trail';
import { ButtonLink, Link, usePathParameter } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import { landscapeApi } from '../api.ts';
import { BatchState } from './BatchTable.tsx';

type Job = OutputOf<typeof landscapeApi.scan>['job'];

const standing: Readonly<Record<Job['state'], Meaning>> = { waiting: 'wait', running: 'good', over: 'none', stopped: 'danger' };

function State({ of }: { readonly of: Job }) {
  const { t } = useWords();
  return <Mark is={standing[of.state]}>{t(`scan-state.${of.state}`)}</Mark>;
}

/** The clauses under which a job stands; a job about one's own needs none. */
function Clauses({ of }: { readonly of: Job }) {
  const { t } = useWords();
  if (of.clauses.length === 0) return t('scans.own');
  return of.clauses.map((c) => (
    <div key={`${c.agreementId} ${c.clause}`}><Link to={`/agreements/${c.agreementId}`}>{c.agreementTitle}, {c.clause}</Link></div>
  ));
}

function columns({ t, number }: Words): Column<Job>[] {
  return [
    { key: 'targets', head: t('scans.targets'), wrap: true, cell: (j) => <span className="e-mono">{shortly(j.targets)}</span>, sort: (j) => j.targets.length },
    { key: 'state', head: t('asset.state'), cell: (j) => <State of={j} />, sort: (j) => j.state },
    { key: 'from', head: t('scans.from'), spare: true, cell: (j) => <Time at={j.from} />, sort: (j) => j.from },
    { key: 'until', head: t('scans.until'), cell: (j) => <Time at={j.until} />, sort: (j) => j.until },
    { key: 'ports', head: t('scans.ports'), right: true, spare: true, cell: (j) => number(j.ports.length), sort: (j) => j.ports.length },
    { key: 'reason', head: t('field.reason'), wrap: true, spare: true, cell: (j) => j.reason, sort: (j) => j.reason },
  ];
}

const shortly = (values: readonly string[]): string => `${values.slice(0, 3).join(', ')}${values.length > 3 ? ` +${values.length - 3}` : ''}`;

export function Scans() {
  const words = useWords();
  const { t } = words;
  const reader = useReader();
  const found = usePaged(landscapeApi.scans, {}, (a) => a);
  const act = reader.may('scan.run') ? <ButtonLink to="/scans/request">{t('nav.scan-request')}</ButtonLink> : null;
  return (
    <Page title={t('nav.scans')} description={t('scans.text')} act={act}>
      <Section>
        <PagedTable
          of={found} label={t('nav.scans')} rowKey={(j) => j.id} to={(j) => `/scans/${j.id}`}
          empty={<EmptyState title={t('scans.none')} how={t('scans.none-how')} act={act} />}
          columns={[
            {
              key: 'constituent', head: t('scans.constituent'), wrap: true, sort: (j) => j.constituentName,
              cell: (j) => <Link to={`/scans/${j.id}`}>{j.constituentName}</Link>,
            },
            ...columns(words),
          ]}
        />
      </Section>
    </Page>
  );
}

export function Scan() {
  const { t } = useWords();
  const reader = useReader();
  const job = usePathParameter('job');
  const asked = useAsk(landscapeApi.scan, { job });
  const stands = asked.data?.job;
  const live = stands && (stands.state === 'waiting' || stands.state === 'running');
  return (
    <Page
      title={stands?.constituentName ?? t('nav.scans')} above={<Link to="/scans">{t('nav.scans')}</Link>}
      act={live && reader.may('scan.stop') ? <Stop of={stands} /> : null}
    >
      <Answer of={asked}>
        {(whole) => (
          <>
            <Says of={whole.job} />
            <Results of={whole} />
            <Trail subject={job} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Says({ of: j }: { readonly of: Job }) {
  const { t, has } = useWords();
  const reader = useReader();
  const live = j.state === 'waiting' || j.state === 'running';
  return (
    <Section
      note={t('scans.rule')}
      aside={live && reader.may('scan.run') ? (
        <Button
          component="a" size="xs" variant="default" href={`/api/scans/${j.id}/file`} download={`${j.id}.json`}
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {t('scans.file')}
        </Button>
      ) : null}
    >
      <Particulars
        items={[
          [t('asset.state'), <State of={j} />], [t('scans.targets'), <span className="e-mono">{j.targets.map((v) => <div key={v}>{v}</div>)}</span>],
          [t('scans.ports'), j.ports.join(', ')], [t('scans.from'), <Time at={j.from} />], [t('scans.until'), <Time at={j.until} />],
          [t('field.reason'), j.reason], [t('scans.clause'), <Clauses of={j} />],
          ...(j.stoppedAt === null ? [] : [
            [t('scans.stopped-at'), <Time at={j.stoppedAt} />] as const,
            [t('scans.stopped-why'), has(`scans.stopped-${j.stoppedReason}`) ? t(`scans.stopped-${j.stoppedReason}`) : j.stoppedReason ?? ''] as const,
          ]),
        ]}
      />
    </Section>
  );
}

function Results({ of: { job, batches } }: { readonly of: OutputOf<typeof landscapeApi.scan> }) {
  const { t, number } = useWords();
  const reader = useReader();
  const act = reader.may('feed.ingest') ? (
    <ButtonLink to={`/batches/upload?job=${job.id}`} size="xs" variant="default" leftSection={<IconUpload size={16} aria-hidden />}>
      {t('scans.upload')}
    </ButtonLink>
  ) : null;
  return (
    <Section title={t('scans.results')} note={t('scans.results-note')} aside={act}>
      <RowTable
        label={t('scans.results')} rows={batches} rowKey={(b) => b.id} to={(b) => `/batches/${b.id}`}
        empty={<EmptyState title={t('scans.no-results')} how={t('scans.no-results-how')} />}
        columns={[
          { key: 'file', head: t('batch.file'), wrap: true, cell: (b) => <Link to={`/batches/${b.id}`}>{b.fileName}</Link>, sort: (b) => b.fileName },
          { key: 'state', head: t('asset.state'), cell: (b) => <BatchState batch={b} />, sort: (b) => b.state },
          { key: 'stored', head: t('batch.stored'), right: true, cell: (b) => number(b.counts.stored), sort: (b) => b.counts.stored },
          { key: 'aside', head: t('batch.quarantined'), right: true, cell: (b) => number(b.counts.quarantined), sort: (b) => b.counts.quarantined },
          { key: 'at', head: t('scans.came'), spare: true, cell: (b) => <Time at={b.startedAt} />, sort: (b) => b.startedAt },
        ]}
      />
    </Section>
  );
}

function Stop({ of }: { readonly of: Job }) {
  const { t } = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  const [reason, setReason] = useState('');
  const stop = useAct(landscapeApi.stopScan);
  return (
    <>
      <Button variant="default" onClick={open}>{t('scans.stop')}</Button>
      <Modal opened={opened} onClose={close} title={t('scans.stop')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form
          act={t('scans.stop')} busy={stop.isPending} error={stop.error} why={reason.trim().length < 3 ? t('scans.reason-why') : null}
          onAct={() => stop.mutate({ job: of.id, reason: reason.trim() }, { onSuccess: close })}
        >
          <p className="e-small" style={{ margin: 0 }}>{t('scans.stop-how')}</p>
          <TextInput label={t('field.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-autofocus />
        </Form>
      </Modal>
    </>
  );
}

/** On a constituent's own page: the jobs that are about it. Nothing is drawn where there is none. */
export function OwnScans() {
  const words = useWords();
  const { t } = words;
  const asked = useAsk(landscapeApi.myScans, {});
  const items = asked.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title={t('scans.about-you')} note={<Group gap={4}>{t('scans.about-you-note')}</Group>}>
      <RowTable
        label={t('scans.about-you')} rows={items} rowKey={(j) => j.id}
        columns={[...columns(words), { key: 'clause', head: t('scans.clause'), wrap: true, cell: (j) => <Clauses of={j} /> }]}
      />
    </Section>
  );
}
