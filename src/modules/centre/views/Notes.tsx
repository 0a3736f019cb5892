/** Notes of a visit: what waits for the provider's clearance, and what was let out, with stubs where something is withheld. */
import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { Answer, Block, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import type { ReviewNote } from '../model.ts';
import { AppealOf } from './Appeals.tsx';

export function Notes({ visit, mine }: { readonly visit: string; readonly mine: boolean }) {
  const { t } = useWords();
  const reader = useReader();
  const may = reader.may('review-note.list');
  const asked = useAsk(centreApi['notes.list'], { visit }, { enabled: may });
  if (!may) return null;
  return (
    <Section title={t('centre.notes')} note={t('centre.notes-text')}>
      <Answer of={asked} skeleton={<Block height={80} />}>
        {({ items }) => (items.length === 0
          ? <EmptyState title={t('centre.no-note')} how={t('centre.no-note-how')} />
          : items.map((n) => <Note key={n.id} of={n} mine={mine} clears={!mine && reader.may('review-note.clear') && n.state === 'waiting'} />))}
      </Answer>
    </Section>
  );
}

function Note({ of, mine, clears }: { readonly of: ReviewNote; readonly mine: boolean; readonly clears: boolean }) {
  const { t } = useWords();
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [reason, setReason] = useState('');
  const clear = useAct(centreApi['notes.clear']);
  const withheld = from === '' ? [] : [{ from: Number(from) || 1, to: Number(to) || Number(from) || 1, reason: reason.trim()
    || t('centre.withheld-default') }];
  return (
    <article>
      <p><Mark is={of.state === 'waiting' ? 'warn' : 'good'}>{t(`centre.note.${of.state}`)}</Mark> {`${of.path}:${of.from}`} {of.byName}</p>
      <pre style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{of.text}</pre>
      {clears ? (
        <Group gap="xs" align="end">
          <TextInput size="xs" label={t('centre.withhold-from')} value={from} onChange={(e) => setFrom(e.currentTarget.value)} />
          <TextInput size="xs" label={t('centre.withhold-to')} value={to} onChange={(e) => setTo(e.currentTarget.value)} />
          <TextInput size="xs" label={t('centre.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
          <Button size="xs" loading={clear.isPending} onClick={() => clear.mutate({ note: of.id, withheld })}>{t('centre.note-clear')}</Button>
        </Group>
      ) : null}
      {clear.error ? <ProblemNote error={clear.error} /> : null}
      {of.withheld.length > 0 ? <AppealOf note={of.id} mine={mine} /> : null}
    </article>
  );
}
