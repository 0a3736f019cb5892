/** The people of one's own organisation: what they may do, when they were last here, and what their administration may do. */
import { useAsk } from '#ui/asking';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { EmptyState } from '#ui/EmptyState';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { ButtonLink } from '#ui/url';
import { useWords } from '#ui/words';
import { partiesApi } from '../api.ts';
import { conflictsOf } from '../roles.ts';
import { Acts, type Listed } from './PersonActs.tsx';
import { isErased, nameOf } from './names.ts';

export function People() {
  const words = useWords();
  const { t } = words;
  const reader = useReader();
  const asked = useAsk(partiesApi['people.list'], {});
  const invite = reader.may('invitation.create') ? <ButtonLink to="/people/invite">{t('nav.invite')}</ButtonLink> : null;
  return (
    <Page title={t('nav.people')} description={t('people.text')} act={invite}>
      <Section>
        <Answer of={asked} skeleton={<TableSkeleton />}>
          {({ people }) => (
            <RowTable
              label={t('nav.people')} rows={people} rowKey={(p) => p.id}
              empty={<EmptyState title={t('people.empty')} how={t('people.empty-how')} act={invite} />}
              columns={[
                {
                  key: 'name', head: t('person.name'), wrap: true, sort: (p) => p.name,
                  cell: (p) => (
                    <>
                      {nameOf(words, p)}
                      {p.status === 'active' ? null : <div className="e-narrow"><Status person={p} /></div>}
                    </>
                  ),
                },
                { key: 'roles', head: t('person.roles'), wrap: true, cell: (p) => <Roles person={p} /> },
                {
                  key: 'status', head: t('person.status'), spare: true, sort: (p) => p.status,
                  cell: (p) => <Status person={p} />,
                },
                {
                  key: 'seen', head: t('session.seen'), spare: true, sort: (p) => p.lastSeenAt,
                  cell: (p) => (p.lastSeenAt ? <Time at={p.lastSeenAt} /> : t('person.never')),
                },
                { key: 'open', head: t('person.open'), right: true, spare: true, sort: (p) => p.openSessions, cell: (p) => p.openSessions },
                { key: 'keys', head: t('person.keys'), right: true, spare: true, sort: (p) => p.passkeys, cell: (p) => p.passkeys },
                ...(reader.may('person.assign') ? [{
                  key: 'acts', head: t('person.acts'), cell: (p: Listed) => (isErased(p) ? null : <Acts person={p} people={people} />),
                }] : []),
              ]}
            />
          )}
        </Answer>
      </Section>
    </Page>
  );
}

function Status({ person }: { readonly person: Listed }) {
  const { t } = useWords();
  if (isErased(person)) return <Mark is="none">{t('person.erased')}</Mark>;
  return <Mark is={person.status === 'active' ? 'good' : 'danger'}>{t(`person.${person.status}`)}</Mark>;
}

/** Roles, and a warning where two of them should not be one person's: such were given before the rule. */
function Roles({ person }: { readonly person: Listed }) {
  const { t } = useWords();
  const conflicts = conflictsOf(person.roles);
  return (
    <span style={{ display: 'inline-flex', gap: 4, flexWrap: 'wrap', alignItems: 'center' }}>
      {person.roles.length === 0 ? <span className="e-quiet">{t('person.no-roles')}</span> : null}
      {person.roles.map((r) => <Tag key={r}>{t(`role.${r}`)}</Tag>)}
      {conflicts[0] ? (
        <Mark is="warn">{t('person.conflict', { one: t(`role.${conflicts[0].one}`), other: t(`role.${conflicts[0].other}`) })}</Mark>
      ) : null}
    </span>
  );
}
