/**
 * The log as a port: one line of JSON per request, job and reaction, `noun.verb` with ids, counts and times. Never
 * content, secrets or names of people. Lines may be lost; what matters legally is a fact in the ledger.
 */
import type { Clock } from './clock.ts';

export type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Trace {
  info(event: string, fields?: Fields): void;
  /** Someone should look this week. */
  warn(event: string, fields?: Fields): void;
  /** Someone should look now. `error` is for operators only: its text never reaches a caller. */
  error(event: string, error: unknown, fields?: Fields): void;
}

/** A trace that writes lines; with `least` 'warn' only those that someone should look at. */
export function lineTrace(clock: Clock, write: (line: string) => void, least: 'info' | 'warn' = 'info'): Trace {
  const line = (level: string, event: string, fields: Fields = {}): void =>
    write(`${JSON.stringify({ at: clock.iso(), level, event, ...fields })}\n`);
  return {
    info: (event, fields) => { if (least === 'info') line('info', event, fields); },
    warn: (event, fields) => line('warn', event, fields),
    error: (event, error, fields) =>
      line('error', event, { ...fields, error: error instanceof Error ? chain(error) : String(error) }),
  };
}

/** A trace that keeps its lines, for tests. */
export function keptTrace(): Trace & { readonly lines: { level: string; event: string; fields: Fields }[] } {
  const lines: { level: string; event: string; fields: Fields }[] = [];
  return {
    lines,
    info: (event, fields = {}) => void lines.push({ level: 'info', event, fields }),
    warn: (event, fields = {}) => void lines.push({ level: 'warn', event, fields }),
    error: (event, error, fields = {}) =>
      void lines.push({ level: 'error', event, fields: { ...fields, error: String(error) } }),
  };
}

function chain(error: Error): string {
  const cause = error.cause instanceof Error ? `: ${chain(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
