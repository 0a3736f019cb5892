/** One source: what it asks and when, what came of each run, and where it stands; with fetching now, again, off and ending. */
import { Button, Group } from '@mantine/core';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Columns, Page, Particulars, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { ButtonLink, Link, useGo, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { everyText, FetchNow, placeText, RunErrorText, RunMark } from './Sources.tsx';

type Answered = OutputOf<typeof landscapeApi.viewFeedSource>;

export function Source() {
  const { t } = useWords();
  const [feed, id] = [usePathParameter('feed'), usePathParameter('source')];
  const reader = useReader();
  const asked = useAsk(landscapeApi.viewFeedSource, { feed, feedSource: id }, { keep: true, every: 5_000 });
  return (
    <Page
      title={asked.data?.source.name ?? t('source.name')} above={<Link to={`/feeds/${feed}`}>{t('feed.feed')}</Link>}
      act={reader.may('feed-source.run') && asked.data ? <FetchNow feed={feed} source={id} what={asked.data.source.name} /> : null}
    >
      <Answer of={asked}>{(answer) => <Body feed={feed} {...answer} />}</Answer>
    </Page>
  );
}

function Body({ feed, source, runs }: Answered & { readonly feed: string }) {
  const words = useWords();
  const { t } = words;
  const reader = useReader();
  return (
    <>
      <Columns>
        <Section title={t('source.settings')} aside={reader.may('feed-source.change') ? <Acts feed={feed} source={source} /> : null}>
          <Particulars
            items={[
              [t('source.kind'), t(`source-kind.${source.settings.kind}`)],
                [t('source.place'), <span className="e-mono" style={{ overflowWrap: 'anywhere' }}>{placeText(source.settings)}</span>],
              [t('source.period'), everyText(words, source.everyMinutes)],
              [t('source.secrets'), source.secrets.length === 0 ? t('ui.none') : source.secrets.map(({ name, lastFour }) => (
                <Tag key={name}>{t(`secret-name.${source.settings.kind}.${name}`)}: {lastFour ? t('source.ends', { lastFour }) : t('source.set')}</Tag>
              ))],
            ]}
          />
        </Section>
        <Section title={t('source.state')}>
          <Particulars
            items={[
              [t('source.next'), source.nextAt ? <Time at={source.nextAt} /> : t('source.off')],
              [t('source.failing'), source.failing ? (
                <Mark is="danger">{t('source.failing-since', { count: source.failing.times })} <Time at={source.failing.since} /></Mark>
              ) : <Mark is="good">{t('source.not-failing')}</Mark>],
              [t('source.missing'), source.missing.length === 0 ? t('ui.none') : (
                <span style={{ display: 'inline-flex', flexWrap: 'wrap', gap: '2px 12px' }}>
                  {source.missing.slice(0, 4).map((at) => <Time key={at} at={at} />)}
                  {source.missing.length > 4 ? <span>{t('source.missing-more', { count: source.missing.length - 4 })}</span> : null}
                </span>
              )],
            ]}
          />
        </Section>
      </Columns>
      <Section title={t('source.runs')} note={t('source.runs-note')}><Runs runs={runs} /></Section>
    </>
  );
}

function Runs({ runs }: Pick<Answered, 'runs'>) {
  const { t, number } = useWords();
  return (
    <RowTable
      label={t('source.runs')} rows={runs} rowKey={(run) => run.id} empty={<EmptyState title={t('source.no-runs')} how={t('source.no-runs-how')} />}
      columns={[
        { key: 'at', head: t('source.began'), cell: (run) => <Time at={run.startedAt} />, sort: (run) => run.startedAt },
        { key: 'state', head: t('source.state'), cell: (run) => <RunMark run={run} />, sort: (run) => run.state },
        { key: 'files', head: t('source.files'), right: true, cell: (run) => number(run.files), sort: (run) => run.files },
        { key: 'stored', head: t('health.stored'), right: true, cell: (run) => number(run.stored), sort: (run) => run.stored },
        { key: 'bytes', head: t('source.bytes'), right: true, spare: true, cell: (run) => number(run.bytes), sort: (run) => run.bytes },
        { key: 'passed', head: t('source.passed-over'), right: true, spare: true, cell: (run) => run.passedOver || '', sort: (run) => run.passedOver },
        { key: 'why', head: t('source.why'), wrap: true, cell: (run) => (run.error ? <RunErrorText error={run.error} /> : '') },
        { key: 'by', head: t('source.by'), spare: true, cell: (run) => (run.by ? t('source.by-hand') : t('source.by-clock')) },
      ]}
    />
  );
}

function Acts({ feed, source }: { readonly feed: string; readonly source: Answered['source'] }) {
  const { t } = useWords();
  const go = useGo();
  const change = useAct(landscapeApi.changeFeedSource);
  const end = useAct(landscapeApi.endFeedSource);
  const { id, name, settings, everyMinutes, on } = source;
  const error = change.error ?? end.error;
  return (
    <>
      <Group gap="xs">
        <ButtonLink to={`/feeds/${feed}/sources/${id}/change`}>{t('source.change')}</ButtonLink>
        <Button variant="default" size="compact-sm" loading={change.isPending} onClick={() =>
          change.mutate({ feed, feedSource: id, name, settings, everyMinutes, on: !on })}>
          {on ? t('source.turn-off') : t('source.turn-on')}
        </Button>
        <Button variant="subtle" color="red" size="compact-sm" loading={end.isPending} onClick={() =>
          end.mutate({ feed, feedSource: id }, { onSuccess: () => go(`/feeds/${feed}`) })}>
          {t('source.end')}
        </Button>
      </Group>
      {error ? <ProblemNote error={error} /> : null}
    </>
  );
}
