/** What came in, file by file. */
import { useAsk } from '#ui/asking';
import { Choice, Filters } from '#ui/Filters';
import { Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { ButtonLink, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';
import { BatchTable } from './BatchTable.tsx';

const states = ['open', 'done', 'failed'] as const;

export function Batches() {
  const { t } = useWords();
  const reader = useReader();
  const [search] = useUrlState();
  const feeds = useAsk(landscapeApi.feeds, {}, { enabled: reader.may('feed.list') });
  const state = states.find((s) => s === search['state']);
  const feed = search['feed'];
  return (
    <Page
      title={t('nav.batches')} description={t('batches.text')}
      act={reader.may('feed.ingest') ? <ButtonLink to="/batches/upload">{t('nav.upload')}</ButtonLink> : null}
    >
      <Filters names={['feed', 'state']}>
        <Choice
          name="feed" label={t('feed.feed')} all={t('ui.all')}
          options={(feeds.data?.items ?? []).map((f) => ({ value: f.id, label: f.title }))}
        />
        <Choice
          name="state" label={t('batch.state')} all={t('ui.all')}
          options={states.map((s) => ({ value: s, label: t(`batch.state-${s}`) }))}
        />
      </Filters>
      <Section><BatchTable filter={{ ...(feed ? { feed } : {}), ...(state ? { state } : {}) }} /></Section>
    </Page>
  );
}
