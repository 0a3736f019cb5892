/** Who may what under one agreement, and why: each right for each side, opened for the reasoning down to the clause. */
import { UnstyledButton } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { Fragment } from 'react';
import { useAsk } from '#ui/asking';
import { TableSkeleton } from '#ui/RowTable';
import { Explainer } from '#ui/Explainer';
import { Mark } from '#ui/Mark';
import { Answer, Columns, Lines, Page, Section } from '#ui/Page';
import { Link, usePathParameter, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { agreementsApi } from '../api.ts';
import css from './View.module.css';
import { rightName, sideName, type Agreed } from './words.ts';

type Answered = OutputOf<(typeof agreementsApi)['agreements.matrix']>;

export function Matrix() {
  const { t, own } = useWords();
  const id = usePathParameter('agreement');
  const agreed = useAsk(agreementsApi['agreements.view'], { agreement: id });
  const asked = useAsk(agreementsApi['agreements.matrix'], { agreement: id });
  return (
    <Page
      title={t('matrix.title')} description={t('matrix.text')}
      above={<Link to={`/agreements/${id}`}>{agreed.data ? own(agreed.data.title, agreed.data.titleVi) : t('agreement.agreement')}</Link>}
    >
      <Answer of={agreed}>
        {(a) => <Answer of={asked} skeleton={<TableSkeleton />}>{(matrix) => <Table of={matrix} agreed={a} />}</Answer>}
      </Answer>
    </Page>
  );
}

function Table({ of, agreed }: { readonly of: Answered; readonly agreed: Agreed }) {
  const words = useWords();
  const { t, own } = words;
  const [search, change] = useUrlState();
  const nameOf = (side: Answered['sides'][number]) => (
    side.organisation === agreed.authority ? sideName(words, agreed, 'authority')
      : side.organisation === agreed.counterpart ? sideName(words, agreed, 'counterpart') : side.name
  );
  const parts = agreed.parts.filter((part) => of.rows.some((row) => row.part === part.id));
  return (
    <Columns wide="left">
      <Section>
        <div className={css.scroll} tabIndex={0} role="region" aria-label={t('matrix.title')}>
          <table className={css.matrix}>
            <thead>
              <tr>
                <th scope="col">{t('matrix.right')}</th>
                {of.sides.map((side) => <th key={side.organisation} scope="col">{nameOf(side)}</th>)}
              </tr>
            </thead>
            <tbody>
              {parts.map((part) => (
                <Fragment key={part.id}>
                  <tr className={css.group}><th colSpan={3} scope="rowgroup">{own(part.title, part.titleVi)}</th></tr>
                  {of.rows.filter((row) => row.part === part.id).map((row) => (
                    <tr key={row.right}>
                      <th scope="row">{rightName(words, row.right)}</th>
                      {row.cells.map((outcome, i) => {
                        const side = of.sides[i];
                        const subject = side?.organisation ?? '';
                        const open = search['right'] === row.right && search['subject'] === subject;
                        const Icon = outcome === 'allow' ? IconCircleCheck : IconCircleX;
                        return (
                          <td key={subject}>
                            <UnstyledButton
                              className={css.cell} data-outcome={outcome} aria-expanded={open} aria-controls="why"
                              aria-label={`${side ? nameOf(side) : ''}, ${rightName(words, row.right)}: ${t(`outcome.${outcome}`)}`}
                              onClick={() => change({ right: row.right, subject, purpose: row.purpose })}
                            >
                              <Icon size={15} aria-hidden />{t(`outcome.${outcome}`)}
                            </UnstyledButton>
                          </td>
                        );
                      })}
                    </tr>
                  ))}
                </Fragment>
              ))}
            </tbody>
          </table>
        </div>
      </Section>
      <Section title={t('matrix.why')}><div id="why" aria-live="polite"><Why agreed={agreed} of={of} /></div></Section>
    </Columns>
  );
}

function Why({ agreed, of }: { readonly agreed: Agreed; readonly of: Answered }) {
  const words = useWords();
  const { t, own } = words;
  const [search] = useUrlState();
  const row = of.rows.find((r) => r.right === search['right']);
  const subject = of.sides.find((s) => s.organisation === search['subject'])?.organisation;
  const asked = useAsk(
    agreementsApi['decisions.explain'],
    { right: row?.right ?? '', agreement: agreed.id, purpose: row?.purpose ?? 'oversight', ...(subject ? { subject } : {}) },
    { enabled: row !== undefined && subject !== undefined },
  );
  if (!row || !subject) return <p className="e-quiet">{t('matrix.choose')}</p>;
  const textOf = (digest: string) => {
    const clause = agreed.clauses.find((c) => c.textSha256 === digest);
    return clause ? own(clause.text, clause.textVi) : null;
  };
  return (
    <Answer of={asked} skeleton={<Lines />}>
      {(decision) => (
        <div style={{ display: 'grid', gap: 14 }}>
          <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8, alignItems: 'center' }}>
            <Mark is={decision.outcome === 'allow' ? 'good' : 'danger'}>{t(`outcome.${decision.outcome}`)}</Mark>
            <span>{rightName(words, decision.right)}, {t('matrix.for', { purpose: t(`purpose.${decision.purpose}`) })}</span>
          </div>
          <Explainer reason={decision.reason} textOf={textOf} />
          {decision.ask ? <p style={{ margin: 0 }}>{t('ui.problem.ask', { whom: decision.ask })}</p> : null}
        </div>
      )}
    </Answer>
  );
}
