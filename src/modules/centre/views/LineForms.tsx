/** What is written on a line: a note, which leaves the room once the provider has cleared it, or a finding, whose hash is in the ledger at once. */
import { Button, Group, Select, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { severities } from '#kit/review/statement';
import { useAct } from '#ui/asking';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import { AskExcerpt } from './AskExcerpt.tsx';
import css from './ReadingRoom.module.css';

interface LineProps { readonly review: string; readonly visit: string; readonly path: string; readonly line: number; readonly onDone: () => void }

export function LineForms(props: LineProps) {
  const { t } = useWords();
  const reader = useReader();
  const [what, setWhat] = useState('note');
  const box = useRef<HTMLDivElement>(null);
  // In braces: newer browsers answer with a promise, and what an effect answers is called when it ends.
  useEffect(() => {
    void box.current?.scrollIntoView({ block: 'nearest' });
  }, [props.line]);
  return (
    <div ref={box} className={css['forms']}>
      {reader.may('flaw.file') ? (
        <SegmentedControl size="xs" value={what} onChange={setWhat} aria-label={t('room.write')}
          data={[{ value: 'note', label: t('centre.note-on', { line: props.line }) }, { value: 'flaw', label: t('centre.flaw-file') }]} />
      ) : null}
      {what === 'note' ? <Note {...props} /> : <Flaw {...props} />}
      {what === 'note' ? <AskExcerpt key={props.line} review={props.review} path={props.path} line={props.line} /> : null}
    </div>
  );
}

function Note({ review, path, line, onDone }: LineProps) {
  const { t } = useWords();
  const [text, setText] = useState('');
  const add = useAct(centreApi['notes.add']);
  return (
    <form onSubmit={(e) => {
      e.preventDefault();
      if (text.trim() !== '') add.mutate({ review, path, from: line, to: line, text: text.trim() }, { onSuccess: onDone });
    }}
    >
      <Textarea label={t('centre.note-on', { line })} description={t('centre.note-how')} value={text} autosize minRows={3} data-autofocus autoFocus
        onChange={(e) => setText(e.currentTarget.value)} />
      {add.error ? <ProblemNote error={add.error} /> : null}
      <Group gap="xs" mt={8}>
        <Button type="submit" size="xs" loading={add.isPending} disabled={text.trim() === ''}>{t('centre.note-add')}</Button>
        <Button size="xs" variant="default" onClick={onDone}>{t('ui.cancel')}</Button>
      </Group>
    </form>
  );
}

function Flaw({ visit, path, line, onDone }: LineProps) {
  const { t } = useWords();
  const [said, setSaid] = useState({ title: '', text: '', severity: 'high' as typeof severities[number] });
  const file = useAct(centreApi['flaws.file']);
  const missing = said.title.trim() === '' || said.text.trim() === '';
  return (
    <form onSubmit={(e) => {
      e.preventDefault();
      if (!missing) file.mutate({ visit, ...said, title: said.title.trim(), text: said.text.trim(), path, line }, { onSuccess: onDone });
    }}
    >
      <p className={css['small']}>{t('centre.flaw-how')}</p>
      <TextInput label={t('centre.flaw-title')} value={said.title} maxLength={200} onChange={(e) => setSaid({ ...said, title: e.currentTarget.value })} />
      <Textarea label={t('centre.flaw-text')} value={said.text} autosize minRows={3} onChange={(e) => setSaid({ ...said, text: e.currentTarget.value })} />
      <Select label={t('centre.severity')} value={said.severity} allowDeselect={false} data={severities.map((s) => ({ value: s,
        label: t(`centre.severity.${s}`) }))}
        onChange={(value) => setSaid({ ...said, severity: severities.find((s) => s === value) ?? 'high' })} />
      {file.error ? <ProblemNote error={file.error} /> : null}
      <Group gap="xs" mt={8}>
        <Button type="submit" size="xs" loading={file.isPending} disabled={missing}>{t('centre.flaw-commit')}</Button>
        <Button size="xs" variant="default" onClick={onDone}>{t('ui.cancel')}</Button>
      </Group>
    </form>
  );
}
