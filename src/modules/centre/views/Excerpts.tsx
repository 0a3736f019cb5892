/** What leaves a room: excerpts with the word of both sides, and the register of copies with their ends. */
import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Answer, Block, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import { controlsApi } from '../api/controls.ts';
import type { Copy, Excerpt } from '../model/controls.ts';
import css from './Excerpts.module.css';

interface Props { readonly visit: string; readonly mine: boolean; readonly open: boolean }

export function Excerpts({ visit, mine, open }: Props) {
  const { t } = useWords();
  const asked = useAsk(controlsApi['excerpts.list'], { visit });
  return (
    <>
      <Section title={t('controls.excerpts')} note={t('controls.excerpts-text')}>
        <Answer of={asked} skeleton={<Block height={60} />}>
          {({ items }) => (items.length === 0 ? <EmptyState title={t('controls.no-excerpt')} how={t('controls.no-excerpt-how')} />
            : items.map((e) => <One key={e.id} of={e} open={open} />))}
        </Answer>
      </Section>
      <Copies visit={visit} mine={mine} open={open} />
    </>
  );
}

const marks = { asked: 'warn', refused: 'danger', agreed: 'good' } as const;

function One({ of, open }: { readonly of: Excerpt; readonly open: boolean }) {
  const { t, day } = useWords();
  const reader = useReader();
  const copy = useAct(controlsApi['excerpts.open']);
  const waits = of.state === 'asked' && open;
  return (
    <article className={css['one']}>
      <p>
        <Mark is={marks[of.state]}>{t(`controls.excerpt.${of.state}`)}</Mark> <span className="e-mono">{`${of.path}:${of.from}–${of.to}`}</span>
      </p>
      <p>{of.purpose}</p>
      <p className="e-small e-quiet">
        {of.byName === '' ? null : `${of.byName} · `}{t('controls.copy-ends')}: {day(of.endsAt.slice(0, 10))}
        {waits ? ` · ${t(of.clearedBy ? 'controls.waits-principal' : 'controls.waits-provider')}` : null}
      </p>
      {of.reason === '' ? null : <p className="e-small">{of.reason}</p>}
      {of.text === null ? null : <pre className={css['text']}>{of.text}</pre>}
      {waits && !of.mine && !of.clearedBy && reader.may('excerpt.clear') ? <Clear of={of} /> : null}
      {waits && of.mine && !of.agreedBy && reader.may('excerpt.agree') ? <Agree of={of} /> : null}
      {of.mine && of.state === 'agreed' && open && reader.may('source.view') ? (
        <Button size="xs" variant="default" loading={copy.isPending} onClick={() => copy.mutate({ excerpt: of.id })}>{t('controls.excerpt-open')}</Button>
      ) : null}
      {copy.error ? <ProblemNote error={copy.error} /> : null}
      {copy.data ? <pre className={css['text']}>{copy.data.text}</pre> : null}
    </article>
  );
}

function Clear({ of }: { readonly of: Excerpt }) {
  const { t } = useWords();
  const [typed, setTyped] = useState({ from: '', to: '', reason: '' });
  const change = (some: Partial<typeof typed>): void => setTyped((was) => ({ ...was, ...some }));
  const clear = useAct(controlsApi['excerpts.clear']);
  const reason = typed.reason.trim();
  const withheld = typed.from === '' ? [] : [{ from: Number(typed.from) || 1, to: Number(typed.to) || Number(typed.from) || 1, reason: reason
    || t('centre.withheld-default') }];
  return (
    <>
      <Group gap="xs" align="end">
        <TextInput size="xs" w={110} label={t('centre.withhold-from')} value={typed.from} onChange={(e) => change({ from: e.currentTarget.value })} />
        <TextInput size="xs" w={110} label={t('centre.withhold-to')} value={typed.to} onChange={(e) => change({ to: e.currentTarget.value })} />
        <TextInput size="xs" label={t('centre.reason')} value={typed.reason} onChange={(e) => change({ reason: e.currentTarget.value })} />
        <Button size="xs" loading={clear.isPending} onClick={() => clear.mutate({ excerpt: of.id, agree: true, withheld })}>{t('controls.let-out')}</Button>
        <Button size="xs" variant="default" disabled={reason === ''} onClick={() => clear.mutate({ excerpt: of.id, agree: false, reason })}>
          {t('centre.refuse')}
        </Button>
      </Group>
      {clear.error ? <ProblemNote error={clear.error} /> : null}
    </>
  );
}

