/** Sends an alert: to whom, under which label, what they have to know. */
import { NativeSelect, NumberInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Answer, Block, Page, Section } from '#ui/Page';
import { Link, useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { alertsApi } from '../api.ts';
import { alertLabels } from '../model.ts';

export function SendAlert() {
  const { t } = useWords();
  const asked = useAsk(alertsApi['alerts.recipients'], {});
  return (
    <Page title={t('nav.alert-send')} description={t('alerts.none-how')} above={<Link to="/alerts">{t('nav.alerts')}</Link>}>
      <Answer of={asked} skeleton={<Block height={320} />}>
        {({ items }) => (items.length === 0
          ? <EmptyState title={t('alerts.no-recipient')} how={t('alerts.no-recipient-how')} />
          : <Section><Write items={items} /></Section>)}
      </Answer>
    </Page>
  );
}

function Write({ items }: OutputOf<(typeof alertsApi)['alerts.recipients']>) {
  const { t, number } = useWords();
  const go = useGo();
  const [to, setTo] = useState((items.find((i) => i.onLine > 0) ?? items[0])?.org ?? '');
  const [tlp, setTlp] = useState<(typeof alertLabels)[number]>('RED');
  const [title, setTitle] = useState('');
  const [text, setText] = useState('');
  const [objects, setObjects] = useState('');
  const [minutes, setMinutes] = useState(60);
  const send = useAct(alertsApi['alerts.send']);
  const why = items.find((i) => i.org === to)?.onLine === 0 ? t('alerts.no-one')
    : title.trim() === '' ? t('alerts.missing-title') : text.trim() === '' ? t('alerts.missing-text') : null;
  const named = objects.split(/\s+/).filter((s) => s !== '');
  return (
    <Form
      act={t('alerts.send')} busy={send.isPending} error={send.error} why={why}
      onAct={() => send.mutate({ to, tlp, title: title.trim(), text: text.trim(), objects: named, minutes },
        { onSuccess: ({ alert }) => go(`/alerts?alert=${alert.id}`) })}
    >
      <NativeSelect
        label={t('alerts.to')} value={to} onChange={(e) => setTo(e.currentTarget.value)}
        data={items.map((i) => ({ value: i.org, label: t('alerts.on-line', { name: i.name, count: number(i.onLine) }) }))}
      />
      <NativeSelect
        label={t('alerts.label')} value={tlp} onChange={(e) => setTlp(e.currentTarget.value as typeof tlp)}
        data={[...alertLabels].reverse().map((value) => ({ value, label: `TLP:${value}` }))}
      />
      <TextInput label={t('alerts.title')} value={title} maxLength={120} onChange={(e) => setTitle(e.currentTarget.value)} />
      <Textarea label={t('alerts.text')} description={t('alerts.text-how')} value={text} maxLength={10_000} autosize minRows={5}
        onChange={(e) => setText(e.currentTarget.value)}
      />
      <Textarea label={t('alerts.objects')} description={t('alerts.objects-how')} value={objects} autosize minRows={2}
        onChange={(e) => setObjects(e.currentTarget.value)}
      />
      <NumberInput label={t('alerts.minutes')} value={minutes} min={5} max={1440} onChange={(v) => setMinutes(Number(v) || 60)} />
    </Form>
  );
}
