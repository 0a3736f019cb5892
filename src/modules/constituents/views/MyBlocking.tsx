/** The blocking lists that a constituent may have its firewalls and resolvers fetch, and how they do. */
import { useAsk } from '#ui/asking';
import { Code } from '#ui/Code';
import { EmptyState } from '#ui/EmptyState';
import { Tag } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { constituentsApi } from '../api/index.ts';
import { Forms } from './BlockingMarks.tsx';

export function MyBlocking() {
  const { t, number } = useWords();
  const asked = useAsk(constituentsApi.myBlocklists, {});
  return (
    <Page title={t('nav.my-blocking')} description={t('my-blocking.text')}>
      <Answer of={asked}>
        {({ lists }) => (
          <>
            <Section title={t('blocking.lists')}>
              <RowTable
                label={t('blocking.lists')} rows={lists} rowKey={(l) => l.id}
                empty={<EmptyState title={t('my-blocking.none')} how={t('my-blocking.none-how')} />}
                columns={[
                  { key: 'title', head: t('blocking.list'), wrap: true, cell: (l) => l.title, sort: (l) => l.title },
                  { key: 'entries', head: t('blocking.entries'), right: true, cell: (l) => number(l.entries), sort: (l) => l.entries },
                  { key: 'forms', head: t('blocking.forms'), cell: (l) => <Forms list={l.id} /> },
                  { key: 'edition', head: t('blocking.edition'), right: true, spare: true, cell: (l) => number(l.edition) },
                  { key: 'at', head: t('editions.made'), spare: true, cell: (l) => <Time at={l.madeAt} />, sort: (l) => l.madeAt },
                  {
                    key: 'purpose', head: t('blocking.purpose'), spare: true,
                    cell: (l) => <Tag>{t(`blocking-purpose.${l.purpose}`)}</Tag>,
                  },
                  { key: 'tlp', head: t('blocking.tlp'), spare: true, cell: (l) => <TlpLabel label={l.tlp} /> },
                ]}
              />
            </Section>
            {lists[0] ? (
              <Section title={t('my-blocking.how')} note={t('my-blocking.how-note')}>
                <p className="e-small"><Link to="/tokens">{t('nav.tokens')}</Link></p>
                <Code label={t('my-blocking.how')} text={fetching(lists[0].id)} />
              </Section>
            ) : null}
          </>
        )}
      </Answer>
    </Page>
  );
}

const fetching = (list: string): string => [
  'curl --fail --etag-compare list.etag --etag-save list.etag --output list.rpz \\',
  '  --header "Authorization: Bearer $TOKEN" \\',
  `  "${window.location.origin}/api/blocking-lists/${list}/edition?format=rpz"`,
].join('\n');
