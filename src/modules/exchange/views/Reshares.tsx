/** Requests to pass something on: what we are asked as its source, and what we asked of others. */
import { NumberInput, Textarea } from '@mantine/core';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Choice, Filters } from '#ui/Filters';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Page, Particulars, Section } from '#ui/Page';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { resharesApi } from '../api/reshares.ts';
import type { Reshare } from '../model/reshares.ts';

const marks = { open: 'warn', granted: 'good', refused: 'danger', lapsed: 'none' } as const;

export function Reshares() {
  const words = useWords();
  const { t } = words;
  const [search] = useUrlState();
  const side = search['side'] === 'asked' ? 'asked' : 'received';
  const found = usePaged(resharesApi['reshares.list'], { side }, (a) => a);
  const chosen = found.rows?.find((r) => r.id === search['request']);
  return (
    <Page title={t('nav.reshares')} description={t('reshares.text')} above={<Link to="/threats">{t('nav.threats')}</Link>}>
      <Filters names={['side']}>
        <Choice
          name="side" label={t('reshares.side')} otherwise="received"
          options={(['received', 'asked'] as const).map((value) => ({ value, label: t(`reshares.${value}`) }))}
        />
      </Filters>
      <Section>
        <PagedTable
          of={found} label={t('nav.reshares')} rowKey={(r) => r.id}
          empty={<EmptyState title={t(`reshares.none-${side}`)} how={t(`reshares.none-${side}-how`)} />}
          columns={[
            {
              key: 'object', head: t('reshares.object'), wrap: true, sort: (r) => r.name,
              cell: (r) => <Link to={`/reshares?side=${side}&request=${r.id}`}>{r.name || r.object}</Link>,
            },
            { key: 'tlp', head: t('threats.tlp'), cell: (r) => <TlpLabel label={r.tlp} />, sort: (r) => r.tlp },
            { key: 'by', head: side === 'asked' ? t('reshares.source') : t('reshares.asker'), wrap: true,
              cell: (r) => (side === 'asked' ? r.sourceName : r.askerName) },
            { key: 'with', head: t('reshares.with'), wrap: true, cell: (r) => (r.with === 'public' ? t('may-share.public') : r.withName) },
            { key: 'state', head: t('threats.state'), cell: (r) => <Mark is={marks[r.state]}>{t(`reshares.${r.state}`)}</Mark>, sort: (r) => r.state },
            { key: 'at', head: t('reshares.at'), spare: true, cell: (r) => <Time at={r.askedAt} />, sort: (r) => r.askedAt },
          ]}
        />
      </Section>
      {chosen ? <Chosen key={chosen.id} of={chosen} received={side === 'received'} /> : null}
    </Page>
  );
}

function Chosen({ of, received }: { readonly of: Reshare; readonly received: boolean }) {
  const { t } = useWords();
  const reader = useReader();
  return (
    <Section title={of.name || of.object}>
      <Particulars
        items={[
          [t('reshares.object'), <Link key="o" to={`/threats/${of.object}`}>{of.object}</Link>],
          [t('reshares.with'), of.with === 'public' ? t('may-share.public') : of.withName],
          [t('reshares.reason'), of.reason],
          ...of.until ? [[t('reshares.until'), <Time key="u" at={of.until} />] as const] : [],
          ...of.note ? [[t('reshares.note'), of.note] as const] : [],
        ]}
      />
      {received && of.state === 'open' && reader.may('threat.decide') ? <AnswerIt of={of} /> : null}
    </Section>
  );
}

function AnswerIt({ of }: { readonly of: Reshare }) {
  const { t } = useWords();
  const answer = useAct(resharesApi['reshares.answer']);
  const [days, setDays] = useState(30);
  const [note, setNote] = useState('');
  const give = (granted: boolean) => answer.mutate({ request: of.id, granted, days, note: note.trim() });
  return (
    <Form
      act={t('reshares.grant')} busy={answer.isPending} error={answer.error} onAct={() => give(true)}
      aside={<Button variant="default" loading={answer.isPending} onClick={() => give(false)}>{t('reshares.refuse')}</Button>}
    >
      <NumberInput label={t('reshares.days')} value={days} min={1} max={366} onChange={(v) => setDays(Math.min(366, Math.max(1, Number(v) || 1)))} w={160} />
      <Textarea label={t('reshares.note')} value={note} maxLength={500} autosize onChange={(e) => setNote(e.currentTarget.value)} />
    </Form>
  );
}
