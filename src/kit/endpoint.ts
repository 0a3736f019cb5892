/**
 * Endpoints as data. A module's `api.ts` is a record of these; the router, the typed client, OpenAPI, the command
 * line, the access matrix and the generated docs are all read off the same record, so none of them can disagree.
 * Nothing here knows HTTP servers or our nouns.
 */
import type { z } from 'zod';
import type { ClauseRef } from './refusal.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Why a caller may: `public` anyone; `self` one's own account; `role` records of one's own organisation, by the role
 * matrix; `mandate` what touches another party, by a clause of an active agreement. There is no default.
 */
export type By = 'public' | 'self' | 'role' | 'mandate';

export interface Needs<B extends By = By> {
  /** `noun.verb`, the same word as the action, the fact and the command. */
  readonly right: string;
  readonly by: B;
  /** A second person agrees to exactly this content before it is done. */
  readonly approval?: Approval;
  /**
   * By mandate: the right, by the role matrix, of whoever of the other party may agree to the act where a clause asks for their
   * approval. Within the own organisation a colleague agrees who holds `right`.
   */
  readonly agreedBy?: string;
  /**
   * By mandate: what one holds oneself stands in the answer beside what others share, each of whom is asked for by itself. Without
   * any mandate the answer is one's own alone; what a clause lets be done only with somebody's approval is not in it.
   */
  readonly ownToo?: true;
  /** The person has proved presence with a passkey within the last five minutes: no token, no session left open. */
  readonly fresh?: true;
}

/**
 * A two-person act. The one who asks states the whole input; a second person sees it and agrees to its digest; then the
 * first performs it, once, within a day, in the transaction that uses the approval up.
 */
export interface Approval {
  /** Whose person agrees: another of one's own organisation, or one of the other party's. */
  readonly from: 'own-organisation' | 'other-party';
  /** The right that the approver holds there, by the role matrix. */
  readonly right: string;
  /** `always`: no such act without it. `sometimes`: whether it is needed follows from the content, and the action asks. */
  readonly when: 'always' | 'sometimes';
  /** With `other-party`: the field of the input whose object has two parties, named as the object is: `agreement`. */
  readonly party?: string;
  /** Field of the input with the person, or the e-mail of the one, who gains by it. That one never approves it. */
  readonly benefits?: string;
}

export interface Endpoint<
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  B extends By = By,
> {
  readonly method: Method;
  /** Path with `:name` parameters; they are fields of `input` too. */
  readonly path: string;
  /** One sentence, for people who read docs/api.md. */
  readonly summary: string;
  /** A strict object of path, query (GET, DELETE) or body (others) fields. */
  readonly input: I;
  readonly output: O;
  readonly needs: Needs<B>;
  /** 200 unless said. */
  readonly status?: 200 | 201 | 202 | 204;
  /** `raw`: the module's routes.ts answers; here it is named so that docs, rights and the matrix know it. */
  readonly transport?: 'json' | 'raw';
  /** Raw: the body is a file, bounded by the hub's setting and by the room on its disk. Without it the route bounds its body. */
  readonly upload?: true;
  /** A long answer that a browser may fetch once by a ticket in the address; only for GET without path parameters. */
  readonly ticket?: true;
}

export type Api = Readonly<Record<string, Endpoint>>;

/** One that the module's routes.ts answers; marked in the type too, so that no action is asked for it. */
export function raw<E extends Endpoint>(e: E): E & { readonly transport: 'raw' } {
  return { ...e, transport: 'raw' };
}

/** Keeps the exact types of one endpoint; leaving `needs` out does not compile. */
export function endpoint<I extends z.ZodType, O extends z.ZodType, const B extends By>(
  e: Endpoint<I, O, B>,
): Endpoint<I, O, B> {
  return e;
}

/** Who is calling. `roles` are those held in `org`; a token narrows them to its scopes. */
export interface Actor {
  readonly person: string;
  readonly org: string;
  readonly roles: readonly string[];
  readonly via: 'session' | 'token' | 'system';
  /** Rights the token is limited to; absent for a session. */
  readonly scopes?: readonly string[];
  /** Session or token id, for the trail. */
  readonly credential: string;
  /** Rights held for the moment by broken glass, beside those of the roles; own records only, never a mandate. */
  readonly emergency?: readonly string[];
  /** When a passkey last proved in this session that the person is there, in milliseconds; absent for a token. */
  readonly provedAt?: number;
}

export type Tlp = 'CLEAR' | 'GREEN' | 'AMBER' | 'AMBER+STRICT' | 'RED';
export type Purpose =
  | 'incident-response' | 'cvd' | 'investigation' | 'advisory' | 'training' | 'consultation' | 'oversight';

