/**
 * What a feed's columns mean: a sample on one side, rules on the other, and under them what comes of it, anew with every key. A version
 * is kept by hand, and nothing is in force before it was put in force.
 */
import { Button, FileButton, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Answer, Columns, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable, type Column } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { Mapping, mappingTargets } from '../model/mapping.ts';
import { MappingRules } from './MappingRules.tsx';
import { MappingVersions } from './MappingVersions.tsx';

type Preview = OutputOf<typeof landscapeApi.previewMapping>;
type Versions = OutputOf<typeof landscapeApi.mappings>['items'];

const blank: Mapping = { format: { kind: 'csv', delimiter: ',', comment: '', columns: null }, rules: { time: { from: [] } }, leave: [] };
/** Characters of a sample: some hundred rows. */
const sampleMost = 150_000;
const quietMs = 350;

export function MappingEditor() {
  const { t } = useWords();
  const feed = usePathParameter('feed');
  const asked = useAsk(landscapeApi.viewFeed, { feed });
  const versions = useAsk(landscapeApi.mappings, { feed });
  return (
    <Page
      title={t('mapping.title')} description={t('mapping.text')}
      above={<Link to={`/feeds/${feed}`}>{asked.data?.feed.title ?? t('nav.feeds')}</Link>}
    >
      <Answer of={versions}>{({ items }) => <Body feed={feed} versions={items} />}</Answer>
    </Page>
  );
}

function Body({ feed, versions }: { readonly feed: string; readonly versions: Versions }) {
  const { t } = useWords();
  const reader = useReader();
  const [mapping, setMapping] = useState<Mapping>(versions.find((v) => v.inForce)?.mapping ?? versions[0]?.mapping ?? blank);
  const [sample, setSample] = useState('');
  const [note, setNote] = useState('');
  const sound = useMemo(() => Mapping.safeParse(mapping), [mapping]);
  const preview = usePreview(sound.success ? sound.data : null, sample);
  const save = useAct(landscapeApi.saveMapping);
  const lacks = sound.success ? null : mappingTargets.find((target) => target === sound.error.issues[0]?.path[1]) ?? null;
  const wrong = sound.success ? null : lacks === null ? t('mapping.unsound') : t('mapping.lacks', { name: t(`mapping.to-${lacks}`) });
  return (
    <>
      <Columns>
        <Section title={t('mapping.sample')} note={t('mapping.sample-note')}>
          <Sample value={sample} onChange={setSample} />
          <FormatFields mapping={mapping} onChange={setMapping} versions={versions} />
        </Section>
        <Section title={t('mapping.rules')} note={t('mapping.rules-note')}>
          <MappingRules mapping={mapping} onChange={setMapping} columns={preview.data?.columns ?? []} />
        </Section>
      </Columns>
      <Section title={t('mapping.preview')} note={t('mapping.preview-note')}>
        {preview.error ? <ProblemNote error={preview.error} /> : null}
        {wrong === null ? null : <p><Mark is="wait">{wrong}</Mark></p>}
        <PreviewOf preview={preview.data} />
      </Section>
      {reader.may('mapping.change') ? (
        <Section title={t('mapping.keep')}>
          <Form
            act={t('mapping.save')} busy={save.isPending} error={save.error} why={wrong}
            onAct={() => save.mutate({ feed, mapping, note }, { onSuccess: () => setNote('') })}
          >
            <TextInput label={t('mapping.note')} value={note} maxLength={500} onChange={(e) => setNote(e.currentTarget.value)} />
          </Form>
        </Section>
      ) : null}
      <MappingVersions feed={feed} versions={versions} onOpen={setMapping} />
    </>
  );
}

/** Asks for a preview once the keys are quiet. */
function usePreview(mapping: Mapping | null, sample: string): { data: Preview | undefined; error: Error | null } {
  const { mutate, data, error } = useAct(landscapeApi.previewMapping);
  useEffect(() => {
    if (mapping === null || sample.trim() === '') return undefined;
    const timer = setTimeout(() => mutate({ mapping, sample }), quietMs);
    return () => clearTimeout(timer);
  }, [mapping, sample, mutate]);
  return { data: sample.trim() === '' ? undefined : data, error };
}

function Sample({ value, onChange }: { readonly value: string; readonly onChange: (text: string) => void }) {
  const { t } = useWords();
  return (
    <>
      <Textarea
        label={t('mapping.paste')} value={value} autosize minRows={6} maxRows={12} spellCheck={false}
        onChange={(e) => onChange(e.currentTarget.value.slice(0, sampleMost))} styles={{ input: { fontFamily: 'var(--e-mono)', fontSize: 12 } }}
      />
      <FileButton
        onChange={(file) => {
          if (file) void file.slice(0, sampleMost).text().then((text) => onChange(text.slice(0, text.lastIndexOf('\n') + 1) || text));
        }}
      >
        {(props) => <Button {...props} variant="default" size="xs" mt={8}>{t('mapping.open-file')}</Button>}
      </FileButton>
    </>
  );
}

