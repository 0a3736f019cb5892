/** Adds entries to a blocking list: each line is judged first, with its number; nothing is added before it was looked at. */
import { Button, FileInput, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Shares } from '#ui/Meter';
import { Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { RowTable } from '#ui/RowTable';
import { Link, useGo, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { constituentsApi } from '../api/index.ts';
import { longestDays } from '../rules/collisions.ts';
import { Collisions } from './BlockingMarks.tsx';

type Preview = OutputOf<typeof constituentsApi.previewEntries>;
const empty = { lines: '', ground: '', reason: '', source: '', expiresAt: '' };

export function AddEntries() {
  const { t } = useWords();
  const list = usePathParameter('list');
  const asked = useAsk(constituentsApi.blocklist, { list, limit: 1 });
  const [typed, setTyped] = useState(empty);
  const preview = useAct(constituentsApi.previewEntries);
  const change = (patch: Partial<typeof empty>) => {
    setTyped({ ...typed, ...patch });
    preview.reset();
  };
  const said = [typed.ground, typed.reason, typed.source].every((text) => text.trim().length >= 3) && typed.expiresAt !== '';
  const why = typed.lines.trim() === '' ? t('entries.why-lines') : said ? null : t('entries.why-ground');
  return (
    <Page
      title={t('blocking.add')} description={t('entries.text')}
      above={<Link to={`/blocking-lists/${list}`}>{asked.data?.list.title ?? t('blocking.list')}</Link>}
    >
      <Section>
        <Form
          act={t('entries.preview')} busy={preview.isPending} error={preview.error} why={why}
          onAct={() => preview.mutate({ list, ...typed })}
        >
          <Textarea
            label={t('entries.lines')} description={t('entries.lines-how')} value={typed.lines} rows={8} spellCheck={false}
            onChange={(e) => change({ lines: e.currentTarget.value })} styles={{ input: { fontFamily: 'var(--e-mono)', fontSize: 12 } }}
          />
          <FileInput
            label={t('entries.file')} placeholder={t('import.choose')} leftSection={<IconUpload size={16} aria-hidden />}
            onChange={(file) => (file ? void file.text().then((lines) => change({ lines })) : undefined)}
          />
          <TextInput
            label={t('blocking.ground')} description={t('entries.ground-how')} value={typed.ground}
            onChange={(e) => change({ ground: e.currentTarget.value })}
          />
          <TextInput label={t('field.reason')} value={typed.reason} onChange={(e) => change({ reason: e.currentTarget.value })} />
          <TextInput label={t('blocking.source')} value={typed.source} onChange={(e) => change({ source: e.currentTarget.value })} />
          <TextInput
            type="date" label={t('blocking.expires')} description={t('blocking.expires-how', { days: longestDays })} value={typed.expiresAt}
            onChange={(e) => change({ expiresAt: e.currentTarget.value })}
          />
        </Form>
      </Section>
      {preview.data ? <Judged of={preview.data} input={{ list, ...typed }} /> : null}
    </Page>
  );
}

const meaning = { ok: 'good', 'second-person': 'wait', there: 'none', refused: 'danger' } as const;
const graveness = ['refused', 'second-person', 'ok', 'there'];

function Judged({ of, input }: { readonly of: Preview; readonly input: typeof empty & { list: string } }) {
  const { t, has, number } = useWords();
  const go = useGo();
  const add = useAct(constituentsApi.addEntries);
  const act = () => add.mutate(input, {
    onSuccess: (done) => {
      notifications.show({ message: t('entries.done', { added: number(done.added), waiting: number(done.waiting.length) }) });
      go(`/blocking-lists/${input.list}`);
    },
  });
  return (
    <Section title={t('entries.would')} note={t('entries.would-note')}>
      <Shares
        label={t('entries.would')}
        parts={[
          { label: t('verdict.ok'), value: of.counts.ok, colour: 'var(--e-cat-0)' },
          { label: t('verdict.second-person'), value: of.counts['second-person'], colour: 'var(--e-cat-2)' },
          { label: t('verdict.there'), value: of.counts.there, colour: 'var(--e-line-strong)' },
          { label: t('verdict.refused'), value: of.counts.refused, colour: 'var(--e-danger)' },
        ]}
      />
      {add.error ? <ProblemNote error={add.error} /> : null}
      <Button my={16} onClick={act} loading={add.isPending} disabled={of.counts.refused > 0}>{t('entries.add')}</Button>
      {of.counts.refused > 0 ? <p className="e-small e-faint">{t('entries.refused')}</p> : null}
      <RowTable
        label={t('entries.would')} rowKey={(l) => String(l.line)}
        rows={of.lines.toSorted((x, y) => graveness.indexOf(x.verdict) - graveness.indexOf(y.verdict) || x.line - y.line)}
        columns={[
          { key: 'line', head: t('import.line'), right: true, cell: (l) => number(l.line), sort: (l) => l.line },
          {
            key: 'value', head: t('blocking.value'), wrap: true, sort: (l) => l.value ?? l.text,
            cell: (l) => (
              <>
                <span className="e-mono" style={{ overflowWrap: 'anywhere' }}>{l.value ?? l.text}</span>
                <Collisions of={l.collides} />
                {l.code === null ? null : <div className="e-small">{has(`refusal.${l.code}`) ? t(`refusal.${l.code}`) : l.why}</div>}
              </>
            ),
          },
          {
            key: 'verdict', head: t('entries.verdict'), cell: (l) => <Mark is={meaning[l.verdict]}>{t(`verdict.${l.verdict}`)}</Mark>,
            sort: (l) => l.verdict,
          },
          {
            key: 'kind', head: t('blocking.kind'), spare: true, cell: (l) => (l.kind ? t(`entry-kind.${l.kind}`) : ''), sort: (l) => l.kind,
          },
        ]}
      />
    </Section>
  );
}
