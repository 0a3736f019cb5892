/** What others have called back from us: remove, and say so. */
import { Checkbox, NativeSelect, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Choice, Filters } from '#ui/Filters';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Page, Section } from '#ui/Page';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { recallsApi } from '../api/recalls.ts';
import { recallSayings, type ReceivedRecall } from '../model/recalls.ts';
import { RecalledObjects } from './RecalledObjects.tsx';

const marks = { overdue: 'danger', outstanding: 'warn', acknowledged: 'good' } as const;

export function ReceivedRecalls() {
  const { t, number } = useWords();
  const [search] = useUrlState();
  const state = search['state'] === 'outstanding' ? 'outstanding' : 'all';
  const found = usePaged(recallsApi['recalls.received'], { state }, (a) => a);
  const chosen = found.rows?.find((r) => r.id === search['recall']);
  return (
    <Page title={t('nav.my-recalls')} description={t('recalls.received-text')} above={<Link to="/threats">{t('nav.threats')}</Link>}>
      <Filters names={['state']}>
        <Choice
          name="state" label={t('recalls.state')} otherwise="all"
          options={(['all', 'outstanding'] as const).map((value) => ({ value, label: t(`recalls.${value}`) }))}
        />
      </Filters>
      <Section>
        <PagedTable
          of={found} label={t('nav.my-recalls')} rowKey={(r) => r.id}
          empty={<EmptyState title={t('recalls.none-received')} how={t('recalls.none-received-how')} />}
          columns={[
            {
              key: 'why', head: t('recalls.why'), wrap: true, sort: (r) => r.reason,
              cell: (r) => <Link to={`/my/recalls?state=${state}&recall=${r.id}`}>{r.reason}</Link>,
            },
            { key: 'from', head: t('recalls.from'), wrap: true, cell: (r) => r.fromName, sort: (r) => r.fromName },
            { key: 'objects', head: t('recalls.objects'), right: true, cell: (r) => number(r.objects.length), sort: (r) => r.objects.length },
            { key: 'state', head: t('recalls.state'), cell: (r) => <Mark is={marks[r.state]}>{t(`recalls.${r.state}`)}</Mark>, sort: (r) => r.state },
            { key: 'begun', head: t('recalls.begun'), spare: true, cell: (r) => <Time at={r.begunAt} />, sort: (r) => r.begunAt },
            { key: 'by', head: t('recalls.by'), cell: (r) => <Time at={r.acknowledgeBy} />, sort: (r) => r.acknowledgeBy },
          ]}
        />
      </Section>
      {chosen ? <Chosen key={chosen.id} of={chosen} /> : null}
    </Page>
  );
}

function Chosen({ of }: { readonly of: ReceivedRecall }) {
  const { t, number } = useWords();
  const reader = useReader();
  return (
    <Section title={of.reason} note={of.held > 0 ? t('recalls.held', { count: number(of.held) }) : undefined}>
      <RecalledObjects objects={of.objects} />
      {of.said === null ? null : <p>{t(`recalls.said-${of.said}`)}{of.note ? `: ${of.note}` : ''}</p>}
      {of.said === null && reader.may('recall.acknowledge') ? <Acknowledge of={of} /> : null}
    </Section>
  );
}

function Acknowledge({ of }: { readonly of: ReceivedRecall }) {
  const { t } = useWords();
  const [said, setSaid] = useState<typeof recallSayings[number]>('removed');
  const [note, setNote] = useState('');
  const [remove, setRemove] = useState(of.held > 0);
  const act = useAct(recallsApi['recalls.acknowledge']);
  return (
    <Form
      act={t('recalls.acknowledge')} busy={act.isPending} error={act.error}
      onAct={() => act.mutate({ recall: of.id, said, note: note.trim(), remove: remove && of.held > 0 })}
    >
      <NativeSelect
        label={t('recalls.what')} value={said} onChange={(e) => setSaid(e.currentTarget.value as typeof said)}
        data={recallSayings.map((value) => ({ value, label: t(`recalls.said-${value}`) }))}
      />
      <Textarea label={t('recalls.note')} description={t('recalls.note-how')} value={note} maxLength={500} autosize minRows={2}
        onChange={(e) => setNote(e.currentTarget.value)}
      />
      {of.held > 0 ? <Checkbox checked={remove} onChange={(e) => setRemove(e.currentTarget.checked)} label={t('recalls.remove')} /> : null}
    </Form>
  );
}
