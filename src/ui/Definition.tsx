/** What a figure means: definition, numerator, denominator, method, source, time. Opens on hover, focus and touch. */
import { Popover, UnstyledButton } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useId, useState } from 'react';
import css from './Definition.module.css';
import { Time } from './Time.tsx';
import { useWords } from './words.tsx';

export interface Defined {
  readonly text: string;
  readonly numerator?: string | null;
  readonly denominator?: string | null;
  readonly method?: string | null;
  readonly source?: string | null;
  readonly caution?: string | null;
  readonly computedAt?: string | null;
}

export function DefinitionBody({ is }: { readonly is: Defined }) {
  const { t } = useWords();
  const rows: readonly (readonly [string, string | null | undefined])[] = [
    [t('ui.numerator'), is.numerator],
    [t('ui.denominator'), is.denominator],
    [t('ui.method'), is.method],
    [t('ui.source'), is.source],
    [t('ui.caution'), is.caution],
  ];
  return (
    <div className={css.body}>
      <p>{is.text}</p>
      <dl>
        {rows.map(([label, value]) => (value ? <div key={label}><dt>{label}</dt><dd>{value}</dd></div> : null))}
        {is.computedAt ? <div><dt>{t('ui.computed')}</dt><dd><Time at={is.computedAt} /></dd></div> : null}
      </dl>
    </div>
  );
}

/** Beside its button, so that the number it explains stays in sight and in reach; above or below only on a narrow screen. */
const beside = { flip: { fallbackPlacements: ['left-start' as const, 'top-end' as const, 'bottom-end' as const] }, shift: true };

export function Definition({ of, is }: { readonly of: string; readonly is: Defined }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <Popover opened={open} onChange={setOpen} width={340} position="right-start" middlewares={beside} withinPortal trapFocus={false}>
      <Popover.Target>
        <UnstyledButton
          className={css.button}
          aria-label={t('ui.definition-of', { of })}
          aria-describedby={open ? id : undefined}
          onMouseEnter={() => setOpen(true)}
          onMouseLeave={() => setOpen(false)}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onClick={() => setOpen(true)}
        >
          <IconInfoCircle size={16} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown id={id} role="tooltip" aria-label={of}>
        <DefinitionBody is={is} />
      </Popover.Dropdown>
    </Popover>
  );
}
