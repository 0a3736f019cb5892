/** The seal: a small mark on what the ledger holds. Opened, the browser itself verifies the proof and draws it. */
import { Popover, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconRosetteDiscountCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { useTransport } from './asking.tsx';
import { Hash, shorten } from './Hash.tsx';
import { Mark } from './Mark.tsx';
import { Lines } from './Page.tsx';
import { ProblemNote } from './ProblemNote.tsx';
import css from './Seal.module.css';
import { checkEntry, type PathStep } from './checking.tsx';
import { useWords } from './words.tsx';

export function Seal({ index }: { readonly index: number }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} width={420} position="bottom-end" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton
          className={css.seal} aria-label={`${t('ui.seal.open')} (${index})`} aria-expanded={open} onClick={() => setOpen(!open)}
        >
          <IconRosetteDiscountCheck size={17} stroke={1.7} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={css.box} aria-label={t('ui.seal.title')}>
        {open ? <SealBody index={index} /> : null}
      </Popover.Dropdown>
    </Popover>
  );
}

/** The verification itself, for a popover or a page. */
export function SealBody({ index }: { readonly index: number }) {
  const { t, number } = useWords();
  const { prove } = useTransport();
  const checked = useQuery({
    queryKey: ['seal', index],
    queryFn: async () => {
      const proof = await prove(index);
      return { proof, verdict: await checkEntry(proof) };
    },
    staleTime: 60_000,
  });
  if (checked.isError) return <ProblemNote error={checked.error} onRetry={() => void checked.refetch()} />;
  if (!checked.data) return <div aria-live="polite"><p className={css.text}>{t('ui.seal.checking')}</p><Lines count={3} /></div>;
  const { verdict } = checked.data;
  if (!verdict.ok) return <div role="alert"><Mark is="danger">{t('ui.seal.bad')}</Mark></div>;
  return (
    <div aria-live="polite">
      <Mark is="good">{t('ui.seal.good')}</Mark>
      <p className={css.text}>{t('ui.seal.good-text', { index: number(index), size: number(verdict.size) })}</p>
      <Path leaf={verdict.leafHash} root={verdict.root} steps={verdict.steps} />
    </div>
  );
}

interface PathProps {
  readonly leaf: string;
  readonly root: string;
  readonly steps: readonly PathStep[];
}

const rowHeight = 26;
const bend = 14;

/** The way up: at each step the hash beside is joined from its side; the last is the root. */
export function Path({ leaf, root, steps }: PathProps) {
  const { t } = useWords();
  const height = (steps.length + 1) * rowHeight + 8;
  const centre = 150;
  const y = (row: number) => height - 14 - row * rowHeight;
  return (
    <figure className={css.path}>
      <svg width="100%" viewBox={`0 0 300 ${height}`} role="img" aria-label={t('ui.seal.steps', { count: steps.length })}>
        {steps.map((step, i) => {
          const x = step.side === 'left' ? 62 : 238;
          return (
            <g key={step.result}>
              <path
                className={css.beside}
                d={`M${x} ${y(i)} C${x} ${y(i) - bend} ${centre} ${y(i) - bend / 2} ${centre} ${y(i + 1) + 5}`}
              />
              <path className={css.way} d={`M${centre} ${y(i) - 5} V${y(i + 1) + 5}`} />
              <circle className={css.sibling} cx={x} cy={y(i)} r={4} />
              <text x={x} y={y(i) + 4} dx={step.side === 'left' ? -9 : 9} textAnchor={step.side === 'left' ? 'end' : 'start'}>
                {shorten(step.sibling, 3)}
              </text>
              <circle className={css.node} cx={centre} cy={y(i + 1)} r={5} />
            </g>
          );
        })}
        <circle className={css.leaf} cx={centre} cy={y(0)} r={6} />
      </svg>
      <figcaption className={css.ends}>
        <span>{t('ui.seal.leaf')} <Hash value={leaf} /></span>
        <span>{t('ui.seal.root')} <Hash value={root} /></span>
      </figcaption>
    </figure>
  );
}
