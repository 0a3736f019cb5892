/** What is asked of the decision, and what it answers. Everything it knows is in here: it reads no clock and no store. */
import type { Value } from '#kit/condition/condition';

/** Who asks. What is left out is not known, and what a grant makes depend on it is denied. */
export interface Asker {
  readonly org: string;
  readonly person?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  /** Signed in with user verification; a token never is. */
  readonly mfa?: boolean | undefined;
  /** The peer's address. */
  readonly address?: string | undefined;
  readonly attributes?: Readonly<Record<string, Value>> | undefined;
}

/** Who may see something, whatever a grant says: where a list is given, one has to be in it. Empty is nobody. */
export interface Audience {
  readonly orgs?: readonly string[] | undefined;
  readonly persons?: readonly string[] | undefined;
}

/** What the act is about. */
export interface Resource {
  /** Organisation whose record it is: the other side. */
  readonly owner: string;
  readonly kind: string;
  readonly id?: string | undefined;
  /** Every product it concerns; none needs a grant over all the named products. */
  readonly products?: readonly string[] | undefined;
  /** Undefined: nothing labelled is involved. Null: labelled by nobody, which is treated as TLP:RED. */
  readonly tlp?: string | null | undefined;
  /** Undefined: no detail is involved. Null: not known, which denies. */
  readonly level?: number | null | undefined;
  readonly audience?: Audience | null | undefined;
  readonly attributes?: Readonly<Record<string, Value>> | undefined;
}

/** Somebody else's yes to exactly this act. */
export interface Approved {
  readonly person: string;
  readonly org: string;
}

export interface Request {
  readonly actor: Asker;
  readonly action: string;
  readonly resource: Resource;
  readonly purpose: string;
  /** RFC 3339 UTC. */
  readonly now: string;
  readonly approvals?: readonly Approved[] | undefined;
}

/** The resource kind that a right is about: its noun, but where people say it otherwise. */
export function kindOfRight(right: string): string {
  const noun = right.split('.')[0] ?? right;
  const said = new Map([['centre', 'visit'], ['investigation', 'request']]);
  return said.get(noun) ?? noun;
}
