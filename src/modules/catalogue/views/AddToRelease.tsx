/** Adds to a release: source code as an archive, or a file as it is shipped; how far it is, and why not, is told as it goes. */
import { Button, FileInput, NativeSelect, TextInput } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { requestOf } from '#kit/endpoint';
import { Form } from '#ui/Form';
import { Meter } from '#ui/Meter';
import { Section } from '#ui/Page';
import { useSending } from '#ui/sending';
import { useWords } from '#ui/words';
import { catalogueApi } from '../api.ts';
import { accessClasses, artefactKinds, lateKinds, tlpLabels, type Release } from '../model.ts';

interface Known { readonly files: number }
const told = (line: unknown): Partial<Known> => {
  const { files, artefact } = line as { files?: number; artefact?: { snapshot: { files: number } | null } };
  return artefact?.snapshot ? { files: artefact.snapshot.files } : files === undefined ? {} : { files };
};

/** What a file of a kind has to be, where it is read at once. */
const howOf: Partial<Record<string, string>> = { source: 'catalogue.archive-how', flows: 'catalogue.flows-how' };

export function AddToRelease({ release }: { readonly release: Release }) {
  const { t } = useWords();
  const kinds = artefactKinds.filter((k) => release.state === 'prepared' || lateKinds.includes(k));
  const [how, setHow] = useState({ kind: kinds[0] ?? 'document', name: '', access: 'agreement', tlp: 'AMBER' });
  const [file, setFile] = useState<File | null>(null);
  const { going, take, cancel } = useSending<Known>(told);
  const busy = going !== null && !going.over;
  const change = (patch: Partial<typeof how>) => setHow((was) => ({ ...was, ...patch }));
  const begin = (): void => {
    if (!file) return;
    const { kind, access, tlp } = how;
    const name = how.name.trim() || (kind === 'source' ? 'source' : file.name);
    const endpoint = kind === 'source' ? catalogueApi['artefacts.addSource'] : catalogueApi['artefacts.add'];
    const { url } = requestOf({ ...endpoint, method: 'GET' }, {
      release: release.id, name, access, tlp, file: file.name, ...kind === 'source' ? {} : { kind, media: file.type || 'application/octet-stream' },
    });
    void take({ url, file, start: { files: 0 }, keeps: true });
  };
  return (
    <Section title={t('catalogue.add-part')} note={t('catalogue.add-part-text')}>
      <Form
        act={t('catalogue.add')} busy={busy} why={file ? null : t('ingest.why')} error={going?.error ?? null} onAct={begin}
        aside={busy ? <Button variant="default" onClick={cancel}>{t('ui.cancel')}</Button> : null}
      >
        <NativeSelect label={t('catalogue.kind')} value={how.kind} data={kinds.map((value) => ({ value, label: t(`catalogue.kind-${value}`) }))}
          onChange={(e) => change({ kind: e.currentTarget.value as typeof how.kind })} />
        <FileInput
          label={t('batch.file')} description={howOf[how.kind] === undefined ? undefined : t(howOf[how.kind] ?? '')} placeholder={t('ingest.choose')}
          value={file} onChange={setFile} leftSection={<IconUpload size={16} aria-hidden />} clearable clearButtonProps={{ 'aria-label': t('ui.clear') }}
        />
        <TextInput label={t('catalogue.part')} description={t('catalogue.part-how')} value={how.name} maxLength={120}
          onChange={(e) => change({ name: e.currentTarget.value })} />
        <NativeSelect label={t('catalogue.access')} value={how.access} data={accessClasses.map((value) => ({ value, label: t(`catalogue.access-${value}`) }))}
          onChange={(e) => change({ access: e.currentTarget.value, ...e.currentTarget.value === 'public' ? { tlp: 'CLEAR' } : {} })} />
        <NativeSelect label={t('catalogue.label')} value={how.tlp} data={[...tlpLabels].reverse().map((l) => ({ value: l, label: `TLP:${l}` }))}
          onChange={(e) => change({ tlp: e.currentTarget.value })} />
      </Form>
      {going ? (
        <div style={{ display: 'grid', gap: 14, marginTop: 14 }} aria-live="polite">
          <Meter label={t('ingest.sent')} done={going.sent} total={going.size} />
          {going.files > 0 ? <Meter label={t('catalogue.files-read')} done={going.files} total={going.over ? going.files : null} /> : null}
        </div>
      ) : null}
    </Section>
  );
}
