/** What waits for a second person: what the reader may decide, what the reader asked for, and what became of the rest. */
import type { OutputOf } from '#kit/endpoint';
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Mark, type Meaning } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable, TableSkeleton, type Column } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import { partiesApi } from '../api.ts';

export type Listed = OutputOf<(typeof partiesApi)['approvals.list']>['approvals'][number];

export const stateMeanings: Readonly<Record<Listed['state'], Meaning>> = {
  waiting: 'wait', approved: 'good', used: 'good', denied: 'danger', withdrawn: 'none', expired: 'none', void: 'danger',
};

/** An act in the reader's words; one that the dictionaries do not know speaks for itself. */
export function actName({ t, has }: Words, { operation, summary }: Pick<Listed, 'operation' | 'summary'>): string {
  return has(`operation.${operation}`) ? t(`operation.${operation}`) : summary;
}

export function Approvals() {
  const { t } = useWords();
  const asked = useAsk(partiesApi['approvals.list'], {});
  return (
    <Page title={t('nav.approvals')} description={t('approvals.text')}>
      <Answer of={asked} skeleton={<TableSkeleton />}>{({ approvals }) => <Sections approvals={approvals} />}</Answer>
    </Page>
  );
}

function Sections({ approvals }: { readonly approvals: readonly Listed[] }) {
  const { t } = useWords();
  const mine = (a: Listed) => a.mine && (a.state === 'waiting' || a.state === 'approved');
  const decide = approvals.filter((a) => a.whyNot === null);
  const open = approvals.filter(mine);
  const rest = approvals.filter((a) => a.whyNot !== null && !mine(a));
  return (
    <>
      <Section title={t('approvals.decide')} note={t('approvals.decide-note')}>
        <Table label={t('approvals.decide')} rows={decide} empty={<EmptyState title={t('approvals.nothing')} how={t('approvals.nothing-how')} />} />
      </Section>
      {open.length > 0 ? <Section title={t('approvals.mine')}><Table label={t('approvals.mine')} rows={open} /></Section> : null}
      {rest.length > 0 ? <Section title={t('approvals.rest')}><Table label={t('approvals.rest')} rows={rest} /></Section> : null}
    </>
  );
}

function Table({ label, rows, empty }: { readonly label: string; readonly rows: readonly Listed[]; readonly empty?: React.ReactNode }) {
  const words = useWords();
  const { t, own } = words;
  const reader = useReader();
  const people = useAsk(partiesApi['people.list'], {}, { enabled: reader.may('person.list') });
  /** Whom it is about, where it is about one person. */
  const whom = ({ input }: Listed): string | null => {
    const { person, name } = input;
    if (typeof name === 'string') return name;
    return people.data?.people.find((p) => p.id === person)?.name ?? null;
  };
  const columns: readonly Column<Listed>[] = [
    {
      key: 'act', head: t('approval.act'), wrap: true, sort: (a) => actName(words, a),
      cell: (a) => (
        <>
          <Link to={`/approvals/${a.id}`}>{actName(words, a)}</Link>
          {whom(a) ? <div className="e-small e-quiet">{whom(a)}</div> : null}
        </>
      ),
    },
    { key: 'state', head: t('person.status'), sort: (a) => a.state, cell: (a) => <Mark is={stateMeanings[a.state]}>{t(`approval.state.${a.state}`)}</Mark> },
    { key: 'by', head: t('approval.requester'), wrap: true, spare: true, sort: (a) => a.requester.name, cell: (a) => a.requester.name },
    {
      key: 'of', head: t('approval.decides'), wrap: true, spare: true,
      cell: (a) => a.decidedBy?.name ?? own(a.approverOrganisation.name, a.approverOrganisation.nameLocal),
    },
    { key: 'at', head: t('approval.requested'), spare: true, sort: (a) => a.requestedAt, cell: (a) => <Time at={a.requestedAt} /> },
    { key: 'until', head: t('approval.until'), spare: true, sort: (a) => a.expiresAt, cell: (a) => <Time at={a.expiresAt} /> },
  ];
  return <RowTable label={label} rows={rows} rowKey={(a) => a.id} to={(a) => `/approvals/${a.id}`} columns={columns} empty={empty} />;
}
