/** Notices of joining and leaving sharing arrangements, as filed; each can be taken along as text. */
import { useAsk } from '#ui/asking';
import { fileUrl } from '#ui/Download';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { agreementsApi } from '../api.ts';

export function Arrangements() {
  const { t, own } = useWords();
  const { agreementTitle } = useReader();
  const titleOf = (agreement: string): string => agreementTitle({ agreementId: agreement, agreementTitle: t('agreement.agreement') });
  const asked = useAsk(agreementsApi['arrangement-notices.list'], {}, { every: 15_000 });
  return (
    <Page title={t('arrangements.title')} description={t('arrangements.text')}>
      <Section>
        <Answer of={asked}>
          {({ notices }) => (
            <RowTable
              label={t('arrangements.title')} rows={notices} rowKey={(n) => n.id}
              empty={<EmptyState title={t('arrangements.empty')} how={t('arrangements.empty-how')} />}
              columns={[
                {
                  key: 'kind', head: t('arrangements.kind'), sort: (n) => n.kind,
                  cell: (n) => <Mark is={n.kind === 'joined' ? 'good' : 'warn'}>{t(`arrangement.${n.kind}`)}</Mark>,
                },
                { key: 'text', head: t('arrangements.words'), wrap: true, cell: (n) => own(n.text, n.textVi) },
                {
                  key: 'agreement', head: t('agreement.agreement'), spare: true, wrap: true,
                  cell: (n) => <Link to={`/agreements/${n.agreement}`}>{titleOf(n.agreement)}</Link>,
                },
                {
                  key: 'filed', head: t('arrangements.filed'), spare: true, sort: (n) => n.filedAt,
                  cell: (n) => (n.filedAt ? <Time at={n.filedAt} /> : null),
                },
                {
                  key: 'file', head: t('arrangements.download'), spare: true,
                  cell: (n) => <a href={fileUrl('text/plain', `${n.text}\n${n.textVi}\n`)} download={`${n.id}.txt`}>{t('arrangements.download')}</a>,
                },
              ]}
            />
          )}
        </Answer>
      </Section>
    </Page>
  );
}
