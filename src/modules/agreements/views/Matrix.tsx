/** Who may what under one agreement, and why: each right for each side, opened for the reasoning down to the clause. */
import { NativeSelect, UnstyledButton } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { Fragment } from 'react';
import { useAsk } from '#ui/asking';
import { TableSkeleton } from '#ui/RowTable';
import { Explainer } from '#ui/Explainer';
import { Mark } from '#ui/Mark';
import { Answer, Columns, Lines, Page, Section } from '#ui/Page';
import { Link, usePathParameter, useUrlState } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { Role } from '#modules/parties/index';
import { agreementsApi } from '../api.ts';
import { PurposeName } from '../terms.ts';
import css from './View.module.css';
import { sayReason } from './reasons.ts';
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

type Column = Answered['columns'][number];

/** A column as people say it: a side, and within it a role or a person. */
function columnName(words: Words, agreed: Agreed, column: Column): { side: string; who: string } {
  const { t } = words;
  const who = column.person ?? (column.role ? t(`role.${column.role}`) : t('matrix.all-roles'));
  return { side: sideName(words, agreed, column.side), who };
}

const keyOf = (column: Column): string => `${column.side} ${column.role ?? ''} ${column.person ?? ''}`;

function Table({ of, agreed }: { readonly of: Answered; readonly agreed: Agreed }) {
  const words = useWords();
  const { t, own } = words;
  const [search, change] = useUrlState();
  const wanted = search['part'] ?? '';
  const rows = of.clauses.filter((row) => wanted === '' || row.part === wanted);
  const clauses = [...new Set(rows.map((row) => row.clause))];
  // A right that only a part outside this agreement could give has no clause: it is shown as what is missing.
  const absent = of.rows.filter((row, i) => of.rows.findIndex((other) => other.right === row.right) === i
    && (wanted === '' || row.part === wanted) && !of.clauses.some((other) => other.right === row.right));
  return (
    <Columns wide="left">
      <Section>
        <NativeSelect
          label={t('edit.part')} value={wanted} maw={320} mb="sm" onChange={(e) => change({ part: e.currentTarget.value })}
          data={[{ value: '', label: t('suspend.whole') }, ...agreed.parts.map((p) => ({ value: p.id, label: own(p.title, p.titleVi) }))]}
        />
        <div className={css.scroll} tabIndex={0} role="region" aria-label={t('matrix.title')}>
          <table className={css.matrix}>
            <thead>
              <tr>
                <th scope="col">{t('matrix.right')}</th>
                {of.columns.map((column) => {
                  const { side, who } = columnName(words, agreed, column);
                  return <th key={keyOf(column)} scope="col">{side}<br /><span className="e-small e-quiet">{who}</span></th>;
                })}
              </tr>
            </thead>
            <tbody>
              {clauses.map((number) => {
                const clause = agreed.clauses.find((c) => c.number === number);
                return (
                  <Fragment key={number}>
                    <tr className={css.group}>
                      <th colSpan={of.columns.length + 1} scope="rowgroup">{number} {clause ? own(clause.title, clause.titleVi) : ''}</th>
                    </tr>
                    {rows.filter((row) => row.clause === number).map((row) => (
                      <tr key={row.right}>
                        <th scope="row">{rightName(words, row.right)}</th>
                        {row.cells.map((cell, i) => (
                          <td key={keyOf(of.columns[i] as Column)}><Cell cell={cell} column={of.columns[i] as Column} row={row} agreed={agreed} /></td>
                        ))}
                      </tr>
                    ))}
                  </Fragment>
                );
              })}
              {absent.length > 0 ? (
                <tr className={css.group}><th colSpan={of.columns.length + 1} scope="rowgroup">{t('part.not-included')}</th></tr>
              ) : null}
              {absent.map((row) => (
                <tr key={row.right}>
                  <th scope="row">{rightName(words, row.right)}</th>
                  {of.columns.map((column) => (
                    <td key={keyOf(column)}>
                      <Cell cell={{ outcome: cellOf(of, row, column) }} column={column} row={row} agreed={agreed} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Section>
      <Section title={t('matrix.why')}><div id="why" aria-live="polite"><Why agreed={agreed} of={of} /></div></Section>
    </Columns>
  );
}

/** The cell of the side that a column belongs to. */
function cellOf(of: Answered, row: Answered['rows'][number], column: Column): 'allow' | 'deny' {
  return row.cells[of.sides.findIndex((side) => side.organisation === column.organisation)] ?? 'deny';
}

interface CellProps {
  readonly cell: Pick<Answered['clauses'][number]['cells'][number], 'outcome'>;
  readonly column: Column;
  readonly row: Pick<Answered['clauses'][number], 'right' | 'purpose'>;
  readonly agreed: Agreed;
}

function Cell({ cell, column, row, agreed }: CellProps) {
  const words = useWords();
  const { t } = words;
  const [search, change] = useUrlState();
  const asked = { right: row.right, subject: column.organisation, purpose: row.purpose, role: column.role ?? '', person: column.person ?? '' };
  const open = Object.entries(asked).every(([key, value]) => (search[key] ?? '') === value);
  const { side, who } = columnName(words, agreed, column);
  const Icon = cell.outcome === 'allow' ? IconCircleCheck : IconCircleX;
  return (
    <UnstyledButton
      className={css.cell} data-outcome={cell.outcome} aria-expanded={open} aria-controls="why"
      aria-label={`${side}, ${who}, ${rightName(words, row.right)}: ${t(`outcome.${cell.outcome}`)}`} onClick={() => change(asked)}
    >
      <Icon size={15} aria-hidden />{t(`outcome.${cell.outcome}`)}
    </UnstyledButton>
  );
}

function Why({ agreed, of }: { readonly agreed: Agreed; readonly of: Answered }) {
  const words = useWords();
  const { t, own } = words;
  const [search] = useUrlState();
  const subject = of.sides.find((s) => s.organisation === search['subject'])?.organisation;
  const row = of.clauses.find((r) => r.right === search['right']);
  const right = row?.right ?? search['right'] ?? '';
  const purpose = PurposeName.safeParse(search['purpose'] ?? row?.purpose);
  const role = Role.safeParse(search['role']);
  const asked = useAsk(agreementsApi['decisions.explain'], {
    right, agreement: agreed.id, purpose: purpose.success ? purpose.data : 'oversight', ...(subject ? { subject } : {}),
    ...(role.success ? { role: role.data } : {}), ...(search['person'] ? { person: search['person'] } : {}),
  }, { enabled: right !== '' && subject !== undefined });
  if (right === '' || !subject) return <p className="e-quiet">{t('matrix.choose')}</p>;
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
          <Explainer reason={decision.reason} textOf={textOf} tell={(reason) => sayReason(words, agreed, decision.right, reason)} />
          {decision.ask ? <p style={{ margin: 0 }}>{t('ui.problem.ask', { whom: decision.ask })}</p> : null}
        </div>
      )}
    </Answer>
  );
}
