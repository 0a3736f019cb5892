/**
 * Both sides of a difference of machine code as instructions, row by row beside each other; on a narrow screen one list below the other,
 * without the blanks. What differs has a sign and, in it, the words that differ are underlined.
 */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { wordDifference } from '#kit/diff/words';
import { useWords } from '#ui/words';
import type { Code } from '../model.ts';
import css from './builds.module.css';

type Row = Extract<Code, { ok: true }>['rows'][number];
type Name = 'shipped' | 'rebuilt';

/** Rows around each that is marked; of the others only how many there are, until somebody asks for all. */
const around = 6;
type Shown = Row | { readonly is: 'left-out'; readonly count: number };

function near(rows: readonly Row[]): Shown[] {
  const kept = rows.map((_, i) => rows.slice(Math.max(0, i - around), i + around + 1).some((r) => r.is !== 'same'));
  const shown: Shown[] = [];
  rows.forEach((row, i) => {
    const last = shown.at(-1);
    if (kept[i] === true) shown.push(row);
    else if (last?.is === 'left-out') shown[shown.length - 1] = { is: 'left-out', count: last.count + 1 };
    else shown.push({ is: 'left-out', count: 1 });
  });
  return shown;
}

export function Instructions({ of }: { readonly of: Code }) {
  const { t, number } = useWords();
  const [whole, setWhole] = useState(false);
  if (!of.ok) return <p className={css.why}>{t(`builds.no-code-${of.why}`)}</p>;
  const { machine, inStep, rows } = of;
  const few = near(rows);
  if (rows.length === 0) return <p className={css.why}>{t('builds.no-code-rows')}</p>;
  return (
    <section className={css.code} aria-label={t('builds.instructions')}>
      <h3 className={css.head}>{t('builds.instructions')} <span className={css.machine} translate="no">{machine}</span></h3>
      <p className={css.legend}>{t('builds.signs')}{inStep ? '' : ` ${t('builds.out-of-step')}`}</p>
      <div className={css.rows}>
        <Column side="shipped" name={t('builds.shipped')} rows={whole ? rows : few} />
        <Column side="rebuilt" name={t('builds.rebuilt')} rows={whole ? rows : few} />
      </div>
      {few.length >= rows.length ? null : (
        <Button className={css.more} size="compact-sm" variant="default" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? t('builds.rows-near') : t('builds.rows-all', { count: number(rows.length) })}
        </Button>
      )}
    </section>
  );
}

const signs: Readonly<Record<Row['is'], readonly [shipped: string, rebuilt: string]>> = {
  same: ['', ''], moved: ['~', '~'], encoded: ['~', '~'], changed: ['−', '+'], 'only-shipped': ['−', ''], 'only-rebuilt': ['', '+'],
};

/** The words of one side, those that the other does not have marked. */
function Text({ row, side }: { readonly row: Row; readonly side: Name }) {
  const own = row[side]?.text ?? '';
  if (row.is === 'same' || row.is === 'encoded') return own;
  if (row.shipped === null || row.rebuilt === null) return <mark className={css.word}>{own}</mark>;
  return wordDifference(row.shipped.text, row.rebuilt.text).filter(({ is }) => is === 'same' || (is === 'gone') === (side === 'shipped'))
    .map(({ is, text }, i) => (is === 'same' ? text : <mark key={i} className={css.word}>{text}</mark>));
}

function Column({ side, name, rows }: { readonly side: Name; readonly name: string; readonly rows: readonly Shown[] }) {
  const { t, number } = useWords();
  return (
    <div className={css.column} tabIndex={0} role="group" aria-label={name}>
      <table className={css.listing}>
        <caption>{name}</caption>
        <thead className="e-hidden">
          <tr><th>{t('builds.sign')}</th><th>{t('builds.address')}</th><th>{t('builds.instruction')}</th><th>{t('builds.its-bytes')}</th></tr>
        </thead>
        <tbody className={css.words} translate="no">
          {rows.map((row, i) => {
            if (row.is === 'left-out') return <tr key={i} className={css.gap}><td colSpan={4}>{t('builds.rows-same', { count: number(row.count) })}</td></tr>;
            const own = row[side];
            if (own === null) return <tr key={i} className={css.blank} aria-hidden><td colSpan={4}>&nbsp;</td></tr>;
            return (
              <tr key={i} data-is={row.is}>
                <td className={css.sign}>{signs[row.is][side === 'shipped' ? 0 : 1]}
                  {row.is === 'same' ? null : <span className="e-hidden">{t(`builds.row-${row.is}`)}</span>}</td>
                <td className={css.address}>{own.address}</td>
                <td className={css.text}><Text row={row} side={side} /></td>
                <td className={css.octets}>{own.bytes.replaceAll(/../g, '$& ').trimEnd()}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
