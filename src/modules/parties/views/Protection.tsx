/** What one's own organisation keeps of its people: how long, what is held beyond that, and what is left of what went. */
import { Button, Modal, NativeSelect, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';
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
import { PersonRecord } from './PersonRecord.tsx';
import css from './Protection.module.css';

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
          { key: 'name', head: t('protection.class'), wrap: true, cell: (c) => t(`protection.class-${c.name}`) },
          { key: 'days', head: t('protection.days'), right: true, cell: (c) => number(c.days), sort: (c) => c.days },
          { key: 'held', head: t('protection.held'), right: true, cell: (c) => number(c.held), sort: (c) => c.held },
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
  return (
    <Section
      title={t('protection.holds')} note={t('protection.holds-note')}
      aside={reader.may('hold.place') ? <Place people={people} /> : null}
    >
      <RowTable
        label={t('protection.holds')} rows={holds} rowKey={(h) => h.id}
        empty={<EmptyState title={t('protection.no-holds')} how={t('protection.no-holds-how')} />}
        columns={[
          {
            key: 'subject', head: t('protection.subject'), wrap: true,
            cell: (h) => <>{subject(h.subject)}<div className="e-narrow"><Standing lifted={h.liftedAt !== null} /></div></>,
          },
          { key: 'reason', head: t('protection.reason'), wrap: true, cell: (h) => h.reason },
          { key: 'since', head: t('protection.since'), spare: true, cell: (h) => <Time at={h.placedAt} to="day" /> },
          {
            key: 'state', head: t('protection.state'), spare: true, cell: (h) => <Standing lifted={h.liftedAt !== null} />,
          },
          ...(reader.may('hold.lift') ? [{
            key: 'act', head: t('protection.act'),
            cell: (h: Shown['holds'][number]) => (h.liftedAt === null ? <Lift hold={h.id} on={subject(h.subject)} /> : null),
          }] : []),
        ]}
      />
    </Section>
  );
}

function Standing({ lifted }: { readonly lifted: boolean }) {
  const { t } = useWords();
  return lifted ? <Mark is="none">{t('protection.lifted')}</Mark> : <Mark is="warn">{t('protection.in-force')}</Mark>;
}

interface ReasonedProps {
  readonly open: string;
  readonly title: string;
  readonly text: string;
  readonly act: string;
  readonly busy: boolean;
  readonly error: Error | null;
  /** Why it cannot be done, besides a missing reason. */
  readonly why?: string | null;
  readonly danger?: boolean;
  readonly subtle?: boolean;
  readonly disabled?: boolean;
  readonly onAct: (reason: string, done: () => void) => void;
  /** Fields above the reason. */
  readonly children?: ReactNode;
}

/** An act that asks for a reason, in a window of its own with what it does. */
function Reasoned({ open, title, text, act, busy, error, why, danger, subtle, disabled, onAct, children }: ReasonedProps) {
  const { t } = useWords();
  const [opened, { open: show, close }] = useDisclosure(false);
  const [reason, setReason] = useState('');
  const done = () => {
    setReason('');
    close();
  };
  return (
    <>
      <Button
        variant={subtle ? 'subtle' : 'default'} size={subtle ? 'compact-xs' : danger ? 'sm' : 'xs'}
        {...(danger ? { color: 'red', variant: 'light' } : {})}
        disabled={disabled ?? false} onClick={show}
      >
        {open}
      </Button>
      <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form
          act={act} busy={busy} error={error} why={why ?? (reason.trim().length < 3 ? t('protection.why-reason') : null)}
          onAct={() => onAct(reason.trim(), done)} aside={<Button variant="default" onClick={close}>{t('ui.cancel')}</Button>}
        >
          <p style={{ margin: 0 }}>{text}</p>
          {children}
          <Textarea
            label={t('protection.reason')} value={reason} autosize minRows={2} maxLength={500} data-autofocus
            onChange={(e) => setReason(e.currentTarget.value)}
          />
        </Form>
      </Modal>
    </>
  );
}

function Place({ people }: { readonly people: People }) {
  const { t } = useWords();
  const reader = useReader();
  const [on, setOn] = useState('');
  const place = useAct(partiesApi['holds.place']);
  return (
    <Reasoned
      open={t('protection.place')} title={t('protection.place')} text={t('protection.place-text')} act={t('protection.place')}
      busy={place.isPending} error={place.error} why={on === '' ? t('protection.why-subject') : null}
      onAct={(reason, done) => place.mutate({ subject: on, reason }, { onSuccess: done })}
    >
      <NativeSelect
        label={t('protection.subject')} value={on} onChange={(e) => setOn(e.currentTarget.value)}
        data={[
          { value: '', label: t('protection.choose') }, { value: reader.organisation ?? '', label: t('protection.whole') },
          ...people.map((p) => ({ value: p.id, label: p.name })),
        ]}
      />
    </Reasoned>
  );
}

function Lift({ hold, on }: { readonly hold: string; readonly on: string }) {
  const { t } = useWords();
  const lift = useAct(partiesApi['holds.lift']);
  return (
    <Reasoned
      subtle open={t('protection.lift')} title={t('protection.lift-title', { on })} text={t('protection.lift-text')} act={t('protection.lift')}
      busy={lift.isPending} error={lift.error} onAct={(reason, done) => lift.mutate({ hold, reason }, { onSuccess: done })}
    />
  );
}

function Subject({ people }: { readonly people: People }) {
  const { t } = useWords();
  const reader = useReader();
  const [who, setWho] = useState('');
  // Asked on the button alone: each look is on the record.
  const record = useAsk(partiesApi['people.export'], { person: who || 'per_none' }, { enabled: false });
  const erase = useAct(partiesApi['people.erase']);
  const person = people.find((p) => p.id === who);
  return (
    <Section title={t('protection.person')} note={t('protection.person-note')}>
      <div className={css.person}>
        <NativeSelect
          label={t('protection.subject')} value={who} className={css.who}
          onChange={(e) => setWho(e.currentTarget.value)}
          data={[{ value: '', label: t('protection.choose') }, ...people.map((p) => ({ value: p.id, label: p.name }))]}
        />
        {reader.may('person.export') ? (
          <Button variant="default" size="sm" disabled={who === ''} loading={record.isFetching} onClick={() => void record.refetch()}>
            {t('protection.export')}
          </Button>
        ) : null}
        {reader.may('person.erase') ? (
          <Reasoned
            key={who} danger open={t('protection.erase')} title={t('protection.erase-title', { name: person?.name ?? '' })}
            text={t('protection.erase-text')} act={t('protection.erase')}
            busy={erase.isPending} error={erase.error} disabled={who === '' || person?.status === 'active'}
            onAct={(reason, done) => erase.mutate({ person: who, reason }, {
              onSuccess: () => {
                setWho('');
                done();
              },
            })}
          />
        ) : null}
      </div>
      {reader.may('person.erase') && person?.status === 'active' ? <p className={css.why}>{t('refusal.person.still-active')}</p> : null}
      {record.error ? <ProblemNote error={record.error} /> : null}
      {record.data ? <PersonRecord of={record.data} /> : null}
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
          { key: 'class', head: t('protection.class'), wrap: true, cell: (s) => t(`protection.class-${s.class}`) },
          { key: 'why', head: t('protection.why'), wrap: true, cell: (s) => t(`protection.why-${s.why}`) },
          { key: 'at', head: t('protection.at'), cell: (s) => <Time at={s.removedAt} /> },
          { key: 'digest', head: t('protection.digest'), spare: true, cell: (s) => <Hash value={s.sha256} /> },
        ]}
      />
    </Section>
  );
}
