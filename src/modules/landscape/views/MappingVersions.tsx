/** The versions of a mapping: tried on files that came, put in force; and reading kept files again, with how far it has come. */
import { Button, Group, Progress } from '@mantine/core';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable, type Column } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { ButtonLink, Link } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import type { Mapping } from '../model/mapping.ts';

type Versions = OutputOf<typeof landscapeApi.mappings>['items'];
type Difference = OutputOf<typeof landscapeApi.tryMapping>['difference'];
type Replay = OutputOf<typeof landscapeApi.replays>['items'][number];

interface VersionsProps { readonly feed: string; readonly versions: Versions; readonly onOpen: (mapping: Mapping) => void }

export function MappingVersions({ feed, versions, onOpen }: VersionsProps) {
  const { t } = useWords();
  const reader = useReader();
  const attempt = useAct(landscapeApi.tryMapping);
  const use = useAct(landscapeApi.useMapping);
  const replay = useAct(landscapeApi.beginReplay);
  const columns: Column<Versions[number]>[] = [
    { key: 'version', head: t('mapping.version-head'), right: true, cell: (v) => v.version },
    { key: 'state', head: t('mapping.state'),
      cell: (v) => (v.inForce ? <Mark is="good">{t('mapping.in-force')}</Mark> : <Mark is="wait">{t('mapping.draft')}</Mark>) },
    { key: 'at', head: t('mapping.made'), cell: (v) => <Time at={v.madeAt} />, spare: true },
    { key: 'note', head: t('mapping.note'), wrap: true, cell: (v) => v.note },
    {
      key: 'acts', head: t('asset.act'), cell: (v) => (
        <Group gap={4} wrap="nowrap" style={{ minWidth: 'max-content' }}>
          <Button size="compact-xs" variant="subtle" onClick={() => onOpen(v.mapping)}>{t('mapping.open')}</Button>
          {reader.may('mapping.change') ? (
            <>
              <Button size="compact-xs" variant="subtle" loading={attempt.isPending} onClick={() => attempt.mutate({ feed, version: v.version, batches: 5 })}>
                {t('mapping.try')}
              </Button>
              <Button size="compact-xs" variant="subtle" disabled={v.inForce} loading={use.isPending} onClick={() => use.mutate({ feed,
                version: v.version })}>
                {t('mapping.use')}
              </Button>
            </>
          ) : null}
          {reader.may('batch.replay') ? (
            <Button size="compact-xs" variant="subtle" loading={replay.isPending} onClick={() => replay.mutate({ feed, version: v.version })}>
              {t('mapping.replay')}
            </Button>
          ) : null}
        </Group>
      ),
    },
  ];
  return (
    <>
      <Section title={t('mapping.versions')} note={t('mapping.versions-note')}>
        {[attempt.error, use.error, replay.error].map((error) => (error ? <ProblemNote key={error.message} error={error} /> : null))}
        <RowTable
          label={t('mapping.versions')} columns={columns} rows={versions} rowKey={(v) => String(v.version)}
          empty={<EmptyState title={t('mapping.no-version')} how={t('mapping.no-version-how')} />}
        />
        {attempt.data ? <Tried difference={attempt.data.difference} /> : null}
      </Section>
      <Replays feed={feed} />
    </>
  );
}

function Tried({ difference }: { readonly difference: Difference }) {
  const { t, number } = useWords();
  const columns: Column<Difference['examples'][number]>[] = [
    { key: 'batch', head: t('batch.batch'), cell: (e) => <Link to={`/batches/${e.batch}`}>{t('mapping.file-line', { line: number(e.line) })}</Link> },
    { key: 'field', head: t('mapping.field'), cell: (e) => e.field },
    { key: 'before', head: t('mapping.before'), wrap: true, cell: (e) => e.before ?? t('ui.none') },
    { key: 'after', head: t('mapping.after'), wrap: true, cell: (e) => e.after ?? t('ui.none') },
  ];
  if (difference.batches === 0) return <EmptyState title={t('mapping.nothing-to-try')} how={t('mapping.nothing-to-try-how')} />;
  return (
    <div aria-live="polite">
      <p>
        {t('mapping.tried', {
          count: difference.batches, rows: number(difference.rows), same: number(difference.same), changed: number(difference.changed),
          gained: number(difference.gained), lost: number(difference.lost),
        })}
      </p>
      {difference.examples.length === 0 ? null : (
        <RowTable label={t('mapping.examples')} columns={columns} rows={difference.examples} rowKey={(e) => `${e.batch} ${e.line} ${e.field}`} tall={320} />
      )}
    </div>
  );
}

