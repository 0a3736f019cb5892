/**
 * How pages ask the hub: one hook to read, one to act, both over the endpoint table of kit/endpoint. The transport is
 * handed in by the shell, so pages and this floor never speak HTTP themselves. A refusal arrives as a ProblemError.
 */
import {
  keepPreviousData, useMutation, useQuery, useQueryClient, type UseMutationResult, type UseQueryResult,
} from '@tanstack/react-query';
import { createContext, useContext, type ReactNode } from 'react';
import type { Endpoint, InputOf, OutputOf } from '#kit/endpoint';
import type { Problem } from '#kit/refusal';

/** An RFC 9457 answer of the hub, or what stands for it when the hub could not be reached (`status` 0). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  /** Of a fault: what to quote when asking for help. */
  readonly traceId: string | null;
  /** What was sent, where a second person has to agree to it first: so that they can be asked. */
  readonly sent: Readonly<Record<string, unknown>> | null;
  constructor(problem: Problem, traceId: string | null = null, sent: Readonly<Record<string, unknown>> | null = null) {
    super(problem.title);
    this.problem = problem;
    this.traceId = traceId;
    this.sent = sent;
  }
}

/** An act that somebody agreed to, as the one who asked for it does it. */
export interface AgreedAct {
  /** The approvals: one, or of an act by mandate as many as its clause wants. */
  readonly ids: readonly string[];
  readonly method: string;
  readonly path: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What one sees of a file on its way. */
export interface Watch {
  readonly sent: (bytes: number, total: number) => void;
  readonly line: (value: unknown) => void;
  readonly signal?: AbortSignal;
}

/** What a reader's browser needs to check one entry of the ledger by itself. */
export interface EntryProof {
  readonly index: number;
  readonly size: number;
  /** Base64, from the entry's sibling up to the root's child. */
  readonly hashes: readonly string[];
  /** The exact bytes of the entry, as text. */
  readonly leaf: string;
  /** The signed note. */
  readonly checkpoint: string;
  /** Verifier key of the log, C2SP signed-note form. */
  readonly vkey: string;
}

/** Something recorded about a subject. */
export interface Recorded {
  readonly index: number;
  readonly kind: string;
  readonly at: string;
  readonly org: string;
  readonly clauses: readonly { readonly clause: string; readonly agreementId: string; readonly agreementTitle: string }[];
}

export interface Transport {
  prove(index: number): Promise<EntryProof>;
  /** What the reader may see recorded about a subject, newest first. */
  recorded(subject: string): Promise<readonly Recorded[]>;
  ask<E extends Endpoint>(endpoint: E, input: InputOf<E>, signal?: AbortSignal): Promise<OutputOf<E>>;
  /** Asks a second person to agree to an act; answers the approval's id. */
  requestApproval(operation: string, input: Readonly<Record<string, unknown>>, reason: string): Promise<string>;
  /** Does what was agreed to, exactly. */
  perform(act: AgreedAct): Promise<unknown>;
  /** Has the reader touch a passkey, so that weighty acts are open. Throws where they did not. */
  touch(): Promise<void>;
  /** A document of the hub that is no endpoint: the map, a ledger tile. */
  bytes(url: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** A link that fetches one long answer once, within a minute, without the cookie. */
  ticket(operation: string): Promise<string>;
  /** An answer of lines (NDJSON), each handed on as it comes. Settles when it has ended; the signal ends it. */
  follow(url: string, take: (value: unknown) => void, signal: AbortSignal): Promise<void>;
  /** Sends a file; the hub answers with NDJSON lines, each handed on as it comes. Settles when the answer has ended. */
  send(url: string, body: Blob, watch: Watch): Promise<void>;
}

const TransportContext = createContext<Transport | null>(null);

export function TransportProvider({ transport, children }: { transport: Transport; children: ReactNode }) {
  return <TransportContext value={transport}>{children}</TransportContext>;
}

export function useTransport(): Transport {
  const transport = useContext(TransportContext);
  if (!transport) throw new Error('invariant broken: pages stand inside a TransportProvider');
  return transport;
}

export interface AskOptions {
  readonly enabled?: boolean;
  /** Milliseconds between looks, for what changes while one watches. */
  readonly every?: number | false;
  /** Keep showing the last answer while the next is under way (filters). */
  readonly keep?: boolean;
}

export function useAsk<E extends Endpoint>(
  endpoint: E, input: InputOf<E>, options: AskOptions = {},
): UseQueryResult<OutputOf<E>, Error> {
  const { ask } = useTransport();
  return useQuery<OutputOf<E>, Error>({
    queryKey: [endpoint.method, endpoint.path, input],
    queryFn: ({ signal }) => ask(endpoint, input, signal).catch(withSent(input)),
    enabled: options.enabled ?? true,
    refetchInterval: options.every ?? false,
    ...(options.keep ? { placeholderData: keepPreviousData as never } : {}),
  });
}

/** What was sent goes with a no that somebody's approval can turn into a yes: they are asked for exactly that. */
const withSent = (input: unknown) => (error: unknown): never => {
  if (!(error instanceof ProblemError) || error.problem.operation === undefined) throw error;
  throw new ProblemError(error.problem, error.traceId, input as Readonly<Record<string, unknown>>);
};

/**
 * Asks; where the hub wants to know that the reader is there, has them touch their passkey in place and asks once more.
 * A touch that did not happen leaves the hub's sentence standing.
 */
export async function askPresent<T>(transport: Pick<Transport, 'touch'>, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.code !== 'session.not-fresh') throw error;
    await transport.touch().catch(() => { throw error; });
    return ask();
  }
}

/** An act. When it is done everything shown is asked for anew: what an act changes is for the hub to know. */
export function useAct<E extends Endpoint>(endpoint: E): UseMutationResult<OutputOf<E>, Error, InputOf<E>> {
  const transport = useTransport();
  const client = useQueryClient();
  return useMutation<OutputOf<E>, Error, InputOf<E>>({
    mutationFn: (input) => askPresent(transport, () => transport.ask(endpoint, input)).catch(withSent(input)),
    onSuccess: () => client.invalidateQueries(),
  });
}

/** Bytes of the hub that do not change while a page is open. */
export function useBytes(url: string): UseQueryResult<Uint8Array<ArrayBuffer>, Error> {
  const { bytes } = useTransport();
  return useQuery({ queryKey: ['bytes', url], queryFn: ({ signal }) => bytes(url, signal), staleTime: Infinity });
}
