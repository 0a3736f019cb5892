/** Shadowserver's report types as versions: a newer schema handed in, looked at beside what is in force, and put in force by hand. */
import { Button, FileInput, TextInput } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { requestOf, type OutputOf } from '#kit/endpoint';
import { useAct, useAsk, useTransport } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable, type Column } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';

type Version = OutputOf<typeof landscapeApi.reportSchemas>['items'][number];
type Diff = OutputOf<typeof landscapeApi.reportSchema>['diff'];

export function ReportSchemas() {
  const { t } = useWords();
  const reader = useReader();
  const [search] = useUrlState();
  const asked = useAsk(landscapeApi.reportSchemas, {});
  const version = /^\d{1,6}$/.test(search['version'] ?? '') ? Number(search['version']) : null;
  return (
    <Page title={t('schemas.title')} description={t('schemas.text')} above={<Link to="/feeds">{t('nav.feeds')}</Link>}>
      <Answer of={asked}>{({ items }) => <Versions items={items} />}</Answer>
      {version === null ? null : <Compared version={version} />}
      {reader.may('mapping.change') ? <Section title={t('schemas.hand-in')} note={t('schemas.hand-in-note')}><Upload /></Section> : null}
    </Page>
  );
}

function Versions({ items }: { readonly items: readonly Version[] }) {
  const { t, number } = useWords();
  const reader = useReader();
  const use = useAct(landscapeApi.useReportSchema);
  const columns: Column<Version>[] = [
    {
      key: 'version', head: t('mapping.version-head'), wrap: true, sort: (v) => v.version,
      cell: (v) => <Link to={`/report-schemas?version=${v.version}`}>{v.version === 0 ? t('schemas.shipped') : number(v.version)}</Link>,
    },
    {
      key: 'state', head: t('mapping.state'),
      cell: (v) => (v.inForce ? <Mark is="good">{t('mapping.in-force')}</Mark> : <Mark is="none">{t('schemas.not-in-force')}</Mark>),
    },
    { key: 'types', head: t('schemas.types'), right: true, cell: (v) => number(v.types), sort: (v) => v.types },
    { key: 'stand', head: t('schemas.stand'), spare: true, cell: (v) => v.stand, sort: (v) => v.stand },
    { key: 'made', head: t('schemas.handed-in'), spare: true, cell: (v) => (v.madeAt ? <Time at={v.madeAt} /> : ''), sort: (v) => v.madeAt },
    { key: 'note', head: t('mapping.note'), wrap: true, spare: true, cell: (v) => v.note },
    ...reader.may('mapping.change') ? [{
      key: 'act', head: t('asset.act'), cell: (v: Version) => (v.inForce ? null : (
        <Button size="compact-xs" variant="subtle" loading={use.isPending} onClick={() => use.mutate({ version: v.version })}>{t('mapping.use')}</Button>
      )),
    }] : [],
  ];
  return (
    <Section title={t('schemas.versions')} note={t('schemas.versions-note')}>
      {use.error ? <ProblemNote error={use.error} /> : null}
      <RowTable label={t('schemas.versions')} rows={items} rowKey={(v) => String(v.version)} columns={columns} />
    </Section>
  );
}

function Compared({ version }: { readonly version: number }) {
  const { t, number } = useWords();
  const asked = useAsk(landscapeApi.reportSchema, { version });
  const named = (n: number): string => (n === 0 ? t('schemas.shipped') : number(n));
  return (
    <Section title={t('schemas.difference', { version: named(version) })} note={asked.data ? t('schemas.from', { from: named(asked.data.from) }) : null}>
      <Answer of={asked}>{({ diff }) => <Difference of={diff} />}</Answer>
    </Section>
  );
}

const tags = (names: readonly string[]) => names.map((name) => <Tag key={name}>{name}</Tag>);

function Difference({ of }: { readonly of: Diff }) {
  const { t, number } = useWords();
  if (of.added.length + of.removed.length + of.changed.length === 0) return <EmptyState title={t('schemas.same')} />;
  const row = { display: 'flex', flexWrap: 'wrap', gap: 4, alignItems: 'center', margin: '0 0 8px' } as const;
  return (
    <>
      {of.added.length > 0 ? <p style={row}>{t('schemas.added', { count: of.added.length, n: number(of.added.length) })} {tags(of.added)}</p> : null}
      {of.removed.length > 0 ? <p style={row}>{t('schemas.removed', { count: of.removed.length, n: number(of.removed.length) })} {tags(of.removed)}</p> : null}
      {of.changed.length > 0 ? (
        <RowTable
          label={t('schemas.changed')} rows={of.changed} rowKey={(one) => one.type}
          columns={[
            { key: 'type', head: t('feed.type'), cell: (one) => <span className="e-mono">{one.type}</span>, sort: (one) => one.type },
            { key: 'added', head: t('schemas.columns-added'), wrap: true, cell: (one) => <span style={row}>{tags(one.added)}</span> },
            { key: 'removed', head: t('schemas.columns-removed'), wrap: true, spare: true, cell: (one) => <span style={row}>{tags(one.removed)}</span> },
            {
              key: 'changed', head: t('schemas.other'), wrap: true, spare: true,
              cell: (one) => one.changed.map((c) => <div key={c.what} className="e-small">{`${c.what}: ${c.before || '–'} → ${c.after || '–'}`}</div>),
            },
          ]}
        />
      ) : null}
    </>
  );
}

function Upload() {
  const { t } = useWords();
  const { send } = useTransport();
  const queries = useQueryClient();
  const [, change] = useUrlState();
  const [typed, setTyped] = useState<{ file: File | null; note: string }>({ file: null, note: '' });
  const [going, setGoing] = useState<{ busy: boolean; error: Error | null }>({ busy: false, error: null });
  const act = async (chosen: File) => {
    setGoing({ busy: true, error: null });
    const { url } = requestOf({ ...landscapeApi.uploadReportSchema, method: 'GET' }, { note: typed.note });
    const heard = { version: null as number | null };
    try {
      await send(url, chosen, {
        sent: () => undefined,
        line: (line) => {
          if (typeof line === 'object' && line !== null && 'version' in line && typeof line.version === 'number') heard.version = line.version;
        },
      });
      setGoing({ busy: false, error: null });
      setTyped({ file: null, note: '' });
      await queries.invalidateQueries();
      if (heard.version !== null) change({ version: String(heard.version) });
    } catch (error) {
      setGoing({ busy: false, error: error instanceof Error ? error : new Error(String(error)) });
    }
  };
  return (
    <Form
      act={t('schemas.keep')} busy={going.busy} error={going.error} why={typed.file ? null : t('schemas.why')}
      onAct={() => (typed.file ? void act(typed.file) : undefined)}
    >
      <FileInput
        label={t('schemas.file')} placeholder={t('import.choose')} value={typed.file} onChange={(file) => setTyped({ ...typed, file })}
        leftSection={<IconUpload size={16} aria-hidden />} clearable clearButtonProps={{ 'aria-label': t('ui.clear') }}
      />
      <TextInput label={t('mapping.note')} value={typed.note} maxLength={200} onChange={(e) => setTyped({ ...typed, note: e.currentTarget.value })} />
    </Form>
  );
}