/** On the feed's own page: to its mapping, and kept files once more. */
export function ReadAgain({ feed, mapped }: { readonly feed: string; readonly mapped: boolean }) {
  const { t } = useWords();
  const reader = useReader();
  const begin = useAct(landscapeApi.beginReplay);
  if (!reader.may('mapping.list')) return null;
  return (
    <>
      <Section title={mapped ? t('mapping.title') : t('mapping.replay')} note={mapped ? t('mapping.text') : t('mapping.replay-text')}>
        {begin.error ? <ProblemNote error={begin.error} /> : null}
        <Group gap="sm">
          {mapped ? <ButtonLink to={`/feeds/${feed}/mapping`} variant="default">{t('mapping.open')}</ButtonLink> : null}
          {reader.may('batch.replay') ? (
            <Button variant="default" loading={begin.isPending} onClick={() => begin.mutate({ feed })}>{t('mapping.replay')}</Button>
          ) : null}
        </Group>
      </Section>
      <Replays feed={feed} />
    </>
  );
}

/** Kept files that are read again, with a bar while it goes on. */
export function Replays({ feed }: { readonly feed: string }) {
  const { t, number } = useWords();
  const reader = useReader();
  const asked = useAsk(landscapeApi.replays, { feed });
  const stop = useAct(landscapeApi.stopReplay);
  const items = asked.data?.items ?? [];
  if (items.length === 0) return null;
  const columns: Column<Replay>[] = [
    { key: 'at', head: t('mapping.begun'), cell: (r) => <Time at={r.startedAt} /> },
    { key: 'by', head: t('mapping.version-head'), right: true, cell: (r) => r.mapping ?? t('ui.none') },
    {
      key: 'state', head: t('mapping.state'), cell: (r) => (r.state === 'open' ? (
        <div style={{ minWidth: 140 }}>
          <Progress value={r.of === 0 ? 0 : (100 * r.batches) / r.of} aria-label={t('mapping.progress', { done: r.batches, of: r.of })} />
          <small>{r.failure ?? t('mapping.progress', { done: number(r.batches), of: number(r.of) })}</small>
        </div>
      ) : <Mark is={r.state === 'done' ? 'good' : 'wait'}>{t(`mapping.replay-${r.state}`)}</Mark>),
    },
    { key: 'before', head: t('mapping.stored-before'), right: true, cell: (r) => number(r.before.stored) },
    { key: 'after', head: t('mapping.stored-after'), right: true, cell: (r) => number(r.after.stored) },
    { key: 'quarantined', head: t('mapping.aside'), right: true, spare: true,
      cell: (r) => `${number(r.before.quarantined)} → ${number(r.after.quarantined)}` },
    {
      key: 'stop', head: t('asset.act'), cell: (r) => (r.state === 'open' && reader.may('batch.replay')
        ? <Button size="compact-xs" variant="subtle" onClick={() => stop.mutate({ feed, replay: r.id })}>{t('mapping.stop')}</Button> : null),
    },
  ];
  return (
    <Section title={t('mapping.replays')} note={t('mapping.replays-note')}>
      {stop.error ? <ProblemNote error={stop.error} /> : null}
      <RowTable label={t('mapping.replays')} columns={columns} rows={items} rowKey={(r) => r.id} />
    </Section>
  );
}
