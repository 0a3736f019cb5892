/** Whose screen a picture shows: a picture is handed in, the hub reads the mark, and what it found is on the record of both sides. */
import { FileInput } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTransport } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Page, Particulars, Section } from '#ui/Page';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { controlsApi } from '../api/controls.ts';
import type { MarkFound } from '../model/controls.ts';

interface Going { readonly busy: boolean; readonly error: Error | null; readonly found?: MarkFound | null }

export function Watermarks() {
  const { t } = useWords();
  const { send } = useTransport();
  const [file, setFile] = useState<File | null>(null);
  const [going, setGoing] = useState<Going>({ busy: false, error: null });
  const act = async (chosen: File): Promise<void> => {
    setGoing({ busy: true, error: null });
    const heard: { found: MarkFound | null } = { found: null };
    try {
      await send('/api/watermarks', chosen, {
        sent: () => undefined, line: (line) => { heard.found = controlsApi['watermarks.find'].output.parse(line).found; },
      });
      setGoing({ busy: false, error: null, found: heard.found });
    } catch (error) {
      setGoing({ busy: false, error: error instanceof Error ? error : new Error(String(error)) });
    }
  };
  return (
    <Page title={t('nav.watermarks')} above={<Link to="/visits">{t('nav.visits')}</Link>} description={t('controls.mark-text')}>
      <Section>
        <Form act={t('controls.mark-find')} busy={going.busy} error={going.error} why={file ? null : t('controls.mark-why')}
          onAct={() => (file ? void act(file) : undefined)}
        >
          <FileInput
            label={t('controls.mark-picture')} description={t('controls.mark-how')} placeholder={t('import.choose')} value={file} onChange={setFile}
            accept="image/png,image/jpeg" leftSection={<IconUpload size={16} aria-hidden />} clearable clearButtonProps={{ 'aria-label': t('ui.clear') }}
          />
        </Form>
      </Section>
      {going.found === undefined ? null : going.found === null
        ? <Section><EmptyState title={t('controls.mark-none')} how={t('controls.mark-none-how')} /></Section> : <Told of={going.found} />}
    </Page>
  );
}

function Told({ of }: { readonly of: MarkFound }) {
  const { t } = useWords();
  return (
    <Section title={t('controls.mark-found')} note={t('controls.mark-record')}>
      <Particulars
        items={[
          [t('controls.mark-person'), of.person], [t('centre.by'), of.orgName],
          [t('centre.product'), <Link key="visit" to={`/visits/${of.visit}`}>{`${of.productName} ${of.version}`}</Link>],
          [t('controls.mark-began'), <Time key="began" at={of.beganAt} />],
          [t('controls.mark-ended'), of.endedAt === null ? t('controls.mark-open') : <Time key="ended" at={of.endedAt} />],
          [t('controls.mark-words'), of.mark], [t('controls.mark-hash'), <Hash key="hash" value={of.picture} />],
        ]}
      />
    </Section>
  );
}
