/**
 * An answer that is told line by line while the work goes on: NDJSON, each line an object with its `phase`, the last one what became of
 * it. Who reads may go away; the work does not fail for that, since its record is what counts. What is done for the reader alone heeds `gone`.
 */
import { ReadableStream } from 'node:stream/web';
import { Refusal, problemOf } from './refusal.ts';

export type Say = (line: object) => void;

/** A Refusal of the work is its last line, `{phase: "failed", problem}`; anything else that it throws ends the answer where it is. */
export function answerInLines(work: (say: Say, gone: AbortSignal) => Promise<void>): Response {
  const text = new TextEncoder();
  const leaving = new AbortController();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const say: Say = (line) => {
        try {
          controller.enqueue(text.encode(`${JSON.stringify(line)}\n`));
        } catch {
          // Nobody listens any more.
        }
      };
      try {
        await work(say, leaving.signal);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        say({ phase: 'failed', problem: problemOf(error) });
      } finally {
        try {
          controller.close();
        } catch {
          // Closed by who went away.
        }
      }
    },
    cancel: () => leaving.abort(),
  });
  return new Response(body as never, { headers: { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' } });
}
