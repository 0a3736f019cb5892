/** What became of an object where it was used: one's own word, and of one's own objects the others'. */
import { NativeSelect, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Answer, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { outcomesApi } from '../api/outcomes.ts';
import { actionsTaken, usefulness, type GivenOutcome } from '../model/outcomes.ts';

const meanings = { useful: 'good', 'not-useful': 'none', false: 'danger' } as const;

export function Outcome({ object }: { readonly object: string }) {
  const { t } = useWords();
  const asked = useAsk(outcomesApi['threats.outcomes'], { object });
  return (
    <Section title={t('outcome.title')} note={t('outcome.how')}>
      <Answer of={asked}>
        {({ mine, others }) => (
          <>
            {others.length > 0 ? <OutcomeTable rows={others} /> : null}
            <Say key={mine?.givenAt ?? 'none'} object={object} mine={mine} />
          </>
        )}
      </Answer>
    </Section>
  );
}

export function OutcomeTable({ rows, named }: { readonly rows: readonly GivenOutcome[]; readonly named?: boolean }) {
  const { t } = useWords();
  return (
    <RowTable
      label={t('outcome.title')} rows={rows} rowKey={(o) => `${o.object} ${o.reporter ?? ''} ${o.givenAt}`} tall={360}
      empty={<EmptyState title={t('outcome.none')} how={t('outcome.none-how')} />}
      columns={[
        ...named ? [{ key: 'object', head: t('reshares.object'), wrap: true, cell: (o: GivenOutcome) => <code>{o.object}</code> }] : [],
        { key: 'outcome', head: t('outcome.word'), cell: (o) => <Mark is={meanings[o.outcome]}>{t(`outcome.${o.outcome}`)}</Mark>, sort: (o) => o.outcome },
        { key: 'action', head: t('outcome.action'), cell: (o) => t(`outcome.action-${o.action}`), sort: (o) => o.action },
        { key: 'by', head: t('outcome.by'), wrap: true, cell: (o) => o.reporterName ?? <span className="e-faint">{t('outcome.unnamed')}</span> },
        { key: 'note', head: t('reshares.note'), wrap: true, spare: true, cell: (o) => o.note },
        { key: 'at', head: t('outcome.at'), spare: true, cell: (o) => <Time at={o.givenAt} />, sort: (o) => o.givenAt },
      ]}
    />
  );
}

function Say({ object, mine }: { readonly object: string; readonly mine: GivenOutcome | null }) {
  const { t } = useWords();
  const say = useAct(outcomesApi['threats.setOutcome']);
  const [typed, setTyped] = useState({ outcome: mine?.outcome ?? 'useful' as const, action: mine?.action ?? 'none' as const, note: mine?.note ?? '' });
  return (
    <Form
      act={t(mine ? 'outcome.again' : 'outcome.say')} busy={say.isPending} error={say.error}
      onAct={() => say.mutate({ object, outcome: typed.outcome, action: typed.action, note: typed.note.trim() })}
    >
      <NativeSelect
        label={t('outcome.word')} value={typed.outcome} data={usefulness.map((value) => ({ value, label: t(`outcome.${value}`) }))}
        onChange={(e) => setTyped({ ...typed, outcome: usefulness.find((u) => u === e.currentTarget.value) ?? 'useful' })}
      />
      <NativeSelect
        label={t('outcome.action')} value={typed.action} data={actionsTaken.map((value) => ({ value, label: t(`outcome.action-${value}`) }))}
        onChange={(e) => setTyped({ ...typed, action: actionsTaken.find((a) => a === e.currentTarget.value) ?? 'none' })}
      />
      <Textarea
        label={t('reshares.note')} description={t('outcome.note-how')} value={typed.note} maxLength={500} autosize
        onChange={(e) => setTyped({ ...typed, note: e.currentTarget.value })} />
      {mine ? <p className="e-small e-faint" aria-live="polite">{t('outcome.said')} <Time at={mine.givenAt} /></p> : null}
    </Form>
  );
}
