/** A running hub as the command line sees it: over loopback, with an API token. */
import { StartError } from '#world/folder';

/** The hub said no. */
export class HubRefused extends StartError {
  readonly status: number;
  readonly code: string | null;
  constructor(sentence: string, status: number, code: string | null) {
    super(sentence, status === 401 || status === 403 ? 77 : 70);
    this.status = status;
    this.code = code;
  }
}

export interface Hub {
  ask<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Sends a file. */
  post<T>(path: string, bytes: Uint8Array): Promise<T>;
  /** Sends a stream, which is opened anew where it has to be sent again; `line` is told each line of the NDJSON that comes back. */
  stream(path: string, open: () => AsyncIterable<Uint8Array>, line: (text: string) => void, fields?: Readonly<Record<string, string>>): Promise<void>;
  /** The bytes of an answer, as they come. */
  bytes(path: string): Promise<AsyncIterable<Uint8Array>>;
}

/** Seconds that a command waits for its budget of requests, all in all; a command in a script must come to an end. */
const longestWait = 120;

export function hubAt(address: string, token: string | undefined): Hub {
  if (token === undefined) {
    throw new StartError(`A hub holds the data folder at ${address}; give an API token in ENTENTE_TOKEN to speak to it.`, 77);
  }
  const send = async (
    method: string, path: string, open?: () => RequestInit['body'],
    fields: Readonly<Record<string, string>> = { 'content-type': 'application/json' }, waited = 0,
  ): Promise<Response> => {
    const body = open?.();
    const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : fields) };
    // `duplex` is required for a streamed body; the type of RequestInit does not know it everywhere.
    const init = { method, headers, ...(body === undefined ? {} : { body, duplex: 'half' }) } as RequestInit;
    const answer = await fetch(`${address}${path}`, init).catch((error: Error) => {
      throw new StartError(`The hub at ${address} does not answer (${(error.cause as { code?: string })?.code ?? error.message}).`, 69);
    });
    if (answer.ok) return answer;
    const seconds = Number(answer.headers.get('retry-after') ?? 'none');
    if (answer.status === 429 && waited + seconds <= longestWait) {
      await answer.body?.cancel();
      await new Promise((resolve) => { setTimeout(resolve, seconds * 1_000); });
      return send(method, path, open, fields, waited + seconds);
    }
    const problem = (await answer.json().catch(() => ({}))) as { title?: string; hint?: string; code?: string };
    const sentences = [problem.title ?? `The hub answered ${answer.status}.`, problem.hint].filter((s) => s !== undefined);
    throw new HubRefused(sentences.join(' '), answer.status, problem.code ?? null);
  };
  return {
    ask: async <T>(method: string, path: string, body?: unknown) =>
      (await send(method, path, body === undefined ? undefined : () => JSON.stringify(body))).json() as Promise<T>,
    post: async <T>(path: string, bytes: Uint8Array) =>
      (await send('POST', path, () => Uint8Array.from(bytes), { 'content-type': 'application/octet-stream' })).json() as Promise<T>,
    async stream(path, open, line, fields = {}) {
      const body = (): RequestInit['body'] => ReadableStream.from(open()) as NonNullable<RequestInit['body']>;
      const answer = await send('POST', path, body, { 'content-type': 'application/octet-stream', ...fields });
      const decoder = new TextDecoder();
      const rest = { text: '' };
      for await (const piece of answer.body ?? []) {
        const lines = (rest.text + decoder.decode(piece as Uint8Array, { stream: true })).split('\n');
        rest.text = lines.pop() ?? '';
        for (const text of lines.filter((l) => l !== '')) line(text);
      }
    },
    async bytes(path) {
      const { body } = await send('GET', path);
      if (!body) throw new StartError('The hub sent nothing.', 70);
      return body as AsyncIterable<Uint8Array>;
    },
  };
}
