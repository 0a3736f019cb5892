/** What one's own organisation keeps of its people: how long, what is held beyond that, and what is left of what went. */
import { Button, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { partiesApi } from '../api.ts';

type Shown = OutputOf<(typeof partiesApi)['protection.view']>;
type People = OutputOf<(typeof partiesApi)['people.list']>['people'];

export function Protection() {
  const { t } = useWords();
  const reader = useReader();
  const asked = useAsk(partiesApi['protection.view'], {});
  const people = useAsk(partiesApi['people.list'], {}, { enabled: reader.may('person.list') });
  const known = people.data?.people ?? [];
  return (
    <Page title={t('nav.protection')} description={t('protection.text')}>
      <Answer of={asked} skeleton={<TableSkeleton />}>
        {(shown) => (
          <>
            <Classes classes={shown.classes} />
            <Holds holds={shown.holds} people={known} />
            {reader.may('person.export') || reader.may('person.erase') ? <Subject people={known} /> : null}
            <Removed stones={shown.removed} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Classes({ classes }: { readonly classes: Shown['classes'] }) {
  const { t, number } = useWords();
  return (
    <Section title={t('protection.classes')} note={t('protection.classes-note')}>
      <RowTable
        label={t('protection.classes')} rows={classes} rowKey={(c) => c.name} empty={null}
        columns={[
          { key: 'name', head: t('protection.class'), cell: (c) => t(`protection.class-${c.name}`) },
          { key: 'days', head: t('protection.days'), cell: (c) => number(c.days), sort: (c) => c.days },
          { key: 'held', head: t('protection.held'), cell: (c) => number(c.held), sort: (c) => c.held },
        ]}
      />
    </Section>
  );
}

/** A subject as people know it: the person's name, or that it is the whole organisation. */
function useSubject(people: People): (id: string) => string {
  const { t } = useWords();
  return (id) => (id.startsWith('org_') ? t('protection.whole') : people.find((p) => p.id === id)?.name ?? id);
}

function Holds({ holds, people }: { readonly holds: Shown['holds']; readonly people: People }) {
  const { t } = useWords();
  const reader = useReader();
  const subject = useSubject(people);
  const [on, setOn] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const place = useAct(partiesApi['holds.place']);
  const lift = useAct(partiesApi['holds.lift']);
  const choices = [{ value: reader.organisation ?? '', label: t('protection.whole') }, ...people.map((p) => ({ value: p.id, label: p.name }))];
  return (
    <Section title={t('protection.holds')} note={t('protection.holds-note')}>
      <RowTable
        label={t('protection.holds')} rows={holds} rowKey={(h) => h.id}
        empty={<EmptyState title={t('protection.no-holds')} how={t('protection.no-holds-how')} />}
        columns={[
          { key: 'subject', head: t('protection.subject'), cell: (h) => subject(h.subject) },
          { key: 'reason', head: t('protection.reason'), wrap: true, cell: (h) => h.reason },
          { key: 'since', head: t('protection.since'), cell: (h) => <Time at={h.placedAt} /> },
          {
            key: 'state', head: t('protection.state'),
            cell: (h) => (h.liftedAt ? <Mark is="info">{t('protection.lifted')}</Mark> : <Mark is="warn">{t('protection.in-force')}</Mark>),
          },
          {
            key: 'act', head: t('protection.act'), cell: (h) => (h.liftedAt === null && reader.may('hold.lift') ? (
              <Button variant="subtle" size="compact-xs" onClick={() => lift.mutate({ hold: h.id, reason: h.reason })}>{t('protection.lift')}</Button>
            ) : null),
          },
        ]}
      />
      {lift.error ? <ProblemNote error={lift.error} /> : null}
      {reader.may('hold.place') ? (
        <Form
          act={t('protection.place')} busy={place.isPending} error={place.error}
          onAct={() => place.mutate({ subject: on ?? '', reason: reason.trim() }, { onSuccess: () => setReason('') })}
        >
          <Select label={t('protection.subject')} data={choices} value={on} onChange={setOn} required searchable />
          <TextInput label={t('protection.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} required minLength={3} />
        </Form>
      ) : null}
    </Section>
  );
}

function Subject({ people }: { readonly people: People }) {
  const { t } = useWords();
  const reader = useReader();
  const [who, setWho] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const record = useAsk(partiesApi['people.export'], { person: who ?? 'per_none' }, { enabled: false });
  const erase = useAct(partiesApi['people.erase']);
  return (
    <Section title={t('protection.person')} note={t('protection.person-note')}>
      <Select
        label={t('protection.subject')} data={people.map((p) => ({ value: p.id, label: p.name }))} value={who} onChange={setWho} searchable
        style={{ maxWidth: 460 }}
      />
      {reader.may('person.export') ? (
        <Button variant="default" size="xs" mt="sm" disabled={who === null} loading={record.isFetching} onClick={() => void record.refetch()}>
          {t('protection.export')}
        </Button>
      ) : null}
      {record.error ? <ProblemNote error={record.error} /> : null}
      {record.data ? (
        <pre style={{ maxHeight: 360, overflow: 'auto', whiteSpace: 'pre-wrap' }} tabIndex={0} aria-label={t('protection.export')}>
          {JSON.stringify(record.data, null, 2)}
        </pre>
      ) : null}
      {reader.may('person.erase') ? (
        <Form act={t('protection.erase')} busy={erase.isPending} error={erase.error} onAct={() => erase.mutate({ person: who ?? '', reason: reason.trim() })}>
          <TextInput label={t('protection.erase-reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} required minLength={3} />
        </Form>
      ) : null}
    </Section>
  );
}

function Removed({ stones }: { readonly stones: Shown['removed'] }) {
  const { t } = useWords();
  return (
    <Section title={t('protection.removed')} note={t('protection.removed-note')}>
      <RowTable
        label={t('protection.removed')} rows={stones} rowKey={(s) => s.id}
        empty={<EmptyState title={t('protection.nothing-removed')} how={t('protection.nothing-removed-how')} />}
        columns={[
          { key: 'class', head: t('protection.class'), cell: (s) => t(`protection.class-${s.class}`) },
          { key: 'why', head: t('protection.why'), cell: (s) => t(`protection.why-${s.why}`) },
          { key: 'at', head: t('protection.at'), cell: (s) => <Time at={s.removedAt} /> },
          { key: 'digest', head: t('protection.digest'), spare: true, cell: (s) => <Hash value={s.sha256} /> },
        ]}
      />
    </Section>
  );
}