interface FormatProps { readonly mapping: Mapping; readonly onChange: (mapping: Mapping) => void; readonly versions: Versions }

function FormatFields({ mapping, onChange, versions }: FormatProps) {
  const { t } = useWords();
  const formats = useAsk(landscapeApi.formats, {});
  const { format } = mapping;
  const start = (value: string): void => {
    const known = formats.data?.items.find((one) => one.name === value)?.mapping;
    const version = versions.find((one) => String(one.version) === value)?.mapping;
    onChange(known ?? version ?? blank);
  };
  return (
    <div style={{ display: 'grid', gap: 12, marginTop: 16 }}>
      <NativeSelect
        label={t('mapping.begin-with')} value="" onChange={(e) => start(e.currentTarget.value)}
        data={[
          { value: '', label: t('mapping.as-it-is') }, { value: 'blank', label: t('mapping.blank') },
          ...versions.map((v) => ({ value: String(v.version), label: t('mapping.version', { version: v.version }) })),
          ...(formats.data?.items ?? []).map(({ name }) => ({ value: name, label: t(`shape.${name}`) })),
        ]}
      />
      <NativeSelect
        label={t('mapping.format')} value={format.kind} data={[{ value: 'csv', label: t('mapping.csv') }, { value: 'json', label: t('mapping.json') }]}
        onChange={(e) => onChange({
          ...mapping, format: e.currentTarget.value === 'json' ? { kind: 'json', rows: '' } : { kind: 'csv', delimiter: ',', comment: '', columns: null },
        })}
      />
      {format.kind === 'json' ? (
        <TextInput
          label={t('mapping.rows')} description={t('mapping.rows-how')} value={format.rows} placeholder="data.items"
          onChange={(e) => onChange({ ...mapping, format: { kind: 'json', rows: e.currentTarget.value.trim() } })}
        />
      ) : (
        <>
          <NativeSelect
            label={t('mapping.delimiter')} value={format.delimiter} onChange={(e) => onChange({ ...mapping, format: { ...format,
              delimiter: e.currentTarget.value } })}
            data={[{ value: ',', label: t('mapping.comma') }, { value: ';', label: t('mapping.semicolon') }, { value: '\t', label: t('mapping.tab') },
              { value: '|', label: t('mapping.bar') }]}
          />
          <TextInput
            label={t('mapping.comment')} description={t('mapping.comment-how')} value={format.comment} maxLength={3} placeholder="#"
            onChange={(e) => onChange({ ...mapping, format: { ...format, comment: e.currentTarget.value } })}
          />
          <TextInput
            label={t('mapping.columns')} description={t('mapping.columns-how')} value={format.columns?.join(', ') ?? ''}
            onChange={(e) => {
              const columns = e.currentTarget.value.split(',').map((name) => name.trimStart());
              onChange({ ...mapping, format: { ...format, columns: e.currentTarget.value === '' ? null : columns } });
            }}
          />
        </>
      )}
    </div>
  );
}

function cellOf(t: (key: string) => string, name: string, value: string) {
  if (value === '') return '';
  if (name === 'time') return <Time at={value} />;
  return name === 'kind' ? t(`kind.${value}`) : value;
}

function PreviewOf({ preview }: { readonly preview: Preview | undefined }) {
  const { t, number } = useWords();
  if (!preview) return <EmptyState title={t('mapping.no-preview')} how={t('mapping.no-preview-how')} />;
  type Row = Preview['rows'][number];
  const shown = ['time', 'kind', 'type', 'family', 'ip', 'domain', 'severity', 'tlp']
    .filter((name) => preview.rows.some((row) => (row.fields[name] ?? '') !== ''));
  const columns: Column<Row>[] = [
    { key: 'line', head: t('mapping.line'), right: true, cell: (row) => number(row.line) },
    {
      key: 'fits', head: t('mapping.fits'), wrap: true,
      cell: (row) => (row.unfit === null ? <Mark is="good">{t('mapping.fit')}</Mark> : <Mark is="danger">{t(`quarantine.${row.unfit.reason}`)}</Mark>),
    },
    ...shown.map((name) => ({
      key: name, head: t(`mapping.to-${name}`), cell: (row: Row) => cellOf(t, name, row.fields[name] ?? ''),
    })),
    {
      key: 'attrs', head: t('mapping.attrs'), wrap: true, spare: true,
      cell: (row) => Object.entries(row.attrs).map(([key, value]) => `${key}: ${value.slice(0, 60)}`).join(' · ').slice(0, 240),
    },
  ];
  return (
    <>
      <p aria-live="polite">{t('mapping.counts', { read: number(preview.read), fit: number(preview.fit), count: preview.read })}</p>
      <RowTable label={t('mapping.preview')} columns={columns} rows={preview.rows} rowKey={(row) => String(row.line)} tall={420} />
      {preview.troubles.length === 0 ? null : (
        <ul>{preview.troubles.map((x) => <li key={`${x.line}:${x.offset}:${x.reason}`}>{t('mapping.trouble',
          { line: number(x.line) })}: {t(`quarantine.${x.reason}`)}</li>)}</ul>
      )}
    </>
  );
}
