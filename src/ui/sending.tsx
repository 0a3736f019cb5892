/** A file on its way to the hub: how much has been sent, and what the answer, told line by line, says of it meanwhile. */
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Problem } from '#kit/refusal';
import { ProblemError, useTransport } from './asking.tsx';

/** How far it is; beside it stands whatever the page reads out of the lines. */
export interface Sending {
  readonly sent: number;
  readonly size: number;
  readonly error: Error | null;
  readonly over: boolean;
}

interface Sent<T> {
  readonly url: string;
  readonly file: File;
  /** What the page knows before the first line. */
  readonly start: T;
  /** Whether anything is kept, so that what is shown elsewhere may have changed. */
  readonly keeps: boolean;
}

/** `told` is what one line changes. A problem that a line holds is the sending's error. */
export function useSending<T extends object>(told: (line: unknown, was: T) => Partial<T>): {
  readonly going: (Sending & T) | null; readonly take: (sent: Sent<T>) => Promise<void>; readonly cancel: () => void;
} {
  const { send } = useTransport();
  const queries = useQueryClient();
  const [going, setGoing] = useState<(Sending & T) | null>(null);
  const stop = useRef<AbortController | null>(null);
  const take = async ({ url, file, start, keeps }: Sent<T>): Promise<void> => {
    stop.current = new AbortController();
    setGoing({ ...start, sent: 0, size: file.size, error: null, over: false });
    const change = (patch: (was: T) => Partial<Sending> & Partial<T>): void => setGoing((was) => (was ? { ...was, ...patch(was) } : was));
    try {
      await send(url, file, {
        signal: stop.current.signal,
        sent: (sent, size) => change(() => ({ sent, size }) as Partial<Sending> & Partial<T>),
        line: (line) => {
          const { problem } = line as { readonly problem?: Problem };
          change((was) => ({ ...told(line, was), ...(problem ? { error: new ProblemError(problem) } : {}) }));
        },
      });
      change(() => ({ over: true }) as Partial<Sending> & Partial<T>);
    } catch (error) {
      change(() => ({ over: true, error: error instanceof Error ? error : new Error(String(error)) }) as Partial<Sending> & Partial<T>);
    }
    if (keeps) await queries.invalidateQueries();
  };
  return { going, take, cancel: () => stop.current?.abort() };
}
