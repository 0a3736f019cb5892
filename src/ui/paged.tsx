/** Long lists come in pages by cursor; this keeps the pages that were opened and the door to the next. */
import { Button } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Endpoint, InputOf, OutputOf } from '#kit/endpoint';
import { useTransport } from './asking.tsx';
import { useWords } from './words.tsx';

export interface Paged<T> {
  readonly rows: readonly T[] | undefined;
  readonly error: Error | null;
  readonly again: () => void;
  /** The door to the next page; null on the last. */
  readonly more: ReactNode;
}

export function usePaged<E extends Endpoint, T>(
  endpoint: E, input: InputOf<E>,
  read: (answer: OutputOf<E>) => { readonly items: readonly T[]; readonly next: string | number | null },
  cursor = 'cursor', enabled = true,
): Paged<T> {
  const { ask } = useTransport();
  const { t } = useWords();
  const found = useInfiniteQuery({
    queryKey: [endpoint.method, endpoint.path, input, 'paged'],
    queryFn: ({ pageParam, signal }) => ask(
      endpoint, { ...(input as object), ...(pageParam === null ? {} : { [cursor]: pageParam }) } as InputOf<E>, signal,
    ),
    initialPageParam: null as string | number | null,
    getNextPageParam: (last) => read(last).next,
    placeholderData: keepPreviousData,
    enabled,
  });
  return {
    rows: found.data?.pages.flatMap((page) => read(page).items),
    error: found.error,
    again: () => void found.refetch(),
    more: found.hasNextPage ? (
      <Button variant="default" size="xs" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
        {t('ui.more')}
      </Button>
    ) : null,
  };
}
