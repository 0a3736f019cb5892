/** What the hub holds on one person, kind by kind, to be read and to be handed over as a file. */
import { Button, Group } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { fileUrl } from '#ui/Download';
import { Particulars } from '#ui/Page';
import { RowTable, type Column } from '#ui/RowTable';
import { Tag } from '#ui/Mark';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import type { partiesApi } from '../api.ts';

type Held = OutputOf<(typeof partiesApi)['people.export']>;

export function PersonRecord({ of }: { readonly of: Held }) {
  const { t, has } = useWords();
  const { person } = of;
  const named = (key: string, id: string): string => (has(`${key}.${id}`) ? t(`${key}.${id}`) : id);
  const file = fileUrl('application/json', JSON.stringify(of, null, 2));
  const time = (at: string | null): ReactNode => (at ? <Time at={at} /> : t('token.never'));
  return (
    <div role="status" style={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 16, marginTop: 16 }}>
      <Particulars
        items={[
          [t('person.name'), person.name], [t('person.email'), person.email ?? t('ui.none')],
          [t('person.roles'), <Group key="roles" gap={4}>{person.roles.map((role) => <Tag key={role}>{t(`role.${role}`)}</Tag>)}</Group>],
          [t('person.status'), named('person', person.status)], [t('person.since'), <Time key="since" at={person.createdAt} to="day" />],
        ]}
      />
      <List
        title={t('passkeys.title')} rows={of.passkeys} keyOf={(k) => `${k.name} ${k.createdAt}`}
        columns={[
          { key: 'name', head: t('token.name'), wrap: true, cell: (k) => k.name },
          { key: 'since', head: t('passkeys.since'), cell: (k) => <Time at={k.createdAt} to="day" /> },
          { key: 'used', head: t('token.used'), spare: true, cell: (k) => time(k.lastUsedAt) },
        ]}
      />
      <List
        title={t('people.sessions')} rows={of.sessions} keyOf={(s) => `${s.device} ${s.startedAt}`}
        columns={[
          { key: 'device', head: t('session.device'), wrap: true, cell: (s) => s.device },
          { key: 'seen', head: t('session.seen'), cell: (s) => time(s.lastSeenAt) },
          { key: 'expires', head: t('token.expires'), spare: true, cell: (s) => time(s.expiresAt) },
        ]}
      />
      <List
        title={t('nav.tokens')} rows={of.tokens} keyOf={(k) => `${k.name} ${k.createdAt}`}
        columns={[
          { key: 'name', head: t('token.name'), wrap: true, cell: (k) => k.name },
          { key: 'scopes', head: t('token.scopes'), wrap: true, cell: (k) => k.scopes.map((right) => named('right', right)).join(', ') },
          { key: 'expires', head: t('token.expires'), spare: true, cell: (k) => <Time at={k.expiresAt} to="day" /> },
        ]}
      />
      <List
        title={t('nav.approvals')} rows={of.approvals} keyOf={(a) => a.id}
        columns={[
          {
            key: 'act', head: t('approval.act'), wrap: true,
            cell: (a) => <Link to={`/approvals/${a.id}`}>{named('operation', a.operation)}</Link>,
          },
          { key: 'reason', head: t('approval.reason'), wrap: true, spare: true, cell: (a) => a.reason },
          { key: 'at', head: t('approval.requested'), cell: (a) => time(a.requestedAt) },
        ]}
      />
      <List
        title={t('protection.facts')} rows={of.facts} keyOf={(f) => `${f.index} ${f.about}`}
        columns={[
          { key: 'what', head: t('fact.what'), wrap: true, cell: (f) => <Link to={`/facts/${f.index}`}>{named('fact', f.class)}</Link> },
          { key: 'about', head: t('protection.part'), spare: true, cell: (f) => t(f.about ? 'protection.about' : 'protection.by') },
          { key: 'at', head: t('fact.at'), cell: (f) => time(f.at) },
        ]}
      />
      <Button
        component="a" href={file} download={`${person.id}.json`} variant="default" size="xs" w="fit-content"
        leftSection={<IconDownload size={14} aria-hidden />}
      >
        {t('protection.download')}
      </Button>
    </div>
  );
}

interface ListProps<T> {
  readonly title: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly keyOf: (row: T) => string;
}

/** A kind of which nothing is held says so in a line. */
function List<T>({ title, rows, columns, keyOf }: ListProps<T>) {
  const { t, number } = useWords();
  return (
    <div>
      <h3 style={{ margin: '0 0 6px', fontSize: 14, fontWeight: 600 }}>
        {title} <span className="e-quiet e-num">({number(rows.length)})</span>
      </h3>
      {rows.length === 0 ? <p className="e-quiet" style={{ margin: 0 }}>{t('protection.none-held')}</p> : (
        <RowTable label={title} rows={rows} rowKey={keyOf} columns={columns} tall={300} />
      )}
    </div>
  );
}
