/** All alarms on channels that one may know of: open, explained, closed; none goes away. */
import { SegmentedControl } from '@mantine/core';
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Answer, Page, Section } from '#ui/Page';
import { TableSkeleton } from '#ui/RowTable';
import { useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { watchApi } from '../api.ts';
import { AlarmTable } from './AlarmTable.tsx';

const choices = ['open', 'explained', 'closed'] as const;

export function Alarms() {
  const { t } = useWords();
  const [search, patch] = useUrlState();
  const only = choices.find((c) => c === search['only']);
  const asked = useAsk(watchApi['channel-alarms.list'], only === undefined ? {} : { only }, { keep: true });
  return (
    <Page title={t('nav.channel-alarms')} description={t('watch.alarms-text')}>
      <Section
        aside={(
          <SegmentedControl size="xs" aria-label={t('watch.state')} value={only ?? 'all'}
            onChange={(value) => patch({ only: value === 'all' ? '' : value })}
            data={[{ value: 'all', label: t('watch.all') }, ...choices.map((value) => ({ value, label: t(`watch.alarm-${value}`) }))]} />
        )}
      >
        <Answer of={asked} skeleton={<TableSkeleton rows={4} />}>
          {({ items, leftOff }) => (items.length === 0 ? <EmptyState title={t('watch.no-alarm')} how={t('watch.no-alarm-how')} /> : (
            <>
              <AlarmTable items={items} withChannel />
              {leftOff ? <p>{t('watch.left-off')}</p> : null}
            </>
          ))}
        </Answer>
      </Section>
    </Page>
  );
}