/** What an act is about, as the decision needs it. */
export interface About {
  /** Organisation whose record it is: the other side. */
  readonly owner: string;
  /** Resource kind, e.g. `feed`, `source`, `exposure`. */
  readonly kind: string;
  readonly id?: string;
  readonly purpose: Purpose;
  readonly products?: readonly string[];
  readonly tlp?: Tlp;
  /** 0 none, 1 notice, 2 summary, 3 technical detail, 4 raw evidence, PoC, source. */
  readonly level?: 0 | 1 | 2 | 3 | 4;
  /**
   * Whether the actor may know that it exists. If not, a denial is 404 in the words of `noun`.
   */
  readonly known: boolean;
  readonly noun: string;
}

/** An allowed act: the grants and clauses that allow it, for the fact and for the page. */
export interface Allowed {
  readonly grantIds: readonly string[];
  readonly clauses: readonly ClauseRef[];
  /** Markings that the same act reaches: what a list by mandate may show. Absent for one's own records: all. */
  readonly labels?: readonly Tlp[];
  /** Id of the decision's own record; absent for one's own record, on which nobody decides. */
  readonly decision?: string;
  /** Approvals that it leaned on, all of them used up by now. */
  readonly approvals?: readonly Agreed[];
}

/** Somebody else's yes to an act by mandate, and for whose organisation it was given. */
export interface Agreed {
  readonly approval: string;
  readonly person: string;
  readonly org: string;
}

/** The approval that an act used up, for its fact. */
export interface Approved {
  readonly approval: string;
  readonly by: string;
}

/** A transaction on the records, as far as this floor needs to know it. */
export interface Transaction {
  as(): unknown;
}

/** What an action is handed beside its input. A = Actor, or Actor | null where the endpoint is public. */
export interface Caller<A extends Actor | null = Actor> {
  readonly actor: A;
  readonly traceId: string;
  /** The peer's address as the trusted proxies say, for rate limits; never stored beside a person. */
  readonly address: string;
  /** What the client calls itself, for the list of one's own sessions. */
  readonly agent?: string;
  /**
   * Decides an act by mandate; throws the Refusal. An endpoint `by: 'mandate'` that answers without having asked
   * is a fault.
   */
  may(right: string, about: About): Promise<Allowed>;
  /** Aborted when what the answer rests on ends while it is still being given: streams, downloads and uploads stop then. */
  readonly until: AbortSignal;
  /** One more thing that must stay true while the answer is being given; `check` throws when it does not. */
  holds(check: () => Promise<unknown>): void;
  /**
   * Uses up the approval that came with the request, in the act's own transaction; throws the Refusal where there is none
   * for this content. An endpoint that always needs one and answers without having used it is a fault.
   */
  approved(tx: Transaction): Promise<Approved>;
  /** What the answer carries besides its body: a session cookie to set or to clear. */
  readonly reply: { setSession(secret: string, maxAgeSeconds: number): void; clearSession(): void };
}

type CallerOf<E extends Endpoint> = E['needs']['by'] extends 'public' ? Caller<Actor | null> : Caller<Actor>;

type JsonNames<A extends Api> = {
  [K in keyof A]: A[K]['transport'] extends 'raw' ? never : K;
}[keyof A];

/** Exactly one function per endpoint of a module: a missing one does not compile. */
export type Actions<A extends Api> = {
  readonly [K in JsonNames<A>]: (
    input: z.output<A[K]['input']>,
    caller: CallerOf<A[K]>,
  ) => Promise<z.input<A[K]['output']>>;
};

/** What one sends to an endpoint, and what one gets. */
export type InputOf<E extends Endpoint> = z.input<E['input']>;
export type OutputOf<E extends Endpoint> = z.output<E['output']>;

/** Names of the `:parameters` in a path, in order. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/:([A-Za-z]+)/g)].map((m) => m[1] ?? '');
}

/**
 * Whether a clause can ask for somebody's approval of such an act: the whole of it stands in its input. The body of a raw
 * request does not, and nobody could agree to it; what always or sometimes is a two-person act already has its own.
 */
export function isAgreeable({ needs, transport, method }: Pick<Endpoint, 'needs' | 'transport' | 'method'>): boolean {
  return needs.by === 'mandate' && needs.ownToo === undefined && needs.approval === undefined && (transport !== 'raw' || method === 'GET');
}

/** Splits validated input back into a URL and a body, for the client and the command line. */
export function requestOf(e: Endpoint, input: Readonly<Record<string, unknown>>): { url: string; body: string | null } {
  const rest: Record<string, unknown> = { ...input };
  const url = e.path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  if (e.method !== 'GET' && e.method !== 'DELETE') return { url, body: JSON.stringify(rest) };
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(rest)) {
    if (value !== undefined && value !== null) query.set(key, String(value));
  }
  return { url: query.size ? `${url}?${query}` : url, body: null };
}
