/**
 * Dense rows of 32 pixels with tabular figures: sortable by the heads, virtual when long, walked with j and k, opened
 * with Enter. Scrolls sideways inside itself on a narrow screen, so that the page never does.
 */
import { Skeleton } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconSelector } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import css from './RowTable.module.css';
import { Link, useGo } from './url.tsx';
import { useWords } from './words.tsx';

export interface Column<T> {
  readonly key: string;
  readonly head: string;
  readonly cell: (row: T) => ReactNode;
  /** Numbers stand right. */
  readonly right?: boolean;
  readonly sort?: (row: T) => string | number | null;
  /** Left out below 700 pixels. */
  readonly spare?: boolean;
  /** The cell may break into lines. */
  readonly wrap?: boolean;
}

interface RowTableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  /** Address a row opens. */
  readonly to?: (row: T) => string;
  readonly marked?: (row: T) => boolean;
  readonly empty?: ReactNode;
  readonly more?: ReactNode;
  /** Scrolls within so many pixels. */
  readonly tall?: number;
}

type Order = { readonly key: string; readonly down: boolean } | null;

function ordered<T>(rows: readonly T[], columns: readonly Column<T>[], order: Order, compare: Compare): readonly T[] {
  const by = order ? columns.find((c) => c.key === order.key)?.sort : undefined;
  if (!order || !by) return rows;
  const sign = order.down ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [x, y] = [by(a), by(b)];
    if (x === null) return 1;
    if (y === null) return -1;
    return sign * (typeof x === 'number' && typeof y === 'number' ? x - y : compare(String(x), String(y)));
  });
}
type Compare = (a: string, b: string) => number;

export function RowTable<T>(props: RowTableProps<T>) {
  const { columns, rows, label, empty, more } = props;
  const { compare } = useWords();
  const [order, setOrder] = useState<Order>(null);
  const shown = useMemo(() => ordered(rows, columns, order, compare), [rows, columns, order, compare]);
  if (rows.length === 0 && empty) return empty;
  return (
    <>
      <Body {...props} shown={shown} head={<Heads columns={columns} order={order} onOrder={setOrder} />} label={label} />
      {more ? <div className={css.more}>{more}</div> : null}
    </>
  );
}

function Body<T>(props: RowTableProps<T> & { readonly shown: readonly T[]; readonly head: ReactNode }) {
  const { shown, columns, rowKey, to, marked, label, head, tall } = props;
  const box = useRef<HTMLDivElement>(null);
  const go = useGo();
  const [at, setAt] = useState(-1);
  const long = shown.length > 120;
  const virtual = useVirtualizer({
    count: long ? shown.length : 0, getScrollElement: () => box.current, estimateSize: () => 32, overscan: 20,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? -1;
  const window = long ? shown.slice(first, last + 1) : shown;
  const before = long ? first * 32 : 0;
  const after = long ? Math.max(0, (shown.length - 1 - last) * 32) : 0;
  const keys = (event: KeyboardEvent) => {
    const step = event.key === 'j' || event.key === 'ArrowDown' ? 1 : event.key === 'k' || event.key === 'ArrowUp' ? -1 : 0;
    const row = shown[at];
    if (event.key === 'Enter' && to && row && event.target === event.currentTarget) go(to(row));
    if (step === 0 || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(shown.length - 1, at + step));
    setAt(next);
    if (long) virtual.scrollToIndex(next);
    else box.current?.querySelector(`[data-row="${next}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <div
      ref={box} className={css.box} data-long={long || undefined} role="region" aria-label={label}
      tabIndex={0} onKeyDown={keys} style={tall ? { maxHeight: tall, overflowY: 'auto' } : undefined}
    >
      <table className={css.table} aria-rowcount={shown.length + 1}>
        {head}
        <tbody>
          {before ? <tr aria-hidden style={{ height: before }}><td colSpan={columns.length} /></tr> : null}
          {window.map((row, i) => (
            <tr
              key={rowKey(row)} data-row={first + i} data-at={first + i === at || undefined}
              data-marked={marked?.(row) || undefined} data-door={to ? true : undefined}
              onClick={to ? (event) => {
                if (!(event.target as HTMLElement).closest('a,button,input')) go(to(row));
              } : undefined}
            >
              {columns.map((c, place) => <Cell key={c.key} column={c} row={row} to={place === 0 ? to?.(row) : undefined} />)}
            </tr>
          ))}
          {after ? <tr aria-hidden style={{ height: after }}><td colSpan={columns.length} /></tr> : null}
        </tbody>
      </table>
    </div>
  );
}

/** Where a row opens something, what names it is a link: for a new tab, for a reader of the screen, for whoever has no mouse. */
function Cell<T>({ column, row, to }: { readonly column: Column<T>; readonly row: T; readonly to: string | undefined }) {
  const shown = column.cell(row);
  return (
    <td data-right={column.right || undefined} data-spare={column.spare || undefined} data-wrap={column.wrap || undefined}>
      {to !== undefined && (typeof shown === 'string' || typeof shown === 'number') ? <Link to={to} className={css.door}>{shown}</Link> : shown}
    </td>
  );
}

interface HeadsProps<T> {
  readonly columns: readonly Column<T>[];
  readonly order: Order;
  readonly onOrder: (order: Order) => void;
}

function Heads<T>({ columns, order, onOrder }: HeadsProps<T>) {
  return (
    <thead>
      <tr>
        {columns.map((c) => {
          const down = order?.key === c.key ? order.down : null;
          const Icon = down === null ? IconSelector : down ? IconChevronDown : IconChevronUp;
          return (
            <th
              key={c.key} scope="col" data-right={c.right || undefined} data-spare={c.spare || undefined}
              aria-sort={down === null ? undefined : down ? 'descending' : 'ascending'}
            >
              {c.sort ? (
                <button type="button" onClick={() => onOrder({ key: c.key, down: down === null ? Boolean(c.right) : !down })}>
                  {c.head}<Icon size={13} aria-hidden />
                </button>
              ) : c.head}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

/** What stands for a table until its rows are here. */
export function TableSkeleton({ rows = 8 }: { readonly rows?: number }) {
  return (
    <div className={css.skeleton} aria-hidden>
      {Array.from({ length: rows }, (_, i) => <Skeleton key={i} height={14} width={`${96 - ((i * 13) % 22)}%`} />)}
    </div>
  );
}
