/** The filter row: always in the same place, always in the address, each filter with its label. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconX } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import css from './Filters.module.css';
import { useUrlState } from './url.tsx';
import { useWords } from './words.tsx';

/** `names` are the search parameters that the clear button empties. */
export function Filters({ names, children }: { readonly names: readonly string[]; readonly children: ReactNode }) {
  const { t } = useWords();
  const [search, change] = useUrlState();
  const set = names.filter((name) => search[name]);
  return (
    <form className={css.row} role="search" aria-label={t('ui.filters')} onSubmit={(e) => e.preventDefault()}>
      {children}
      {set.length > 0 ? (
        <Button
          variant="subtle" size="xs" leftSection={<IconX size={14} aria-hidden />} className={css.clear}
          onClick={() => change(Object.fromEntries(names.map((name) => [name, ''])))}
        >
          {t('ui.clear')}
        </Button>
      ) : null}
    </form>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  /** What holds when the address says nothing. */
  readonly otherwise?: string;
  /** Label of the empty choice; without it there is none. */
  readonly all?: string;
}

export function Choice({ name, label, options, otherwise = '', all }: ChoiceProps) {
  const [search, change] = useUrlState();
  return (
    <NativeSelect
      label={label} size="xs" classNames={{ label: css.label }} value={search[name] ?? otherwise}
      onChange={(e) => change({ [name]: e.currentTarget.value })}
      data={[...(all ? [{ value: '', label: all }] : []), ...options]}
    />
  );
}

interface TypedProps {
  readonly name: string;
  readonly label: string;
  readonly placeholder?: string;
  readonly type?: 'text' | 'date' | 'search';
}

export function Typed({ name, label, placeholder, type = 'text' }: TypedProps) {
  const [search, change] = useUrlState();
  const held = search[name] ?? '';
  const [typed, setTyped] = useState(held);
  const [seen, setSeen] = useState(held);
  if (seen !== held) {
    setSeen(held);
    setTyped(held);
  }
  const later = useDebouncedCallback((value: string) => change({ [name]: value }), 300);
  return (
    <TextInput
      label={label} size="xs" type={type} placeholder={placeholder ?? ''} classNames={{ label: css.label }} value={typed}
      onChange={(e) => {
        setTyped(e.currentTarget.value);
        later(e.currentTarget.value.trim());
      }}
    />
  );
}
