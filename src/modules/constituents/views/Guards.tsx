/** The guard lists: which hold, and a new one read aside before it takes its place. */
import { Button, FileInput, NativeSelect } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconUpload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { requestOf, type OutputOf } from '#kit/endpoint';
import { useAct, useAsk, useTransport } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark } from '#ui/Mark';
import { Meter } from '#ui/Meter';
import { Answer, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { constituentsApi } from '../api/index.ts';
import { guardKinds } from '../model/blocking.ts';

type One = OutputOf<typeof constituentsApi.guards>['guards'][number];
const standing = { reading: 'wait', ready: 'info', adopted: 'good', dropped: 'none' } as const;

export function Guards() {
  const { t } = useWords();
  const reader = useReader();
  const asked = useAsk(constituentsApi.guards, {});
  const may = reader.may('blocklist.guard');
  return (
    <Section title={t('guards.title')} note={t('guards.note')}>
      <Answer of={asked}>{({ guards }) => <Table of={guards} may={may} />}</Answer>
      {may ? <div style={{ marginTop: 20 }}><Upload /></div> : null}
    </Section>
  );
}

function Table({ of, may }: { readonly of: readonly One[]; readonly may: boolean }) {
  const { t, number } = useWords();
  const adopt = useAct(constituentsApi.adoptGuard);
  const act = (guard: One) => adopt.mutate({ guard: guard.id, sha256: guard.sha256 }, {
    onSuccess: (done) => notifications.show({ message: t('guards.adopted', { count: done.colliding }) }),
  });
  const missing = guardKinds.filter((kind) => !of.some((g) => g.kind === kind && g.state === 'adopted'));
  return (
    <>
      {missing.length > 0 ? (
        <p className="e-small">
          <Mark is="warn">{t('guards.missing', { kinds: missing.map((kind) => t(`guard-kind.${kind}`)).join(', ') })}</Mark>
        </p>
      ) : null}
      {adopt.error ? <ProblemNote error={adopt.error} /> : null}
      <RowTable
        label={t('guards.title')} rows={of} rowKey={(g) => g.id} empty={<EmptyState title={t('guards.none')} how={t('guards.none-how')} />}
        columns={[
          {
            key: 'kind', head: t('guards.kind'), wrap: true, sort: (g) => g.kind,
            cell: (g) => <>{t(`guard-kind.${g.kind}`)}<div className="e-small e-quiet">{g.file}</div></>,
          },
          { key: 'names', head: t('guards.names'), right: true, cell: (g) => number(g.names), sort: (g) => g.names },
          {
            key: 'state', head: t('asset.state'), cell: (g) => <Mark is={standing[g.state]}>{t(`guard-state.${g.state}`)}</Mark>,
            sort: (g) => g.state,
          },
          { key: 'at', head: t('guards.uploaded'), spare: true, cell: (g) => <Time at={g.uploadedAt} />, sort: (g) => g.uploadedAt },
          { key: 'sha256', head: 'SHA-256', spare: true, cell: (g) => <Hash value={g.sha256} /> },
          ...(may ? [{
            key: 'act', head: t('asset.act'), cell: (g: One) => (g.state === 'ready' ? (
              <Button variant="subtle" size="compact-xs" loading={adopt.isPending} onClick={() => act(g)}>{t('guards.adopt')}</Button>
            ) : null),
          }] : []),
        ]}
      />
    </>
  );
}

interface Going { readonly sent: number; readonly total: number; readonly error: Error | null; readonly over: boolean }

function Upload() {
  const { t } = useWords();
  const { send } = useTransport();
  const queries = useQueryClient();
  const [kind, setKind] = useState<string>('popular-domain');
  const [file, setFile] = useState<File | null>(null);
  const [going, setGoing] = useState<Going | null>(null);
  const act = async (chosen: File) => {
    setGoing({ sent: 0, total: chosen.size, error: null, over: false });
    const { url } = requestOf({ ...constituentsApi.uploadGuard, method: 'GET' }, { kind, file: chosen.name.slice(0, 200) });
    try {
      await send(url, chosen, { sent: (sent, total) => setGoing({ sent, total, error: null, over: false }), line: () => undefined });
      setGoing(null);
      setFile(null);
    } catch (error) {
      setGoing({ sent: 0, total: 0, over: true, error: error instanceof Error ? error : new Error(String(error)) });
    }
    await queries.invalidateQueries();
  };
  const busy = going !== null && !going.over;
  return (
    <Form
      act={t('guards.upload')} busy={busy} error={going?.error ?? null} why={file ? null : t('guards.why')}
      onAct={() => (file ? void act(file) : undefined)}
    >
      <NativeSelect
        label={t('guards.kind')} value={kind} onChange={(e) => setKind(e.currentTarget.value)}
        data={guardKinds.map((value) => ({ value, label: t(`guard-kind.${value}`) }))}
      />
      <FileInput
        label={t('guards.file')} description={t('guards.file-how')} placeholder={t('import.choose')} value={file} onChange={setFile}
        leftSection={<IconUpload size={16} aria-hidden />} clearable clearButtonProps={{ 'aria-label': t('ui.clear') }}
      />
      {busy ? <Meter label={t('guards.sent')} done={going.sent} total={going.total} /> : null}
    </Form>
  );
}
