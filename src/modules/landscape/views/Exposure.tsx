/** The page a constituent lands on: what was seen, where, since when, how sure one is, and what to do about it. */
import { Button } from '@mantine/core';
import { useAsk } from '#ui/asking';
import { Filters, Typed } from '#ui/Filters';
import { usePaged } from '#ui/paged';
import { Answer, Block, Page, Section } from '#ui/Page';
import { useUrlState, type Search } from '#ui/url';
import { useWords } from '#ui/words';
import type { InputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { EventRows } from './EventRows.tsx';
import { filterOf } from './Events.tsx';
import { OwnAdvisories } from './ExposureAdvisory.tsx';
import { ExposureBody } from './ExposureBody.tsx';
import { OwnScans } from './Scans.tsx';

function days(search: Search): InputOf<typeof landscapeApi.exposure> {
  const { from, to } = filterOf(search);
  return { ...(from ? { from } : {}), ...(to ? { to } : {}) };
}

export function Exposure() {
  const { t } = useWords();
  const [search] = useUrlState();
  const asked = useAsk(landscapeApi.exposure, days(search), { keep: true });
  return (
    <Page title={t('exposure.title')} description={t('exposure.text')}>
      <Filters names={['from', 'to', 'kind', 'family']}>
        <Typed name="from" label={t('event.from')} type="date" />
        <Typed name="to" label={t('event.to')} type="date" />
      </Filters>
      <Answer of={asked} skeleton={<Block height={400} />}>
        {(exposure) => (
          <>
            <OwnAdvisories />
            <ExposureBody of={exposure} rows="/exposure" />
            <OwnScans />
            {exposure.events > 0 ? <Rows search={search} /> : null}
          </>
        )}
      </Answer>
    </Page>
  );
}

function Rows({ search }: { readonly search: Search }) {
  const { t } = useWords();
  const { kind, family, ip } = filterOf(search);
  const input = { ...days(search), ...(kind ? { kind } : {}), ...(family ? { family } : {}), ...(ip ? { ip } : {}) };
  const found = usePaged(landscapeApi.exposureEvents, input, (a) => a);
  return (
    <Section
      title={t('exposure.rows')} note={t('exposure.rows-note')}
      aside={(
        <Button component="a" size="xs" variant="default" href={`/api/exposure/events/export?${new URLSearchParams(input as Record<string, string>)}`} download>
          {t('exposure.export')}
        </Button>
      )}
    >
      <EventRows of={found} />
    </Section>
  );
}
