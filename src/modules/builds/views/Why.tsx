/** The explanation: what a verdict rests on, as a tree. What was built, what differs, which rule or which trial answers for it. */
import { IconCircleCheck, IconCircleX, IconFlask } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { Section } from '#ui/Page';
import { useWords } from '#ui/words';
import type { buildsApi } from '../api.ts';
import { VerdictMark } from './marks.tsx';
import css from './builds.module.css';

type View = OutputOf<(typeof buildsApi)['verdicts.view']>;

function Node({ holds, children, inner }: { readonly holds: boolean | null; readonly children: ReactNode; readonly inner?: ReactNode }) {
  const { t } = useWords();
  const Icon = holds === null ? IconFlask : holds ? IconCircleCheck : IconCircleX;
  return (
    <li className={css.node} data-holds={String(holds)}>
      <div className={css.said}>
        <Icon size={18} role="img" aria-label={holds === null ? t('builds.tried') : holds ? t('ui.holds') : t('ui.stops')} />
        <div>{children}</div>
      </div>
      {inner ? <ul className={css.tree}>{inner}</ul> : null}
    </li>
  );
}

export function Why({ verdict, counts, trials, unopened, regions }: View) {
  const { t, number } = useWords();
  const built = verdict.said !== 'NOT-REBUILT';
  const same = verdict.said === 'IDENTICAL';
  const rules = [...new Set(regions.flatMap((r) => r.rule ?? []))];
  return (
    <Section title={t('builds.explanation')} note={t('builds.explanation-text')}>
      <ul className={css.tree}>
        <Node holds={built}>{built ? t('builds.why-built') : t('builds.why-not-built')}</Node>
        {built ? (
          <Node
            holds={same || (counts.unexplained === 0 && counts.leftOut === 0)}
            inner={same ? null : (
              <>
                {counts.covered > 0 ? (
                  <Node holds inner={rules.map((rule) => <Node key={rule} holds>{t(`builds.rule-${rule}`)}: {t(`builds.covers-${rule}`)}</Node>)}>
                    {t('builds.why-covered', { count: number(counts.covered) })}
                  </Node>
                ) : null}
                {counts.explained > 0 ? <Node holds>{t('builds.why-explained', { count: number(counts.explained) })}</Node> : null}
                {counts.unexplained > 0 ? <Node holds={false}>{t('builds.why-unexplained', { count: number(counts.unexplained) })}</Node> : null}
                {unopened.map((u, i) => (
                  <Node key={`${u.part.join('/')} ${i}`} holds={false}>{t('builds.why-unopened', { part: u.part.join(' › ') || t('builds.the-file') })}{' '}
                    <span lang="en">{u.sentence}</span></Node>
                ))}
              </>
            )}
          >
            {same ? t('builds.why-same') : t('builds.why-differs', { count: number(verdict.differences) })}
          </Node>
        ) : null}
        {trials.length > 0 ? (
          <Node
            holds={verdict.recovered === null ? null : true}
            inner={<>{verdict.recovered?.name === 'toolchain' ? <Node holds={null}>{t('builds.why-toolchain')}</Node> : null}{trials.map(({ fact, verdict: own,
              open }) => (
              <Node key={`${fact.name} ${fact.value}`} holds={own === 'IDENTICAL' ? true : null}>
                {t(`builds.fact-${fact.name}`)} = <code>{fact.value}</code> <VerdictMark verdict={own} />{' '}
                {open > 0 ? <span className="e-small e-faint">{t('builds.still-open', { count: number(open) })}</span> : null}
              </Node>
            ))}</>}
          >
            {verdict.recovered === null ? t('builds.why-tried', { count: number(trials.length) })
              : t('builds.why-recovered', { fact: t(`builds.fact-${verdict.recovered.name}`), value: verdict.recovered.value })}
          </Node>
        ) : built && !same ? <Node holds={null}>{t('builds.why-not-tried')}</Node> : null}
      </ul>
    </Section>
  );
}
