/** What hit one constituent, as its centre sees it; the constituent sees the same on its own page. */
import { useAsk } from '#ui/asking';
import { Filters, Typed } from '#ui/Filters';
import { Answer, Block, Page } from '#ui/Page';
import { ButtonLink, Link, usePathParameter, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';
import { filterOf } from './Events.tsx';
import { ExposureBody } from './ExposureBody.tsx';

export function ConstituentExposure() {
  const { t } = useWords();
  const constituent = usePathParameter('constituent');
  const [search] = useUrlState();
  const { from, to } = filterOf(search);
  const asked = useAsk(
    landscapeApi.constituentExposure, { constituent, ...(from ? { from } : {}), ...(to ? { to } : {}) }, { keep: true },
  );
  return (
    <Page
      title={asked.data?.constituents[0]?.name ?? t('exposure.of')} above={<Link to="/constituents">{t('nav.constituents')}</Link>}
      description={t('exposure.of-text')}
      act={<ButtonLink to={`/constituents/${constituent}`} variant="default">{t('exposure.registry')}</ButtonLink>}
    >
      <Filters names={['from', 'to']}>
        <Typed name="from" label={t('event.from')} type="date" />
        <Typed name="to" label={t('event.to')} type="date" />
      </Filters>
      <Answer of={asked} skeleton={<Block height={400} />}>
        {(exposure) => <ExposureBody of={exposure} rows={`/events?owner=${constituent}`} />}
      </Answer>
    </Page>
  );
}
