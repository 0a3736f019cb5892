/** Criteria that providers publish; applying by them, deciding with two people, and the appeal. */
import { Checkbox, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark, type Meaning } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { agreementsApi } from '../api.ts';
import { Reasoned } from './End.tsx';
import css from './View.module.css';

type Set = OutputOf<(typeof agreementsApi)['eligibility.published']>['sets'][number];
type One = OutputOf<(typeof agreementsApi)['applications.list']>['applications'][number];
const meanings: Readonly<Record<One['state'], Meaning>> = { submitted: 'wait', decided: 'info', appealed: 'wait', 'appeal-decided': 'info' };

export function Eligibility() {
  const { t } = useWords();
  const reader = useReader();
  const sets = useAsk(agreementsApi['eligibility.published'], {});
  const applications = useAsk(agreementsApi['applications.list'], {}, { enabled: reader.may('application.list') });
  const list = applications.data?.applications ?? [];
  return (
    <Page title={t('eligibility.title')} description={t('eligibility.text')}>
      {list.map((a) => <Application key={a.id} of={a} />)}
      <Answer of={sets}>
        {({ sets: all }) => (all.length === 0 ? <EmptyState title={t('eligibility.empty')} how={t('eligibility.empty-how')} /> : all.map((set) => (
          <Criteria
            key={set.provider} of={set}
            apply={reader.may('application.submit') && set.provider !== reader.organisation
              && !list.some((a) => a.provider === set.provider && a.state !== 'appeal-decided' && a.mine === 'applicant')}
          />
        )))}
      </Answer>
    </Page>
  );
}

function Criteria({ of, apply }: { readonly of: Set; readonly apply: boolean }) {
  const { t, own } = useWords();
  const submit = useAct(agreementsApi['applications.submit']);
  const [said, setSaid] = useState<Readonly<Record<string, string>>>({});
  const act = () => submit.mutate({
    provider: of.provider, answers: of.criteria.map((c) => ({ criterion: c.id, statement: said[c.id] ?? '', evidence: [] })),
  });
  const list = (
    <ul className={css.changes}>
      {of.criteria.map((c) => (
        <li key={c.id}>
          <strong>{own(c.title, c.titleVi)}</strong>
          <p>{own(c.text, c.textVi)}</p>
          <p>{t('eligibility.evidence', { what: own(c.evidence, c.evidenceVi) })}</p>
          {apply ? (
            <Textarea
              label={t('eligibility.statement')} aria-label={`${own(c.title, c.titleVi)}: ${t('eligibility.statement')}`} value={said[c.id] ?? ''}
              onChange={(e) => setSaid({ ...said, [c.id]: e.currentTarget.value })} autosize minRows={2} maxLength={2000} mt={6}
            />
          ) : null}
        </li>
      ))}
    </ul>
  );
  return (
    <Section title={`${of.providerName}: ${own(of.title, of.titleVi)}`} note={t('eligibility.version', { version: of.version })}>
      {apply ? (
        <Form
          act={t('eligibility.apply')} onAct={act} busy={submit.isPending} error={submit.error}
          why={of.criteria.every((c) => said[c.id]?.trim()) ? null : t('eligibility.why')}
        >
          {list}
        </Form>
      ) : list}
    </Section>
  );
}

