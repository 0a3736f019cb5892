/** The rules of a rule set: those that a person has to look at first, with a reviewer's word on each, and what is new since the release before. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { Choice, Filters } from '#ui/Filters';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Section } from '#ui/Page';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { catalogueApi } from '../api.ts';
import { verdicts, type DetectionRule } from '../model.ts';

const ways = ['flagged', 'open', 'changed'] as const;

export function RuleSet({ artefact }: { readonly artefact: string }) {
  const { t, number } = useWords();
  const [{ only }] = useUrlState();
  const [chosen, setChosen] = useState<DetectionRule | null>(null);
  const asked = useAsk(catalogueApi['detection-rules.list'], { artefact, ...ways.some((w) => w === only) ? { only: only as (typeof ways)[number] } : {} },
    { keep: true });
  return (
    <Section title={t('catalogue.rules')} note={t('catalogue.rules-text')}>
      <Answer of={asked} skeleton={<TableSkeleton />}>
        {({ grammar, items, counts, problems, removed, maySignOff, next }) => (
          <>
            <p>{t('catalogue.rules-sum', {
              grammar, rules: number(counts.rules), flagged: number(counts.flagged), open: number(counts.open), changed: number(counts.changed),
            })}</p>
            <Filters names={['only']}>
              <Choice name="only" label={t('catalogue.rules-only')} all={t('ui.all')}
                options={ways.map((value) => ({ value, label: t(`catalogue.only-${value}`) }))} />
            </Filters>
            {items.length === 0 ? <EmptyState title={t('catalogue.no-rule')} how={t('catalogue.no-rule-how')} /> : (
              <RowTable
                label={t('catalogue.rules')} rows={items} rowKey={(r) => `${r.digest} ${r.line}`} tall={560}
                columns={[
                  { key: 'name', head: t('catalogue.rule'), wrap: true, sort: (r) => r.name,
                    cell: (r) => <><code>{r.name}</code><br /><span className="e-small e-faint">{r.description}</span></> },
                  { key: 'change', head: t('catalogue.change'), spare: true, sort: (r) => r.change ?? '',
                    cell: (r) => (r.change === null ? '' : <Tag>{t(`catalogue.rule-${r.change}`)}</Tag>) },
                  { key: 'flag', head: t('catalogue.flag'), wrap: true, sort: (r) => r.flag?.why ?? '', cell: (r) => (r.flag === null ? '' : (
                    <><Mark is="warn">{t(`catalogue.flag-${r.flag.why}`)}</Mark><br /><span className="e-small e-faint">{r.flag.shown.join(' · ')}</span></>
                  )) },
                  { key: 'word', head: t('catalogue.word'), wrap: true, cell: (r) => (r.signOff ? (
                    <><Mark is={r.signOff.verdict === 'fine' ? 'good' : 'danger'}>{t(`catalogue.verdict-${r.signOff.verdict}`)}</Mark><br />
                      <span className="e-small e-faint">{r.signOff.reason}</span></>
                  ) : maySignOff && r.flag ? <Button size="compact-sm" variant="default" onClick={() => setChosen(r)}>{t('catalogue.say')}</Button> : '') },
                ]}
              />
            )}
            {next === null ? null : <p className="e-small e-faint">{t('catalogue.rules-more', { count: number(next) })}</p>}
            {chosen ? <SignOff artefact={artefact} rule={chosen} done={() => setChosen(null)} /> : null}
            {removed.length === 0 ? null : <p>{t('catalogue.rules-removed', { names: removed.join(', ') })}</p>}
            {problems.length === 0 ? null : (
              <RowTable
                label={t('catalogue.rule-problems')} rows={problems} rowKey={(p) => `${p.line} ${p.problem}`}
                columns={[
                  { key: 'line', head: t('catalogue.line'), cell: (p) => number(p.line) },
                  { key: 'problem', head: t('catalogue.rule-problems'), wrap: true, cell: (p) => p.problem },
                ]}
              />
            )}
          </>
        )}
      </Answer>
    </Section>
  );
}

function SignOff({ artefact, rule, done }: { readonly artefact: string; readonly rule: DetectionRule; readonly done: () => void }) {
  const { t } = useWords();
  const [verdict, setVerdict] = useState<(typeof verdicts)[number]>('fine');
  const [reason, setReason] = useState('');
  const sign = useAct(catalogueApi['detection-rules.sign-off']);
  return (
    <Form
      act={t('catalogue.sign')} busy={sign.isPending} error={sign.error} why={reason.trim() === '' ? t('catalogue.missing-reason') : null}
      onAct={() => sign.mutate({ artefact, digest: rule.digest, verdict, reason }, { onSuccess: done })}
      aside={<Button variant="default" onClick={done}>{t('ui.cancel')}</Button>}
    >
      <NativeSelect label={t('catalogue.word-on', { name: rule.name })} value={verdict} onChange={(e) => setVerdict(e.currentTarget.value as typeof verdict)}
        data={verdicts.map((value) => ({ value, label: t(`catalogue.verdict-${value}`) }))} />
      <TextInput label={t('catalogue.reason')} value={reason} maxLength={1_000} onChange={(e) => setReason(e.currentTarget.value)} />
    </Form>
  );
}
