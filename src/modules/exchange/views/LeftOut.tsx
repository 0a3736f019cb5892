/** What an export left out, by reason, with the names of the lists that it stands on. */
import { EmptyState } from '#ui/EmptyState';
import { RowTable } from '#ui/RowTable';
import { useWords } from '#ui/words';
import type { Release } from '../model/exports.ts';

export function LeftOut({ of }: { readonly of: Release['leftOut'] }) {
  const { t, number } = useWords();
  return (
    <RowTable
      label={t('exports.left-out')} rows={of} rowKey={(l) => l.reason} empty={<EmptyState title={t('exports.left-none')} />}
      columns={[
        { key: 'reason', head: t('exports.reason'), wrap: true, cell: (l) => t(`export-reason.${l.reason}`) },
        { key: 'count', head: t('exports.count'), right: true, cell: (l) => number(l.count), sort: (l) => l.count },
        { key: 'by', head: t('exports.by'), wrap: true, spare: true, cell: (l) => l.by.map(([name, n]) => `${guardWords(t, name)} ${number(n)}`).join(', ') },
      ]}
    />
  );
}

/** Kinds of guards have words of their own; the others are names. */
const kinds = ['clean-file-host', 'popular-domain', 'label-holder', 'constituent', 'shared-suffix', 'shared-space'];
export const guardWords = (t: (key: string) => string, name: string): string => (kinds.includes(name) ? t(`guard-kind.${name}`) : name);
