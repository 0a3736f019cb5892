/** One organisation takes another's place: what passes, who has agreed, and the act that is due. */
import { Button, NativeSelect, TextInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark, type Meaning } from '#ui/Mark';
import { Answer, Page, Particulars, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { partiesApi } from '#modules/parties/api';
import { agreementsApi } from '../api.ts';
import css from './View.module.css';

type One = OutputOf<(typeof agreementsApi)['successions.list']>['successions'][number];
const meanings: Readonly<Record<One['state'], Meaning>> = { proposed: 'wait', accepted: 'info', effective: 'good', withdrawn: 'none' };

export function Successions() {
  const { t } = useWords();
  const reader = useReader();
  const asked = useAsk(agreementsApi['successions.list'], {}, { every: 5_000 });
  return (
    <Page title={t('successions.title')} description={t('successions.text')}>
      <Answer of={asked}>
        {({ successions }) => (
          <>
            {successions.length === 0 ? <EmptyState title={t('successions.empty')} how={t('successions.empty-how')} /> : null}
            {successions.map((s) => <Line key={s.id} of={s} />)}
            {reader.may('succession.propose') && !successions.some((s) => s.mine === 'predecessor' && s.state !== 'withdrawn') ? <Propose /> : null}
          </>
        )}
      </Answer>
    </Page>
  );
}

function Line({ of }: { readonly of: One }) {
  const { t, own } = useWords();
  const reader = useReader();
  const accept = useAct(agreementsApi['successions.accept']);
  const consent = useAct(agreementsApi['successions.consent']);
  const withdraw = useAct(agreementsApi['successions.withdraw']);
  const { plan } = of;
  const open = of.state === 'proposed' || of.state === 'accepted';
  const consented = of.consents.some((c) => c.organisation === reader.organisation);
  const error = accept.error ?? consent.error ?? withdraw.error;
  return (
    <Section
      title={t('successions.line', { from: own(plan.fromName, plan.fromNameLocal), to: own(plan.toName, plan.toNameLocal) })}
      aside={<Mark is={meanings[of.state]}>{t(`succession.${of.state}`)}</Mark>}
    >
      <Particulars
        items={[[t('successions.reason'), of.reason], [t('successions.at'), <Time key="at" at={of.tookEffectAt ?? of.effectiveAt} />]]}
      />
      <Plan of={plan} whole={of.mine !== 'other'} />
      <div className={css.links}>
        {of.mine === 'successor' && of.state === 'proposed' && reader.may('succession.accept')
          ? <Button loading={accept.isPending} onClick={() => accept.mutate({ succession: of.id })}>{t('successions.accept')}</Button> : null}
        {of.mine === 'other' && !consented && of.state !== 'withdrawn' && plan.agreements.some((a) => a.needsConsent) && reader.may('succession.consent')
          ? <Button loading={consent.isPending} onClick={() => consent.mutate({ succession: of.id })}>{t('successions.consent-act')}</Button> : null}
        {of.mine !== 'other' && open && reader.may('succession.propose')
          ? <Button variant="default" loading={withdraw.isPending}
              onClick={() => withdraw.mutate({ succession: of.id })}>{t('successions.withdraw')}</Button> : null}
      </div>
      {error ? <ProblemNote error={error} /> : null}
    </Section>
  );
}

function Plan({ of, whole }: { readonly of: One['plan']; readonly whole: boolean }) {
  const { t, own, number } = useWords();
  return (
    <>
      {whole ? (
        <Particulars
          items={[
            [t('successions.people'), number(of.people)], [t('successions.sponsored'), number(of.sponsored)], [t('successions.facts'), number(of.facts)],
            ...Object.entries(of.records).map(([noun, n]): [string, string] => [t(`records.${noun}`), number(n)]),
          ]}
        />
      ) : null}
      <RowTable
        label={t('successions.agreements')} rows={of.agreements} rowKey={(a) => a.agreement} to={(a) => `/agreements/${a.agreement}`}
        columns={[
          { key: 'title', head: t('agreement.agreement'), wrap: true, cell: (a) => <Link to={`/agreements/${a.agreement}`}>{own(a.title, a.titleVi)}</Link> },
          { key: 'with', head: t('agreement.with'), wrap: true, cell: (a) => own(a.otherName, a.otherNameLocal) },
          { key: 'rights', head: t('successions.rights'), right: true, spare: true, cell: (a) => number(a.rights.length) },
          { key: 'duties', head: t('successions.duties'), right: true, spare: true, cell: (a) => number(a.duties) },
          {
            key: 'consent', head: t('successions.consent'), wrap: true,
            cell: (a) => (!a.needsConsent ? t('successions.unneeded') : (
              <Mark is={a.consented ? 'good' : 'wait'}>{t(a.consented ? 'successions.consented' : 'successions.awaited')}</Mark>
            )),
          },
        ]}
      />
    </>
  );
}

function Propose() {
  const { t, own } = useWords();
  const reader = useReader();
  const parties = useAsk(partiesApi['organisations.list'], {});
  const propose = useAct(agreementsApi['successions.propose']);
  const [typed, setTyped] = useState({ to: '', reason: '', at: '' });
  const others = (parties.data?.organisations ?? []).filter((o) => o.id !== reader.organisation && o.kind !== 'vendor');
  const plan = useAsk(agreementsApi['successions.plan'], { to: typed.to }, { enabled: typed.to !== '' });
  const input = {
    to: typed.to, reason: typed.reason.trim(), ...(typed.at ? { effectiveAt: new Date(typed.at).toISOString() } : {}),
  };
  return (
    <Section title={t('successions.propose')} note={t('successions.propose-note')}>
      <Form
        act={t('successions.act')} onAct={() => propose.mutate(input)} busy={propose.isPending} error={propose.error}
        why={typed.to && typed.reason.trim().length >= 3 ? null : t('successions.why')}
      >
        <NativeSelect
          label={t('successions.to')} value={typed.to} onChange={(e) => setTyped({ ...typed, to: e.currentTarget.value })}
          data={[{ value: '', label: t('successions.choose') }, ...others.map((o) => ({ value: o.id, label: own(o.name, o.nameLocal) }))]}
        />
        <Textarea
          label={t('successions.reason')} value={typed.reason} rows={2} maxLength={500}
          onChange={(e) => setTyped({ ...typed, reason: e.currentTarget.value })}
        />
        <TextInput
          type="datetime-local" label={t('successions.at')} description={t('successions.at-how')} value={typed.at}
          onChange={(e) => setTyped({ ...typed, at: e.currentTarget.value })}
        />
      </Form>
      {typed.to ? (
        <Answer of={plan}>
          {(p) => (
            <div style={{ display: 'grid', gap: 12, marginTop: 20 }}>
              <h3 className={css.cardTitle}>{t('successions.passes', { name: own(p.toName, p.toNameLocal) })}</h3>
              <Plan of={p} whole />
            </div>
          )}
        </Answer>
      ) : null}
    </Section>
  );
}
