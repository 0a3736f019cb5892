/** Uploads a file to a feed; shows what has been sent, what the hub makes of it, and where each row went. */
import { Button, FileInput, NativeSelect, TextInput } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { requestOf } from '#kit/endpoint';
import type { Problem } from '#kit/refusal';
import { ProblemError, useAsk, useTransport } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Meter } from '#ui/Meter';
import { Answer, Page, Section } from '#ui/Page';
import { ButtonLink, Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';

/** One line of the answer, as much of it as is shown. */
interface Line {
  readonly phase?: string;
  readonly rows?: number;
  readonly read?: number;
  readonly batch?: { readonly id: string };
  /** Why the hub refused the file on its way. */
  readonly problem?: Problem;
}

interface Going {
  readonly sent: number;
  readonly total: number;
  readonly phase: string | null;
  readonly rows: number;
  readonly batch: string | null;
  readonly error: Error | null;
  readonly over: boolean;
}

const start: Going = { sent: 0, total: 0, phase: null, rows: 0, batch: null, error: null, over: false };

function useUpload() {
  const { send } = useTransport();
  const queries = useQueryClient();
  const [going, setGoing] = useState<Going | null>(null);
  const stop = useRef<AbortController | null>(null);
  const upload = async (feed: string, type: string, file: File, job: string) => {
    stop.current = new AbortController();
    setGoing({ ...start, total: file.size });
    const change = (patch: (was: Going) => Partial<Going>) => setGoing((was) => (was ? { ...was, ...patch(was) } : was));
    const { url } = requestOf({ ...landscapeApi.ingest, method: 'GET' }, { feed, file: file.name, ...(type ? { type } : {}), ...(job ? { job } : {}) });
    try {
      await send(url, file, {
        signal: stop.current.signal,
        sent: (sent, total) => change(() => ({ sent, total })),
        line: (value) => {
          const line = value as Line;
          change((was) => ({
            phase: line.phase ?? was.phase, rows: line.read ?? line.rows ?? was.rows, batch: line.batch?.id ?? was.batch,
            error: line.problem ? new ProblemError(line.problem) : was.error,
          }));
        },
      });
      change(() => ({ over: true }));
    } catch (error) {
      change(() => ({ over: true, error: error instanceof Error ? error : new Error(String(error)) }));
    }
    await queries.invalidateQueries();
  };
  return { going, upload, cancel: () => stop.current?.abort() };
}

export function Ingest() {
  const { t } = useWords();
  const [search, change] = useUrlState();
  const feeds = useAsk(landscapeApi.feeds, {});
  const [file, setFile] = useState<File | null>(null);
  const [type, setType] = useState('');
  const { going, upload, cancel } = useUpload();
  const feed = search['feed'] || feeds.data?.items[0]?.id || '';
  const job = search['job'] ?? '';
  const busy = going !== null && !going.over;
  return (
    <Page title={t('nav.upload')} description={t('ingest.text')} above={<Link to="/batches">{t('nav.batches')}</Link>}>
      <Answer of={feeds}>
        {({ items }) => (items.length === 0 ? (
          <EmptyState title={t('feeds.empty')} how={t('feeds.empty-how')} act={<ButtonLink to="/feeds/create">{t('nav.feed-create')}</ButtonLink>} />
        ) : (
          <Section>
            <Form
              act={t('ingest.act')} busy={busy} why={file ? null : t('ingest.why')} error={going?.error ?? null}
              onAct={() => (file ? void upload(feed, type.trim(), file, job) : undefined)}
              aside={busy ? <Button variant="default" onClick={cancel}>{t('ui.cancel')}</Button> : null}
            >
              {job ? <p className="e-small" style={{ margin: 0 }}><Link to={`/scans/${job}`}>{t('ingest.of-scan')}</Link></p> : null}
              <NativeSelect
                label={t('feed.feed')} value={feed} onChange={(e) => change({ feed: e.currentTarget.value })}
                data={items.map((f) => ({ value: f.id, label: f.title }))}
              />
              <FileInput
                label={t('batch.file')} description={t('ingest.file-how')} placeholder={t('ingest.choose')} value={file}
                onChange={setFile} leftSection={<IconUpload size={16} aria-hidden />} clearable
                clearButtonProps={{ 'aria-label': t('ui.clear') }}
              />
              <TextInput
                label={t('feed.type')} description={t('ingest.type-how')} value={type} onChange={(e) => setType(e.currentTarget.value)}
                placeholder="scan_smb"
              />
            </Form>
          </Section>
        ))}
      </Answer>
      {going ? <Progressing going={going} /> : null}
    </Page>
  );
}

function Progressing({ going }: { readonly going: Going }) {
  const { t, has } = useWords();
  const phase = going.phase ?? 'receive';
  return (
    <Section title={t('batch.progress')}>
      <div style={{ display: 'grid', gap: 14 }} aria-live="polite">
        <Meter label={t('ingest.sent')} done={going.sent} total={going.total} />
        <Meter
          label={has(`batch.phase-${phase}`) ? t(`batch.phase-${phase}`) : phase} done={going.rows}
          total={going.over ? going.rows : null}
        />
        {going.over && going.batch ? <ButtonLink to={`/batches/${going.batch}`} w="fit-content">{t('ingest.open')}</ButtonLink> : null}
      </div>
    </Section>
  );
}
