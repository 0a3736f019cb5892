/** Visits of one's organisation, on whichever side, and the rooms they are in. */
import { EmptyState } from '#ui/EmptyState';
import { useAsk } from '#ui/asking';
import { Mark } from '#ui/Mark';
import { Answer, Block, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { ButtonLink } from '#ui/url';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import { Rooms } from './Rooms.tsx';

export const visitMarks = { asked: 'warn', agreed: 'good', refused: 'danger', closed: 'none' } as const;

export function Visits() {
  const { t, day } = useWords();
  const reader = useReader();
  const asked = useAsk(centreApi['visits.list'], {});
  return (
    <Page
      title={t('nav.visits')} description={t('centre.visits-text')}
      act={reader.may('source.view') ? <ButtonLink to="/visits/ask">{t('nav.visit-ask')}</ButtonLink> : undefined}
    >
      <Section>
        <Answer of={asked} skeleton={<Block height={200} />}>
          {({ items }) => (
            <RowTable
              label={t('nav.visits')} rows={items} rowKey={(v) => v.id} to={(v) => `/visits/${v.id}`}
              empty={<EmptyState title={t('centre.no-visit')} how={t('centre.no-visit-how')} />}
              columns={[
                { key: 'product', head: t('centre.product'), wrap: true, cell: (v) => `${v.productName} ${v.version}`, sort: (v) => v.productName },
                { key: 'level', head: t('centre.level'), cell: (v) => t(`centre.level.${v.level}`), sort: (v) => v.level },
                { key: 'by', head: t('centre.by'), wrap: true, spare: true, cell: (v) => v.orgName, sort: (v) => v.orgName },
                { key: 'of', head: t('centre.of'), wrap: true, spare: true, cell: (v) => v.ownerName, sort: (v) => v.ownerName },
                { key: 'days', head: t('centre.days'), cell: (v) => `${day(v.from)} – ${day(v.to)}`, sort: (v) => v.from },
                { key: 'state', head: t('centre.state'), cell: (v) => <Mark is={visitMarks[v.state]}>{t(`centre.visit.${v.state}`)}</Mark>, sort: (v) =>
                  v.state },
              ]}
            />
          )}
        </Answer>
      </Section>
      {reader.may('room.list') ? <Rooms /> : null}
    </Page>
  );
}