function Application({ of }: { readonly of: One }) {
  const { t, own } = useWords();
  const reader = useReader();
  const appeal = useAct(agreementsApi['applications.appeal']);
  const decided = of.second?.outcome ?? of.first?.outcome;
  const other = of.mine === 'provider' ? own(of.applicantName, of.applicantNameLocal) : of.providerName;
  const waits = of.mine === 'provider' && (of.state === 'submitted' || of.state === 'appealed') && reader.may('application.assess');
  return (
    <Section
      title={t(of.mine === 'provider' ? 'eligibility.from' : 'eligibility.to', { name: other })}
      note={<>{own(of.criteria.title, of.criteria.titleVi)} · {t('eligibility.submitted')} <Time at={of.submittedAt} /></>}
      aside={
        <>
          {decided ? <Mark is={decided.outcome === 'eligible' ? 'good' : 'danger'}>{t(`eligibility.${decided.outcome}`)}</Mark> : null}
          <Mark is={of.overdue ? 'danger' : meanings[of.state]}>{t(of.overdue ? 'eligibility.overdue' : `application.${of.state}`)}</Mark>
        </>
      }
    >
      <div style={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 14 }}>
        {decided && decided.failing.length > 0 ? <ul className={css.changes}>
          {(decided?.failing ?? []).map((f) => (
            <li key={f.criterion}>
              <strong>{own(f.title, f.titleVi)}</strong>
              <p>{f.reason}</p>
              <p>{t('eligibility.evidence', { what: own(f.evidence, f.evidenceVi) })}</p>
            </li>
          ))}
        </ul> : null}
        {of.appeal ? <p style={{ margin: 0 }}>{t('eligibility.appealed', { reason: of.appeal.reason })} <Time at={of.appeal.dueAt} to="minute" /></p> : null}
        {waits ? <Assess of={of} /> : null}
        {of.mine === 'applicant' && of.state === 'decided' && decided?.outcome === 'not-eligible' && reader.may('application.appeal') ? (
          <Reasoned
            size="xs" open={t('eligibility.appeal')} title={t('eligibility.appeal')} text={t('eligibility.appeal-text')} act={t('eligibility.appeal')}
            busy={appeal.isPending} error={appeal.error} onAct={(reason, done) => appeal.mutate({ application: of.id, reason }, { onSuccess: done })}
          />
        ) : null}
        {!decided && !waits ? <p className="e-quiet" style={{ margin: 0 }}>{t('eligibility.waits')}</p> : null}
      </div>
    </Section>
  );
}

/** Begins with what a first person found, so that the second confirms exactly that, or says otherwise. */
function Assess({ of }: { readonly of: One }) {
  const { t, own } = useWords();
  const assess = useAct(agreementsApi['applications.assess']);
  const open = of.state === 'appealed' ? of.second : of.first;
  const [found, setFound] = useState(() => of.criteria.criteria.map((c) => {
    const before = open?.findings.find((f) => f.criterion === c.id);
    return { criterion: c.id, met: before?.met ?? false, reason: before?.reason ?? '' };
  }));
  const set = (i: number, patch: { met?: boolean; reason?: string }) => setFound(found.map((f, j) => (j === i ? { ...f, ...patch } : f)));
  return (
    <Form
      act={t(open ? 'eligibility.confirm' : 'eligibility.find')} onAct={() => assess.mutate({ application: of.id, findings: found })}
      busy={assess.isPending} error={assess.error} why={found.every((f) => f.reason.trim().length >= 3) ? null : t('eligibility.reasons')}
    >
      <ul className={css.changes}>
        {of.criteria.criteria.map((c, i) => (
          <li key={c.id}>
            <strong>{own(c.title, c.titleVi)}</strong>
            <p>{own(c.text, c.textVi)}</p>
            <blockquote className={css.statement}>{of.answers.find((a) => a.criterion === c.id)?.statement}</blockquote>
            <Checkbox
              label={t('eligibility.met')} aria-label={`${own(c.title, c.titleVi)}: ${t('eligibility.met')}`} checked={found[i]?.met ?? false}
              onChange={(e) => set(i, { met: e.currentTarget.checked })} my={6}
            />
            <Textarea
              label={t('successions.reason')} aria-label={`${own(c.title, c.titleVi)}: ${t('successions.reason')}`} value={found[i]?.reason ?? ''}
              onChange={(e) => set(i, { reason: e.currentTarget.value })} autosize minRows={1} maxLength={2000}
            />
          </li>
        ))}
      </ul>
    </Form>
  );
}
