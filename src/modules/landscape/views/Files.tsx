/** Files by their hash: what is known of those one asks for, and where lists of clean and of malicious files contradict each other. */
import { Button, Modal, NativeSelect, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark, type Meaning } from '#ui/Mark';
import { Page, Section } from '#ui/Page';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { useReader } from '#ui/reader';
import { RowTable, type Column } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { useWords, type Words } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';

type Known = OutputOf<typeof landscapeApi.lookUpFiles>['items'][number];

const meanings: Readonly<Record<Known['verdict'], Meaning>> = { clean: 'good', malicious: 'danger', paused: 'warn', unknown: 'none' };

export function Files() {
  const { t } = useWords();
  const words = useWords();
  const reader = useReader();
  const conflicts = usePaged(landscapeApi.fileConflicts, { limit: 100 }, (answer) => answer);
  return (
    <Page title={t('nav.files')} description={t('files.text')}>
      <LookUp />
      <Section title={t('files.conflicts')} note={t('files.conflicts-note')}>
        <PagedTable
          of={conflicts} label={t('files.conflicts')} rowKey={(file) => file.hash}
          empty={<EmptyState title={t('files.no-conflict')} how={t('files.no-conflict-how')} />}
          columns={[
            ...columnsOf(words),
            { key: 'reason', head: t('files.reason'), wrap: true, spare: true, cell: (file) => file.decision?.reason ?? '' },
            ...reader.may('file.decide') ? [{ key: 'act', head: t('asset.act'), cell: (file: Known) => <Decide file={file} /> }] : [],
          ]}
        />
      </Section>
    </Page>
  );
}

function columnsOf({ t }: Words): Column<Known>[] {
  const list = (values: readonly string[] | undefined) => (values ?? []).join(', ');
  return [
    { key: 'hash', head: t('files.hash'), cell: (file) => <Hash value={file.hash} keep={24} /> },
    { key: 'verdict', head: t('files.verdict'), cell: (file) => <Mark is={meanings[file.verdict]}>{t(`files.is-${file.verdict}`)}</Mark> },
    { key: 'name', head: t('files.name'), wrap: true, cell: (file) => list([...file.malicious?.names ?? [], ...file.clean?.names ?? []]) },
    { key: 'feeds', head: t('files.said-by'), wrap: true, spare: true, cell: (file) => list([...file.malicious?.feeds ?? [], ...file.clean?.feeds ?? []]) },
    {
      key: 'last', head: t('files.last'), spare: true, cell: (file) => {
        const last = [file.malicious?.last, file.clean?.last].filter((at) => at !== undefined).toSorted().at(-1);
        return last === undefined ? '' : <Time at={last} to="day" />;
      },
    },
  ];
}

function LookUp() {
  const words = useWords();
  const { t } = words;
  const [typed, setTyped] = useState('');
  const ask = useAct(landscapeApi.lookUpFiles);
  const hashes = [...new Set(typed.toLowerCase().split(/[\s,;]+/).filter((word) => word !== ''))];
  const odd = hashes.find((hash) => !/^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/.test(hash));
  const why = hashes.length === 0 ? t('files.why') : odd !== undefined ? t('files.odd', { hash: odd.slice(0,
    40) }) : hashes.length > 1000 ? t('files.many') : null;
  return (
    <Section title={t('files.look-up')}>
      <Form act={t('files.ask')} busy={ask.isPending} error={ask.error} why={why} onAct={() => ask.mutate({ hashes })}>
        <Textarea
          label={t('files.hashes')} description={t('files.hashes-how')} value={typed} autosize minRows={2} maxRows={8} spellCheck={false}
          onChange={(e) => setTyped(e.currentTarget.value)} styles={{ input: { fontFamily: 'var(--e-mono)', fontSize: 12 } }}
        />
      </Form>
      {ask.data ? (
        <div aria-live="polite" style={{ marginTop: 16 }}>
          <RowTable label={t('files.look-up')} columns={columnsOf(words)} rows={ask.data.items} rowKey={(file) => file.hash} tall={420} />
        </div>
      ) : null}
    </Section>
  );
}

function Decide({ file }: { readonly file: Known }) {
  const { t } = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  const [verdict, setVerdict] = useState<'clean' | 'malicious'>('clean');
  const [reason, setReason] = useState('');
  const decide = useAct(landscapeApi.decideFile);
  return (
    <>
      <Button size="compact-xs" variant="subtle" onClick={open}>{t('files.decide')}</Button>
      <Modal opened={opened} onClose={close} title={t('files.decide')}>
        <Form
          act={t('files.decide')} busy={decide.isPending} error={decide.error} why={reason.trim() === '' ? t('files.reason-why') : null}
          onAct={() => decide.mutate({ hash: file.hash, verdict, reason }, { onSuccess: close })}
        >
          <NativeSelect
            label={t('files.verdict')} value={verdict} onChange={(e) => setVerdict(e.currentTarget.value === 'malicious' ? 'malicious' : 'clean')}
            data={(['clean', 'malicious'] as const).map((value) => ({ value, label: t(`files.is-${value}`) }))}
          />
          <Textarea label={t('files.reason')} value={reason} maxLength={500} onChange={(e) => setReason(e.currentTarget.value)} />
        </Form>
      </Modal>
    </>
  );
}
