/**
 * The two kinds of no. A Refusal is the caller's doing and says so in one sentence; everything else that is
 * thrown is a fault, ours, of which the caller learns a trace id only. `app/http` alone turns either into an
 * answer, in the shape of RFC 9457 (problem details).
 */

export const refusalStatus = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'not-acceptable': 406,
  conflict: 409,
  gone: 410,
  'too-large': 413,
  unsupported: 415,
  unprocessable: 422,
  'too-many': 429,
  unavailable: 503,
} as const;

export type RefusalKind = keyof typeof refusalStatus;

/** Where a refused act meets the agreement: the clause that says no, or that would have to say yes. */
export interface ClauseRef {
  readonly agreementId: string;
  readonly agreementTitle: string;
  readonly clause: string;
  readonly textSha256: string;
}

export interface RefusalDetail {
  /** What the caller can do about it: one sentence. */
  readonly hint?: string;
  /** The clause that is missing or that forbids. Only for callers who may know the agreement. */
  readonly clause?: ClauseRef;
  /** Whom to ask, as a person would say it. */
  readonly ask?: string;
  /** The operation that a second person has to agree to: what to ask their approval for. */
  readonly operation?: string;
  /** What was decided, so that a page can ask why: the same question, to the explainer. */
  readonly decision?: { readonly right: string; readonly purpose: string; readonly subject: string };
  /** Where in the input: a field path, a line, a file and offset. */
  readonly at?: string;
  /** In how many seconds the same would be answered; the header `Retry-After` says it too. */
  readonly retryAfter?: number;
  /** Further located problems, for forms and imports. */
  readonly problems?: readonly { readonly at: string; readonly problem: string }[];
}

/**
 * The caller's doing. `code` is stable, `noun.reason` in kebab case (`agreement.expired`); `message` is one
 * sentence that names no object the caller may not know of.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly kind: RefusalKind;
  readonly code: string;
  readonly detail: RefusalDetail;
  constructor(kind: RefusalKind, code: string, sentence: string, detail: RefusalDetail = {}) {
    super(sentence);
    this.kind = kind;
    this.code = code;
    this.detail = detail;
  }
  get status(): number {
    return refusalStatus[this.kind];
  }
}

/** RFC 9457 body of a Refusal. It carries nothing that differs between a hidden object and none. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly hint?: string;
  readonly clause?: ClauseRef;
  readonly ask?: string;
  readonly operation?: string;
  readonly decision?: { readonly right: string; readonly purpose: string; readonly subject: string };
  readonly at?: string;
  readonly retryAfter?: number;
  readonly problems?: readonly { readonly at: string; readonly problem: string }[];
}

export function problemOf(refusal: Refusal): Problem {
  return {
    type: `https://entente.example/problems/${refusal.code}`,
    title: refusal.message,
    status: refusal.status,
    code: refusal.code,
    ...refusal.detail,
  };
}

/** The one answer for what is not there and for what one may not know of: the same bytes for both. */
export function noSuch(noun: string): Refusal {
  return new Refusal('not-found', `${noun}.not-found`, `There is no such ${noun.replaceAll('-', ' ')}.`);
}

/** For `catch`: a refusal is heard as null, anything else goes on. */
export function nullIfRefused(error: unknown): null {
  if (error instanceof Refusal) return null;
  throw error;
}

/** States an invariant of our own. A failure is a fault, never a Refusal. */
export function check(condition: unknown, why: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${why}`);
}
