/** A table over pages: its skeleton, its refusal, its rows, the door to the next page. */
import type { ReactNode } from 'react';
import { RowTable, TableSkeleton, type Column } from './RowTable.tsx';
import type { Paged } from './paged.tsx';
import { ProblemNote } from './ProblemNote.tsx';

interface PagedTableProps<T> {
  readonly of: Paged<T>;
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rowKey: (row: T) => string;
  readonly to?: (row: T) => string;
  readonly empty: ReactNode;
}

export function PagedTable<T>({ of, ...table }: PagedTableProps<T>) {
  if (of.rows) return <RowTable {...table} rows={of.rows} more={of.more} />;
  if (of.error) return <ProblemNote error={of.error} onRetry={of.again} />;
  return <TableSkeleton />;
}
