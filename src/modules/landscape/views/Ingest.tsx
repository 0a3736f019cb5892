/** Uploads a file to a feed; shows what has been sent, what the hub makes of it, and where each row went. */
import { Button, FileInput, NativeSelect, TextInput } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { requestOf } from '#kit/endpoint';
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Meter } from '#ui/Meter';
import { Answer, Page, Section } from '#ui/Page';
import { useSending, type Sending } from '#ui/sending';
import { ButtonLink, Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';

/** One line of the answer, as much of it as is shown. */
interface Line {
  readonly phase?: string;
  readonly rows?: number;
  readonly read?: number;
  readonly batch?: { readonly id: string };
}

interface Known { readonly phase: string | null; readonly rows: number; readonly batch: string | null }
type Going = Sending & Known;

const start: Known = { phase: null, rows: 0, batch: null };

const told = (value: unknown, was: Known): Partial<Known> => {
  const line = value as Line;
  return { phase: line.phase ?? was.phase, rows: line.read ?? line.rows ?? was.rows, batch: line.batch?.id ?? was.batch };
};

export function Ingest() {
  const { t } = useWords();
  const [search, change] = useUrlState();
  const feeds = useAsk(landscapeApi.feeds, {});
  const [file, setFile] = useState<File | null>(null);
  const [type, setType] = useState('');
  const { going, take, cancel } = useSending(told);
  const feed = search['feed'] || feeds.data?.items[0]?.id || '';
  const job = search['job'] ?? '';
  const busy = going !== null && !going.over;
  const upload = (): void => {
    if (!file) return;
    const given = type.trim();
    const { url } = requestOf({ ...landscapeApi.ingest, method: 'GET' }, {
      feed, file: file.name, ...(given ? { type: given } : {}), ...(job ? { job } : {}),
    });
    void take({ url, file, start, keeps: true });
  };
  return (
    <Page title={t('nav.upload')} description={t('ingest.text')} above={<Link to="/batches">{t('nav.batches')}</Link>}>
      <Answer of={feeds}>
        {({ items }) => (items.length === 0 ? (
          <EmptyState title={t('feeds.empty')} how={t('feeds.empty-how')} act={<ButtonLink to="/feeds/create">{t('nav.feed-create')}</ButtonLink>} />
        ) : (
          <Section>
            <Form
              act={t('ingest.act')} busy={busy} why={file ? null : t('ingest.why')} error={going?.error ?? null}
              onAct={upload}
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
        <Meter label={t('ingest.sent')} done={going.sent} total={going.size} />
        <Meter
          label={has(`batch.phase-${phase}`) ? t(`batch.phase-${phase}`) : phase} done={going.rows}
          total={going.over ? going.rows : null}
        />
        {going.over && going.batch ? <ButtonLink to={`/batches/${going.batch}`} w="fit-content">{t('ingest.open')}</ButtonLink> : null}
      </div>
    </Section>
  );
}
