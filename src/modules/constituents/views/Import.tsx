/** Imports organisations and assets from a CSV: read first, with every problem by its line, then added whole or not at all. */
import { Button, FileInput, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { Code } from '#ui/Code';
import { RowTable } from '#ui/RowTable';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Shares } from '#ui/Meter';
import { Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { Time } from '#ui/Time';
import { Link, useGo } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { constituentsApi } from '../api/index.ts';

type Preview = OutputOf<typeof constituentsApi.previewImport>;

const sample = [
  'name,kind,sector,province,asset,value,from,to',
  'Example Ministry,ministry,government,VN-HN,prefix,203.0.113.0/24,2024-01-01,',
  'Example Ministry,ministry,government,VN-HN,domain,example.gov.vn,2024-01-01,',
  'Example Telecom,isp,telecom,,asn,64500,2020-06-01,2025-06-01',
].join('\n');

export function Import() {
  const { t } = useWords();
  const [csv, setCsv] = useState('');
  const preview = useAct(constituentsApi.previewImport);
  const change = (text: string) => {
    setCsv(text);
    preview.reset();
  };
  return (
    <Page title={t('nav.import')} description={t('import.text')} above={<Link to="/constituents">{t('nav.constituents')}</Link>}>
      <Section>
        <Form
          act={t('import.preview')} onAct={() => preview.mutate({ csv })} busy={preview.isPending} error={preview.error}
          why={csv.trim() === '' ? t('import.why') : null}
          aside={csv === '' ? <Button variant="default" onClick={() => change(sample)}>{t('import.sample')}</Button> : null}
        >
          <FileInput
            label={t('import.file')} placeholder={t('import.choose')} accept=".csv,text/csv" leftSection={<IconUpload size={16} aria-hidden />}
            onChange={(file) => (file ? void file.text().then(change) : undefined)}
          />
          <Textarea
            label={t('import.paste')} value={csv} onChange={(e) => change(e.currentTarget.value)} rows={8} spellCheck={false}
            styles={{ input: { fontFamily: 'var(--e-mono)', fontSize: 12 } }}
          />
        </Form>
      </Section>
      {preview.data ? <Previewed of={preview.data} csv={csv} /> : (
        <Section title={t('import.columns')} note={t('import.columns-how')}><Code label={t('import.columns')} text={sample} /></Section>
      )}
    </Page>
  );
}

function Previewed({ of, csv }: { readonly of: Preview; readonly csv: string }) {
  const { t, number } = useWords();
  const go = useGo();
  const commit = useAct(constituentsApi.commitImport);
  const act = () => commit.mutate({ csv }, {
    onSuccess: (done) => {
      notifications.show({ message: t('import.done', { constituents: number(done.constituents), assets: number(done.assets) }) });
      go('/constituents');
    },
  });
  return (
    <>
      <Section title={t('import.would')} note={t('import.lines', { count: of.lines, lines: number(of.lines) })}>
        <Shares
          label={t('import.would')}
          parts={[
            { label: t('import.constituents'), value: of.constituents, colour: 'var(--e-cat-0)' },
            { label: t('import.assets'), value: of.assets, colour: 'var(--e-cat-2)' },
            { label: t('import.unchanged'), value: of.unchanged, colour: 'var(--e-line-strong)' },
            { label: t('import.problems'), value: of.problems.length, colour: 'var(--e-danger)' },
          ]}
        />
        {commit.error ? <ProblemNote error={commit.error} /> : null}
        <Button mt={16} onClick={act} loading={commit.isPending} disabled={of.problems.length > 0}>{t('import.commit')}</Button>
        {of.problems.length > 0 ? <p className="e-small e-faint">{t('import.refused')}</p> : null}
      </Section>
      {of.problems.length > 0 ? (
        <Section title={t('import.problems')}>
          <RowTable
            label={t('import.problems')} rows={of.problems} rowKey={(p) => `${p.line} ${p.at} ${p.problem}`}
            columns={[
              { key: 'line', head: t('import.line'), right: true, cell: (p) => number(p.line), sort: (p) => p.line },
              { key: 'at', head: t('import.column'), cell: (p) => <code>{p.at}</code>, sort: (p) => p.at },
              { key: 'problem', head: t('import.problem'), wrap: true, cell: (p) => p.problem },
            ]}
          />
        </Section>
      ) : null}
      <Section title={t('import.rows')}>
        <RowTable
          label={t('import.rows')} rows={of.rows} rowKey={(r) => String(r.line)} empty={<EmptyState title={t('import.no-rows')} />}
          columns={[
            { key: 'line', head: t('import.line'), right: true, cell: (r) => number(r.line), sort: (r) => r.line },
            { key: 'name', head: t('constituent.name'), cell: (r) => r.constituent, sort: (r) => r.constituent },
            { key: 'kind', head: t('constituent.kind'), spare: true, cell: (r) => t(`constituent-kind.${r.kind}`) },
            { key: 'value', head: t('asset.value'), cell: (r) => <span className="e-mono">{r.value ?? ''}</span>, sort: (r) => r.value },
            { key: 'from', head: t('asset.from'), spare: true, cell: (r) => (r.from ? <Time at={r.from} to="day" /> : '') },
            { key: 'to', head: t('asset.to'), spare: true, cell: (r) => (r.to ? <Time at={r.to} to="day" /> : '') },
            { key: 'adds', head: t('import.adds'), cell: (r) => t(`adds.${r.adds.replaceAll(' ', '-')}`), sort: (r) => r.adds },
          ]}
        />
      </Section>
    </>
  );
}
