/**
 * HTTP Message Signatures (RFC 9421) of requests: which bytes a signature is over, and whose it says it is. Pure: whether a key
 * is known, whether the time fits and what must be covered is `profile.ts`; verifying itself is handed in.
 */
import { bytesOf, FieldError, itemText, listsOf, listText, type InnerList, type Item } from './fields.ts';

/** A request as it was sent. */
export interface SignedRequest {
  readonly method: string;
  /** In full; its query as sent. */
  readonly url: URL;
  /** A field's value, several lines joined by a comma; null where it is not there. */
  header(name: string): string | null;
}

export interface ReadSignature {
  readonly label: string;
  readonly components: readonly string[];
  readonly created: number | null;
  readonly expires: number | null;
  readonly keyid: string | null;
  readonly alg: string | null;
  readonly nonce: string | null;
  readonly signature: Uint8Array;
  /** What is signed, to the byte (RFC 9421, 2.5). */
  readonly base: string;
}

/** Why something is no signature. */
export type SignatureFault = 'missing' | 'malformed' | 'component';

export class SignatureError extends Error {
  override readonly name = 'SignatureError';
  readonly fault: SignatureFault;
  /** The field or the component. */
  readonly at: string;
  constructor(fault: SignatureFault, at: string, sentence: string) {
    super(sentence);
    this.fault = fault;
    this.at = at;
  }
}

const derived: Readonly<Record<string, (request: SignedRequest) => string>> = {
  '@method': ({ method }) => method.toUpperCase(),
  '@target-uri': ({ url }) => url.href,
  '@authority': ({ url }) => url.host.toLowerCase(),
  '@scheme': ({ url }) => url.protocol.slice(0, -1),
  '@request-target': ({ url }) => `${url.pathname}${url.search}`,
  '@path': ({ url }) => url.pathname || '/',
  '@query': ({ url }) => url.search || '?',
};

function valueOf(request: SignedRequest, item: Item): string {
  const name = item.value;
  if (item.params.size > 0) throw new SignatureError('component', name, `The component ${itemText(item)} has parameters, which is not understood.`);
  if (name.startsWith('@')) {
    const how = Object.hasOwn(derived, name) ? derived[name] : undefined;
    if (!how) throw new SignatureError('component', name, `The component ${name} is not known.`);
    return how(request);
  }
  const value = /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) ? request.header(name) : null;
  if (value === null) throw new SignatureError('component', name, `The component ${name} is signed, and the request has no such field.`);
  return value.replaceAll(/\r?\n[ \t]+/g, ' ').trim();
}

/** The signature base of a request for a list of components. */
export function signedText(request: SignedRequest, list: InnerList): string {
  const names = list.items.map(itemText);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new SignatureError('component', twice, `The component ${twice} is named twice.`);
  return [
    ...list.items.map((item) => `${itemText(item)}: ${valueOf(request, item)}`), `"@signature-params": ${listText(list)}`,
  ].join('\n');
}

function read<T>(request: SignedRequest, name: string, how: (text: string) => Map<string, T>): Map<string, T> {
  const text = request.header(name);
  if (text === null || text.trim() === '') throw new SignatureError('missing', name, `The request has no field ${name}.`);
  try {
    return how(text);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    throw new SignatureError('malformed', name, `The field ${name} ${error.message}.`);
  }
}

/** The one signature of a request; throws a SignatureError. A request with several is refused: which one counts would be a guess. */
export function readSignature(request: SignedRequest): ReadSignature {
  const inputs = read(request, 'signature-input', listsOf);
  const signatures = read(request, 'signature', bytesOf);
  const [[label, list] = ['', null], ...others] = [...inputs];
  if (list === null || others.length > 0) {
    throw new SignatureError('malformed', 'signature-input', `The request has ${inputs.size} signatures; it must have one.`);
  }
  const signature = signatures.get(label);
  if (signature === undefined) throw new SignatureError('malformed', 'signature', `The field signature has nothing named ${label}.`);
  const parameter = <T extends 'string' | 'number'>(name: string, type: T): (T extends 'string' ? string : number) | null => {
    const value = list.params.get(name);
    if (value === undefined) return null;
    if (typeof value !== type) throw new SignatureError('malformed', name, `The parameter ${name} of the signature is not a ${type}.`);
    return value as never;
  };
  return {
    label, signature, components: list.items.map((item) => item.value),
    created: parameter('created', 'number'), expires: parameter('expires', 'number'), keyid: parameter('keyid', 'string'),
    alg: parameter('alg', 'string'), nonce: parameter('nonce', 'string'), base: signedText(request, list),
  };
}
