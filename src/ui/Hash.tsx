/** Hashes, ids and addresses of machines: shortened in the middle, copied whole. */
import { Tooltip, UnstyledButton } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import css from './Hash.module.css';
import { useWords } from './words.tsx';

export function shorten(value: string, keep: number): string {
  if (value.length <= 2 * keep + 3) return value;
  return `${value.slice(0, keep)}…${value.slice(-keep)}`;
}

interface HashProps {
  readonly value: string;
  /** Characters kept at each end. */
  readonly keep?: number;
}

export function Hash({ value, keep = 6 }: HashProps) {
  const { t } = useWords();
  const clipboard = useClipboard({ timeout: 1500 });
  const Icon = clipboard.copied ? IconCheck : IconCopy;
  return (
    <Tooltip label={clipboard.copied ? t('ui.copied') : <span className={css.whole}>{value}</span>}>
      <UnstyledButton
        className={css.hash}
        onClick={() => clipboard.copy(value)}
        aria-label={`${t('ui.copy')} ${value}`}
        translate="no"
      >
        <span>{shorten(value, keep)}</span>
        <Icon size={12} aria-hidden className={css.icon} />
      </UnstyledButton>
    </Tooltip>
  );
}
