/** Sessions as a table: what on, from where, since when, last used; with the acts of whoever looks. */
import type { ReactNode } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { RowTable } from '#ui/RowTable';
import { Mark } from '#ui/Mark';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { partiesApi } from '../api.ts';

export type Opened = OutputOf<(typeof partiesApi)['sessions.list']>['sessions'][number];

interface SessionTableProps {
  readonly label: string;
  readonly sessions: readonly Opened[];
  readonly empty: ReactNode;
  readonly act?: (session: Opened) => ReactNode;
}

export function SessionTable({ label, sessions, empty, act }: SessionTableProps) {
  const { t } = useWords();
  return (
    <RowTable
      label={label} rows={sessions} rowKey={(s) => s.id} empty={empty}
      columns={[
        {
          key: 'device', head: t('session.device'), wrap: true, sort: (s) => s.device,
          cell: (s) => <>{s.device} {s.current ? <Mark is="good">{t('session.current')}</Mark> : null}</>,
        },
        { key: 'how', head: t('session.how'), spare: true, sort: (s) => s.how, cell: (s) => t(`session.how.${s.how}`) },
        { key: 'place', head: t('session.place'), wrap: true, spare: true, sort: (s) => s.place, cell: (s) => s.place ?? t('session.nowhere') },
        { key: 'started', head: t('session.started'), spare: true, cell: (s) => <Time at={s.startedAt} />, sort: (s) => s.startedAt },
        { key: 'seen', head: t('session.seen'), cell: (s) => <Time at={s.lastSeenAt} />, sort: (s) => s.lastSeenAt },
        { key: 'expires', head: t('token.expires'), spare: true, cell: (s) => <Time at={s.expiresAt} />, sort: (s) => s.expiresAt },
        ...(act ? [{ key: 'act', head: t('person.acts'), cell: (s: Opened) => (s.current ? null : act(s)) }] : []),
      ]}
    />
  );
}