function Agree({ of }: { readonly of: Excerpt }) {
  const { t } = useWords();
  const [reason, setReason] = useState('');
  const agree = useAct(controlsApi['excerpts.agree']);
  return (
    <>
      <Group gap="xs" align="end">
        <TextInput size="xs" label={t('centre.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
        <Button size="xs" loading={agree.isPending} onClick={() => agree.mutate({ excerpt: of.id, agree: true })}>{t('centre.agree')}</Button>
        <Button size="xs" variant="default" disabled={reason.trim() === ''}
          onClick={() => agree.mutate({ excerpt: of.id, agree: false, reason: reason.trim() })}
        >
          {t('centre.refuse')}
        </Button>
      </Group>
      {agree.error ? <ProblemNote error={agree.error} /> : null}
    </>
  );
}

function Copies({ visit, mine, open }: Props) {
  const { t, day } = useWords();
  const reader = useReader();
  const asked = useAsk(controlsApi['copies.list'], { visit });
  const acts = mine && open && reader.may('copy.register');
  return (
    <Section title={t('controls.copies')} note={t('controls.copies-text')}>
      <Answer of={asked} skeleton={<Block height={60} />}>
        {({ items }) => (
          <RowTable
            label={t('controls.copies')} rows={items} rowKey={(c) => c.id}
            empty={<EmptyState title={t('controls.no-copy')} how={t('controls.no-copy-how')} />}
            columns={[
              { key: 'what', head: t('controls.copy-what'), wrap: true, sort: (c) => c.what,
                cell: (c) => <>{c.what}<br /><span className="e-small e-quiet">{c.mark === '' ? c.holder : c.mark}</span></> },
              { key: 'ends', head: t('controls.copy-ends'), spare: true, sort: (c) => c.endsAt, cell: (c) => day(c.endsAt.slice(0, 10)) },
              { key: 'state', head: t('centre.state'), wrap: true, cell: (c) => <State of={c} acts={acts} /> },
            ]}
          />
        )}
      </Answer>
      {acts ? <Register visit={visit} /> : null}
    </Section>
  );
}

function State({ of, acts }: { readonly of: Copy; readonly acts: boolean }) {
  const { t } = useWords();
  const [how, setHow] = useState<string | null>(null);
  const destroy = useAct(controlsApi['copies.destroy']);
  if (of.destroyedAt !== null) return <><Mark is="good">{t('controls.copy-destroyed')}</Mark> <Time at={of.destroyedAt} /><br />{of.how}</>;
  return (
    <>
      <Mark is={of.overdue ? 'danger' : 'warn'}>{t(of.overdue ? 'controls.copy-overdue' : 'controls.copy-alive')}</Mark>
      {!acts ? null : how === null
        ? <Button size="compact-xs" variant="default" ml={6} onClick={() => setHow('')}>{t('controls.copy-destroy')}</Button>
        : (
          <Group gap={4} mt={4}>
            <TextInput size="xs" aria-label={t('controls.copy-how')} placeholder={t('controls.copy-how')} value={how}
              onChange={(e) => setHow(e.currentTarget.value)} />
            <Button size="xs" loading={destroy.isPending} disabled={how.trim() === ''} onClick={() => destroy.mutate({ reviewCopy: of.id, how: how.trim() })}>
              {t('controls.copy-certify')}
            </Button>
          </Group>
        )}
      {destroy.error ? <ProblemNote error={destroy.error} /> : null}
    </>
  );
}

function Register({ visit }: { readonly visit: string }) {
  const { t } = useWords();
  const [typed, setTyped] = useState({ what: '', endsAt: '' });
  const register = useAct(controlsApi['copies.register']);
  const missing = typed.what.trim() === '' || typed.endsAt === '';
  return (
    <Form
      act={t('controls.copy-register')} busy={register.isPending} error={register.error} why={missing ? t('controls.copy-missing') : null}
      onAct={() => register.mutate({ visit, what: typed.what.trim(), endsAt: typed.endsAt }, { onSuccess: () => setTyped({ what: '', endsAt: '' }) })}
    >
      <TextInput label={t('controls.copy-what')} description={t('controls.copy-what-how')} value={typed.what} maxLength={200}
        onChange={(e) => setTyped({ ...typed, what: e.currentTarget.value })} />
      <TextInput type="date" label={t('controls.copy-ends')} value={typed.endsAt} onChange={(e) => setTyped({ ...typed, endsAt: e.currentTarget.value })} />
    </Form>
  );
}
