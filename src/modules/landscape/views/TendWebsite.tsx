/** What people add to an entry of the register: when the site was clean again, and what it showed. */
import { Button, FileInput, Modal, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { Form } from '#ui/Form';
import { useWords } from '#ui/words';
import { toBase64 } from '#kit/encoding';
import type { InputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { evidenceBytesMax, evidenceTypes } from '../model.ts';

export function Tend({ entry }: { readonly entry: { readonly site: string; readonly day: string } }) {
  const { t } = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  const [typed, setTyped] = useState({ at: '', how: '', url: '', file: null as File | null });
  const repair = useAct(landscapeApi.repairWebsite);
  const capture = useAct(landscapeApi.captureWebsite);
  const { site, day } = entry;
  const keep = async () => {
    if (!typed.file) return;
    const mediaType = evidenceTypes.find((type) => type === typed.file?.type) ?? 'text/plain';
    const sent: InputOf<typeof landscapeApi.captureWebsite> = {
      site, day, url: typed.url, capturedAt: new Date().toISOString(), mediaType, base64: toBase64(new Uint8Array(await typed.file.arrayBuffer())),
    };
    capture.mutate(sent, { onSuccess: close });
  };
  return (
    <>
      <Button variant="subtle" size="compact-xs" onClick={open} aria-label={t('websites.tend', { site })}>{t('websites.update')}</Button>
      <Modal opened={opened} onClose={close} title={t('websites.tend', { site })} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form
          act={t('websites.note-repair')} busy={repair.isPending} error={repair.error}
          why={typed.at && typed.how.trim().length >= 3 ? null : t('websites.repair-why')}
          onAct={() => repair.mutate({ site, day, at: new Date(typed.at).toISOString(), how: typed.how }, { onSuccess: close })}
        >
          <TextInput
            type="datetime-local" label={t('websites.repaired-at')} value={typed.at}
            onChange={(e) => setTyped({ ...typed, at: e.currentTarget.value })}
          />
          <Textarea label={t('websites.how')} value={typed.how} onChange={(e) => setTyped({ ...typed, how: e.currentTarget.value })} autosize />
        </Form>
        <div style={{ height: 20 }} />
        <Form
          act={t('websites.capture')} busy={capture.isPending} error={capture.error} onAct={() => void keep()}
          why={typed.file && typed.file.size <= evidenceBytesMax && URL.canParse(typed.url) ? null : t('websites.capture-why')}
        >
          <TextInput
            type="url" label={t('websites.url')} value={typed.url} onChange={(e) => setTyped({ ...typed, url: e.currentTarget.value })}
          />
          <FileInput
            label={t('websites.file')} value={typed.file} accept={evidenceTypes.join(',')} onChange={(file) => setTyped({ ...typed, file })} clearable
          />
        </Form>
      </Modal>
    </>
  );
}
