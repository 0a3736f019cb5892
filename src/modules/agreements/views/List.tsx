/** The agreements that one's own organisation is a party to. */
import { useAsk } from '#ui/asking';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { ButtonLink, Link } from '#ui/url';
import { useWords } from '#ui/words';
import { agreementsApi } from '../api.ts';
import { sideName, standingMeanings } from './words.ts';

export function List() {
  const words = useWords();
  const { t, own, number } = words;
  const reader = useReader();
  const asked = useAsk(agreementsApi['agreements.list'], {});
  const draft = reader.may('agreement.draft') ? <ButtonLink to="/agreements/draft">{t('nav.draft')}</ButtonLink> : null;
  return (
    <Page title={t('nav.agreements')} description={t('agreements.text')} act={draft}>
      <Section>
        <Answer of={asked} skeleton={<TableSkeleton />}>
          {({ agreements }) => (
            <RowTable
              label={t('nav.agreements')} rows={agreements} rowKey={(a) => a.id} to={(a) => `/agreements/${a.id}`}
              empty={<EmptyState title={t('agreements.empty')} how={t('agreements.empty-how')} act={draft} />}
              columns={[
                {
                  key: 'title', head: t('agreement.agreement'), wrap: true, sort: (a) => own(a.title, a.titleVi),
                  cell: (a) => <Link to={`/agreements/${a.id}`}>{own(a.title, a.titleVi)}</Link>,
                },
                {
                  key: 'with', head: t('agreement.with'), wrap: true,
                  cell: (a) => sideName(words, a, a.mySide === 'authority' ? 'counterpart' : 'authority'),
                  sort: (a) => sideName(words, a, a.mySide === 'authority' ? 'counterpart' : 'authority'),
                },
                {
                  key: 'standing', head: t('agreement.standing'), wrap: true, sort: (a) => a.standing,
                  cell: (a) => <Mark is={standingMeanings[a.standing]}>{t(`standing.${a.standing}`)}</Mark>,
                },
                {
                  key: 'parts', head: t('agreement.parts'), right: true, spare: true,
                  cell: (a) => number(a.standing === 'in-force' ? a.parts.filter((p) => p.state === 'in-force').length : 0),
                },
                {
                  key: 'until', head: t('agreement.until'), spare: true, sort: (a) => a.expiresAt,
                  cell: (a) => <Time at={a.expiresAt} to="day" zone={a.zone} />,
                },
              ]}
            />
          )}
        </Answer>
      </Section>
    </Page>
  );
}
