/** A release's files by rebuilder: what each found, which word counts, and where they do not agree. Evidence is sent from here. */
import { Button, FileInput, NativeSelect, TextInput } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { requestOf, type OutputOf } from '#kit/endpoint';
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Lines, Page, Particulars, Section } from '#ui/Page';
import { RowTable, type Column } from '#ui/RowTable';
import { useSending } from '#ui/sending';
import { Time } from '#ui/Time';
import { Link, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { buildsApi } from '../api.ts';
import type { ShippedFile, VerdictLine } from '../model.ts';
import { EquivalenceMark, useVoices, VerdictMark } from './marks.tsx';

type View = OutputOf<(typeof buildsApi)['rebuilds.matrix']>;

export function Matrix() {
  const { t } = useWords();
  const id = usePathParameter('release');
  const asked = useAsk(buildsApi['rebuilds.matrix'], { release: id });
  const { productName, version } = asked.data ?? {};
  return (
    <Page
      title={productName === undefined ? t('builds.rebuilds') : t('builds.rebuilds-of', { name: `${productName} ${version}` })}
      description={t('builds.matrix-text')} above={productName === undefined ? null : <Link to={`/releases/${id}`}>{`${productName} ${version}`}</Link>}
    >
      <Answer of={asked} skeleton={<Lines />}>{(view) => <Shown {...view} />}</Answer>
    </Page>
  );
}

function Shown(view: View) {
  const { t, number } = useWords();
  const voices = useVoices();
  const { equivalence: e, verdicts, mayAttest, release } = view;
  const old = verdicts.filter((v) => v.supersededBy !== null);
  return (
    <>
      <Section>
        <Particulars
          items={[
            [t('builds.comes-to'), <EquivalenceMark key="state" state={e.state} />],
            [t('builds.assessed'), t('builds.assessed-of', { assessed: number(e.assessed), files: number(e.files) })],
            [t('builds.said-by'), voices(e)],
            [t('builds.agree'), e.dissent ? <Mark key="no" is="warn">{t('builds.dissent')}</Mark> : e.parties > 1 ? t('builds.agreed') : t('builds.one-voice')],
            ...e.at === null ? [] : [[t('builds.last'), <Time key="at" at={e.at} />] as const],
          ]}
        />
      </Section>
      <Files {...view} />
      {old.length === 0 ? null : <Corrections verdicts={old} files={view.files} />}
      {mayAttest ? <Send release={release} standing={verdicts.filter((v) => v.supersededBy === null)} /> : null}
    </>
  );
}

function Files({ files, verdicts }: View) {
  const { t } = useWords();
  const standing = verdicts.filter((v) => v.supersededBy === null);
  const rebuilders = [...new Map(standing.map((v) => [v.rebuilder, v])).values()];
  if (files.length === 0) return <Section title={t('builds.files')}><EmptyState title={t('builds.no-file')} how={t('builds.no-file-how')} /></Section>;
  const columns: Column<ShippedFile>[] = [
    { key: 'name', head: t('builds.file'), wrap: true, sort: (f) => f.name, cell: (f) => <Link to={`/artefacts/${f.artefact}`}>{f.name}</Link> },
    { key: 'sum', head: t('builds.comes-to'), wrap: true, cell: (f) => (f.summary === null ? <EquivalenceMark state="not-assessed" /> : (
      <><EquivalenceMark state={f.summary} />{f.dissent ? <><br /><Tag>{t('builds.dissent-short')}</Tag></> : null}</>
    )) },
    ...rebuilders.map((r): Column<ShippedFile> => ({
      key: r.rebuilder, head: r.provider ? t('builds.provider-of', { name: r.orgName }) : r.orgName, wrap: true,
      cell: (f) => {
        const said = standing.find((v) => v.rebuilder === r.rebuilder && v.artefact === f.artefact);
        return said ? <Said of={said} /> : <span className="e-faint">{t('builds.silent')}</span>;
      },
    })),
    { key: 'digest', head: t('builds.digest'), spare: true, cell: (f) => <Hash value={f.sha256} /> },
  ];
  return (
    <Section title={t('builds.files')} note={t('builds.files-text')}>
      <RowTable label={t('builds.files')} rows={files} rowKey={(f) => f.artefact} columns={columns} />
      {rebuilders.length === 0 ? <EmptyState title={t('builds.nobody')} how={t('builds.nobody-how')} /> : null}
    </Section>
  );
}

function Said({ of }: { readonly of: VerdictLine }) {
  const { t } = useWords();
  return (
    <>
      <Link to={`/verdicts/${of.id}`}><VerdictMark verdict={of.stands} /></Link>
      {of.check === 'contradicts' ? <><br /><Mark is="danger">{t('builds.contradicted')}</Mark></> : null}
      <br /><span className="e-small e-faint">{of.rebuilderName}</span>
    </>
  );
}

function Corrections({ verdicts, files }: Pick<View, 'verdicts' | 'files'>) {
  const { t } = useWords();
  return (
    <Section title={t('builds.corrections')} note={t('builds.corrections-text')}>
      <RowTable
        label={t('builds.corrections')} rows={verdicts} rowKey={(v) => v.id} to={(v) => `/verdicts/${v.id}`}
        columns={[
          { key: 'file', head: t('builds.file'), wrap: true, cell: (v) => files.find((f) => f.artefact === v.artefact)?.name ?? '' },
          { key: 'by', head: t('builds.rebuilder'), wrap: true, cell: (v) => v.rebuilderName },
          { key: 'said', head: t('builds.said'), cell: (v) => <Link to={`/verdicts/${v.id}`}><VerdictMark verdict={v.said} /></Link> },
          { key: 'why', head: t('builds.why'), wrap: true, cell: (v) => v.supersededWhy ?? '' },
          { key: 'at', head: t('builds.when'), spare: true, cell: (v) => <Time at={v.supersededAt ?? v.at} /> },
        ]}
      />
    </Section>
  );
}

function Send({ release, standing }: { readonly release: string; readonly standing: readonly VerdictLine[] }) {
  const { t, day } = useWords();
  const earlier = [...new Map(standing.map((v) => [v.rebuild, `${v.rebuilderName}, ${day(v.at)}`])).entries()];
  const [file, setFile] = useState<File | null>(null);
  const [corrects, setCorrects] = useState({ rebuild: '', reason: '' });
  const { going, take, cancel } = useSending<object>(() => ({}));
  const busy = going !== null && !going.over;
  const why = file === null ? t('builds.missing-file') : corrects.rebuild !== '' && corrects.reason.trim() === '' ? t('builds.missing-reason') : null;
  const begin = (): void => {
    if (!file) return;
    const more = corrects.rebuild === '' ? {} : { corrects: corrects.rebuild.trim(), reason: corrects.reason };
    void take({ url: requestOf({ ...buildsApi['rebuilds.record'], method: 'GET' }, { release, ...more, file: file.name }).url, file, start: {}, keeps: true });
  };
  return (
    <Section title={t('builds.send')} note={t('builds.send-text')}>
      <Form
        act={t('builds.send')} busy={busy} why={why} error={going?.error ?? null} onAct={begin}
        aside={busy ? <Button variant="default" onClick={cancel}>{t('ui.cancel')}</Button> : null}
      >
        <FileInput
          label={t('builds.bundle')} description={t('builds.bundle-how')} placeholder={t('ingest.choose')} value={file} onChange={setFile}
          leftSection={<IconUpload size={16} aria-hidden />} clearable clearButtonProps={{ 'aria-label': t('ui.clear') }}
        />
        {earlier.length === 0 ? null : (
          <NativeSelect label={t('builds.corrects')} description={t('builds.corrects-how')} value={corrects.rebuild}
            data={[{ value: '', label: t('builds.corrects-none') }, ...earlier.map(([value, label]) => ({ value, label }))]}
            onChange={(e) => setCorrects({ ...corrects, rebuild: e.currentTarget.value })} />
        )}
        {corrects.rebuild === '' ? null : (
          <TextInput label={t('builds.why')} value={corrects.reason} maxLength={500}
            onChange={(e) => setCorrects({ ...corrects, reason: e.currentTarget.value })} />
        )}
      </Form>
    </Section>
  );
}
