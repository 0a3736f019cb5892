/** What was offered and not taken in, beside what is kept: a person decides. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { Code } from '#ui/Code';
import { EmptyState } from '#ui/EmptyState';
import { Choice, Filters } from '#ui/Filters';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Columns, Page, Particulars, Section } from '#ui/Page';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { exchangeApi } from '../api/exchange.ts';
import type { Quarantined } from '../model/exchange.ts';
import { threatAddress } from './Threats.tsx';

export function SetAside() {
  const { t } = useWords();
  const [search, change] = useUrlState();
  const state = search['state'] === 'decided' ? 'decided' : 'open';
  const found = usePaged(exchangeApi['threats.setAside'], { state }, (a) => a);
  const chosen = found.rows?.find((r) => r.id === search['offer']);
  return (
    <Page title={t('nav.set-aside')} description={t('aside.text')} above={<Link to="/threats">{t('nav.threats')}</Link>}>
      <Filters names={['state']}>
        <Choice name="state" label={t('threats.state')} otherwise="open" options={['open', 'decided'].map((value) => ({ value,
          label: t(`aside.state-${value}`) }))} />
      </Filters>
      <Section>
        <PagedTable
          of={found} label={t('nav.set-aside')} rowKey={(o) => o.id}
          empty={<EmptyState title={t('aside.none')} how={t('aside.none-how')} />}
          columns={[
            {
              key: 'id', head: t('threats.id'), wrap: true, sort: (o) => o.stixId,
              cell: (o) => <Button variant="transparent" size="compact-sm" px={0} onClick={() => change({ offer: o.id })}><code>{o.stixId}</code></Button>,
            },
            { key: 'reason', head: t('aside.why'), wrap: true, cell: (o) => t(`aside.${o.reason}`), sort: (o) => o.reason },
            { key: 'source', head: t('import-threats.source'), cell: (o) => o.source, sort: (o) => o.source },
            { key: 'at', head: t('threats.added'), spare: true, cell: (o) => <Time at={o.at} />, sort: (o) => o.at },
          ]}
        />
      </Section>
      {chosen ? <Chosen key={chosen.id} of={chosen} /> : null}
    </Page>
  );
}

const pretty = (body: string | null): string => (body === null ? '' : JSON.stringify(JSON.parse(body), null, 2));

function Chosen({ of }: { readonly of: Quarantined }) {
  const { t } = useWords();
  const reader = useReader();
  return (
    <>
      <Section title={t(`aside.${of.reason}`)}>
        <Particulars
          items={[
            [t('threats.id'), <Link key="id" to={threatAddress(of.stixId)}>{of.stixId}</Link>], [t('threats.version'), of.said],
            [t('import-threats.source'), of.source],
            ...of.state === 'open' ? [] : [[t('aside.decided'), <Mark key="d" is={of.state === 'taken'
              ? 'good' : 'none'}>{t(`aside.${of.state}`)}</Mark>] as const, [t('aside.note'), of.note ?? ''] as const],
          ]}
        />
        {of.state === 'open' && reader.may('threat.decide') ? <Decide of={of} /> : null}
      </Section>
      <Columns>
        <Section title={t('aside.kept')}><Code label={t('aside.kept')} text={pretty(of.kept)} /></Section>
        <Section title={t('aside.offered')}><Code label={t('aside.offered')} text={pretty(of.offered)} /></Section>
      </Columns>
    </>
  );
}

function Decide({ of }: { readonly of: Quarantined }) {
  const { t } = useWords();
  const [note, setNote] = useState('');
  const decide = useAct(exchangeApi['threats.decide']);
  const say = (decision: 'leave' | 'take') => decide.mutate({ offer: of.id, decision, note: note.trim() });
  const why = note.trim() === '' ? t('aside.note-why') : null;
  return (
    <Form
      act={t('aside.leave')} busy={decide.isPending} error={decide.error} why={why} onAct={() => say('leave')}
      aside={of.reason === 'not-its-creator'
        ? <Button variant="default" disabled={why !== null} onClick={() => say('take')}>{t('aside.take')}</Button> : null}
    >
      <TextInput label={t('aside.note')} value={note} maxLength={300} onChange={(e) => setNote(e.currentTarget.value)} />
    </Form>
  );
}
