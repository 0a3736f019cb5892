/**
 * An inclusion proof as the tree it speaks of: from the root at the top to the entry at the bottom, with the subtrees beside
 * the way, each drawn once and named by the entries it covers. One goes up step by step; each step was computed in this
 * browser. The same stands in words for those who do not see the drawing.
 */
import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTransport } from '#ui/asking';
import { checkEntry, type PathStep } from '#ui/checking';
import { Hash, shorten } from '#ui/Hash';
import { Mark } from '#ui/Mark';
import { Block } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useWords } from '#ui/words';
import css from './ProofTree.module.css';
import { layoutOf, type Placed } from './layout.ts';

export function ProvedEntry({ index }: { readonly index: number }) {
  const { t, number } = useWords();
  const { prove } = useTransport();
  const checked = useQuery({
    queryKey: ['proved', index], staleTime: 60_000,
    queryFn: async () => {
      const proof = await prove(index);
      return { proof, verdict: await checkEntry(proof) };
    },
  });
  if (checked.isError) return <ProblemNote error={checked.error} onRetry={() => void checked.refetch()} />;
  if (!checked.data) return <Block height={260} />;
  const { verdict } = checked.data;
  if (!verdict.ok) return <div role="alert"><Mark is="danger">{t('ui.seal.bad')}</Mark></div>;
  return (
    <div>
      <Mark is="good">{t('ui.seal.good')}</Mark>
      <p className={css.text}>{t('ui.seal.good-text', { index: number(index), size: number(verdict.size) })}</p>
      <ProofTree index={index} size={verdict.size} leaf={verdict.leafHash} root={verdict.root} steps={verdict.steps} />
    </div>
  );
}

interface TreeProps {
  readonly index: number;
  readonly size: number;
  readonly leaf: string;
  readonly root: string;
  readonly steps: readonly PathStep[];
}

export function ProofTree({ index, size, leaf, root, steps }: TreeProps) {
  const { t, number } = useWords();
  const [at, setAt] = useState(steps.length);
  const layout = layoutOf(index, size);
  const range = ({ lo, hi }: Placed): string => (hi - lo === 1 ? number(lo) : `${number(lo)}–${number(hi - 1)}`);
  const step = steps[at - 1];
  const sibling = layout.siblings[steps.length - at];
  return (
    <figure className={css.tree}>
      <svg viewBox={`0 0 ${layout.width} ${layout.height}`} role="img" aria-label={t('proof.drawn', { count: steps.length, index: number(index) })}>
        {layout.siblings.map((beside, row) => {
          const parent = layout.way[row] as Placed;
          const child = layout.way[row + 1] as Placed;
          const done = steps.length - row <= at;
          return (
            <g key={row}>
              <path className={css.line} data-done={done} d={`M${parent.x} ${parent.y} L${beside.x} ${beside.y}`} />
              <path className={css.way} data-done={done} d={`M${parent.x} ${parent.y} L${child.x} ${child.y}`} />
              {beside.hi - beside.lo === 1
                ? <circle className={css.beside} cx={beside.x} cy={beside.y} r={5} />
                : <path className={css.beside} d={`M${beside.x} ${beside.y - 6} L${beside.x + 9} ${beside.y + 8} L${beside.x - 9} ${beside.y + 8} Z`} />}
              <text className={css.range} x={beside.x} y={beside.y + 20} textAnchor="middle">{range(beside)}</text>
            </g>
          );
        })}
        {layout.way.map((node, row) => (
          <circle
            key={row} className={row === layout.way.length - 1 ? css.leaf : css.node} cx={node.x} cy={node.y} r={row === 0 ? 8 : 6}
            data-done={steps.length - row <= at}
          />
        ))}
        <text className={css.range} x={layout.way.at(-1)?.x} y={(layout.way.at(-1)?.y ?? 0) + 20} textAnchor="middle">{number(index)}</text>
      </svg>
      {steps.length > 0 ? (
        <Group gap={8} justify="center" role="group" aria-label={t('proof.walk')}>
          <Button size="xs" variant="default" disabled={at === 0} onClick={() => setAt(0)}>{t('proof.begin')}</Button>
          <Button size="xs" variant="default" disabled={at === steps.length} onClick={() => setAt(at + 1)}>{t('proof.next')}</Button>
          <Button size="xs" variant="default" disabled={at === steps.length} onClick={() => setAt(steps.length)}>{t('proof.end')}</Button>
        </Group>
      ) : null}
      <div className={css.said} aria-live="polite">
        <p>
          {at === 0 || !step || !sibling
            ? <>{t('proof.at-leaf')} <Hash value={leaf} /></>
            : (
              <>
                {t(step.side === 'left' ? 'proof.joined-left' : 'proof.joined-right', {
                  step: number(at), of: number(steps.length), range: range(sibling),
                })}{' '}
                <Hash value={step.result} />
              </>
            )}
        </p>
        {at === steps.length ? <Mark is="good">{t('proof.is-root')}</Mark> : null}
      </div>
      <details className={css.words}>
        <summary>{t('proof.words')}</summary>
        <ol>
          <li>{t('proof.at-leaf')} <span className="e-mono">{shorten(leaf, 8)}</span></li>
          {steps.map((one, i) => (
            <li key={one.result}>
              {t(one.side === 'left' ? 'proof.with-left' : 'proof.with-right', { range: range(layout.siblings[steps.length - 1 - i] as Placed) })}{' '}
              <span className="e-mono">{shorten(one.sibling, 8)}</span> → <span className="e-mono">{shorten(one.result, 8)}</span>
            </li>
          ))}
          <li>{t('proof.root-signed')} <span className="e-mono">{shorten(root, 8)}</span></li>
        </ol>
      </details>
    </figure>
  );
}
