/** A door to a long answer: the hub makes a link that is good once, and the browser's own download takes it. */
import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTransport } from './asking.tsx';
import { ProblemNote } from './ProblemNote.tsx';

export function Download({ operation, children }: { readonly operation: string; readonly children: ReactNode }) {
  const { ticket } = useTransport();
  const asked = useMutation({
    mutationFn: () => ticket(operation),
    onSuccess: (url) => window.location.assign(url),
  });
  return (
    <>
      <Button
        leftSection={<IconDownload size={16} aria-hidden />} loading={asked.isPending}
        onClick={() => asked.mutate()}
      >
        {children}
      </Button>
      {asked.error ? <ProblemNote error={asked.error} /> : null}
    </>
  );
}

/** A short answer as an address that the browser saves as a file. */
export const fileUrl = (mediaType: string, text: string): string => `data:${mediaType};charset=utf-8,${encodeURIComponent(text)}`;
