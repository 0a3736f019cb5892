/** Findings: of one's own reviews, and on one's own products; a commitment until it is disclosed. */
import { Button, Group, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark } from '#ui/Mark';
import { Answer, Block, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import type { Flaw } from '../model.ts';

const marks = { committed: 'none', disclosed: 'warn', answered: 'info', closed: 'good' } as const;

export function Flaws() {
  const { t } = useWords();
  const [search] = useUrlState();
  const asked = useAsk(centreApi['flaws.list'], {});
  const chosen = asked.data?.items.find((f) => f.id === search['flaw']);
  return (
    <Page title={t('nav.flaws')} description={t('centre.flaws-text')}>
      <Section>
        <Answer of={asked} skeleton={<Block height={200} />}>
          {({ items }) => (
            <RowTable
              label={t('nav.flaws')} rows={items} rowKey={(f) => f.id} empty={<EmptyState title={t('centre.no-flaw')} how={t('centre.no-flaw-how')} />}
              columns={[
                { key: 'title', head: t('centre.flaw-title'), wrap: true,
                  cell: (f) => <Link to={`/flaws?flaw=${f.id}`}>{f.content?.title ?? t('centre.undisclosed')}</Link> },
                { key: 'product', head: t('centre.product'), wrap: true, cell: (f) => f.productName, sort: (f) => f.productName },
                { key: 'severity', head: t('centre.severity'), cell: (f) => t(`centre.severity.${f.severity}`), sort: (f) => f.severity },
                {
                  key: 'state', head: t('centre.state'), sort: (f) => f.state,
                  cell: (f) => <Mark is={f.late ? 'danger' : marks[f.state]}>{t(`centre.flaw.${f.late ? 'late' : f.state}`)}</Mark>,
                },
                { key: 'at', head: t('centre.committed'), spare: true, cell: (f) => <Time at={f.committedAt} />, sort: (f) => f.committedAt },
              ]}
            />
          )}
        </Answer>
      </Section>
      {chosen ? <Chosen key={`${chosen.id}${chosen.state}`} of={chosen} /> : null}
    </Page>
  );
}

function Chosen({ of }: { readonly of: Flaw }) {
  const { t } = useWords();
  const reader = useReader();
  const disclose = useAct(centreApi['flaws.disclose']);
  const close = useAct(centreApi['flaws.close']);
  const error = disclose.error ?? close.error;
  return (
    <Section title={of.content?.title ?? t('centre.undisclosed')} note={<>{t('centre.commitment')} <Hash value={of.commitment} /></>}>
      {of.content ? <p style={{ whiteSpace: 'pre-wrap' }}>{`${of.content.path}\n${of.content.text}`}</p> : null}
      {of.answer === null ? null : <p style={{ whiteSpace: 'pre-wrap' }}>{`${t('centre.answer')}: ${of.answer}`}</p>}
      {error ? <ProblemNote error={error} /> : null}
      {of.mine && reader.may('flaw.file') && of.state !== 'closed' ? (
        <Group gap="xs">
          {of.state === 'committed'
            ? <Button loading={disclose.isPending} onClick={() => disclose.mutate({ flaw: of.id })}>{t('centre.disclose')}</Button> : null}
          <Button variant="default" loading={close.isPending} onClick={() => close.mutate({ flaw: of.id,
            reason: t('centre.closed-here') })}>{t('centre.flaw-close')}</Button>
        </Group>
      ) : null}
      {!of.mine && of.state === 'disclosed' && reader.may('flaw.answer') ? <Reply of={of} /> : null}
    </Section>
  );
}

function Reply({ of }: { readonly of: Flaw }) {
  const { t } = useWords();
  const [text, setText] = useState('');
  const answer = useAct(centreApi['flaws.answer']);
  return (
    <Form
      act={t('centre.answer-send')} busy={answer.isPending} error={answer.error} why={text.trim() === '' ? t('centre.answer-missing') : null}
      onAct={() => answer.mutate({ flaw: of.id, text: text.trim() })}
    >
      <Textarea label={t('centre.answer')} value={text} autosize minRows={3} onChange={(e) => setText(e.currentTarget.value)} />
    </Form>
  );
}
