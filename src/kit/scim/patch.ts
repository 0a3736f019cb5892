/**
 * SCIM PATCH (RFC 7644, 3.5.2) over a user: add, replace and remove, by path or by an object of attributes. What a client
 * may not change is refused as `mutability`, what is not there as `invalidPath`; nothing is changed half.
 */
import { bare } from './filter.ts';

/** What a client may say of a user. An absent field is left as it is; null takes the value away. */
export interface UserChange {
  readonly userName?: string;
  readonly externalId?: string | null;
  readonly name?: string;
  readonly email?: string | null;
  readonly active?: boolean;
}

export type ScimType = 'invalidPath' | 'invalidValue' | 'invalidSyntax' | 'mutability' | 'noTarget';

export class PatchError extends Error {
  override readonly name = 'PatchError';
  readonly scimType: ScimType;
  constructor(scimType: ScimType, sentence: string) {
    super(sentence);
    this.scimType = scimType;
  }
}

const readOnly = new Set(['id', 'meta', 'schemas', 'roles', 'groups', 'entitlements']);
const longest = 254;

/** What an `Operations` list comes to. `operations` is what was sent: nothing about it is taken for granted. */
export function changeOfPatch(operations: unknown): UserChange {
  if (!Array.isArray(operations) || operations.length === 0 || operations.length > 100) {
    throw new PatchError('invalidSyntax', 'Operations is a list of 1 to 100 operations.');
  }
  return operations.reduce<UserChange>((change, operation, i) => ({ ...change, ...changeOf(operation, i) }), {});
}

function changeOf(operation: unknown, i: number): UserChange {
  if (!isObject(operation)) throw new PatchError('invalidSyntax', `Operations.${i} is no object.`);
  const { op, path, value } = operation;
  const act = typeof op === 'string' ? op.toLowerCase() : '';
  if (!['add', 'replace', 'remove'].includes(act)) throw new PatchError('invalidSyntax', `Operations.${i}.op is none of add, replace, remove.`);
  if (path !== undefined && (typeof path !== 'string' || path.length > longest)) {
    throw new PatchError('invalidPath', `Operations.${i}.path is no path.`);
  }
  if (act === 'remove') {
    if (path === undefined) throw new PatchError('noTarget', `Operations.${i} removes nothing in particular.`);
    return removal(path);
  }
  return path === undefined ? changeOfAttributes(value, true) : single(path, value);
}

/** What an object of attributes says: the body of PUT and POST, and a patch without a path. Unknown ones are let be. */
export function changeOfAttributes(value: unknown, patching: boolean): UserChange {
  if (!isObject(value)) throw new PatchError('invalidValue', 'The value is no object of attributes.');
  return Object.entries(value).reduce<UserChange>((change, [name, of]) => {
    const key = bare(name);
    // RFC 7643, 7: what is read only is ignored in a whole, and refused where it alone is meant.
    if (readOnly.has(key)) {
      if (patching && key !== 'schemas') throw new PatchError('mutability', `${name} is not changed this way.`);
      return change;
    }
    return known.has(key.replace(mailFilter, 'emails')) ? { ...change, ...single(name, of) } : change;
  }, {});
}

const known = new Set(['username', 'externalid', 'displayname', 'name', 'name.formatted', 'emails', 'emails.value', 'active']);
const mailFilter = /^emails\[[^\]]{0,120}\]/;

function removal(path: string): UserChange {
  const key = targetOf(path);
  if (key === 'externalid') return { externalId: null };
  if (key === 'emails' || key === 'emails.value') return { email: null };
  if (key === 'displayname' || key.startsWith('name')) return {};
  throw new PatchError('mutability', `${path.slice(0, 80)} is required and cannot be removed.`);
}

function single(path: string, value: unknown): UserChange {
  const key = targetOf(path);
  switch (key) {
    case 'active': return { active: flag(value) };
    case 'username': return { userName: text(value, path) };
    case 'externalid': return { externalId: value === null ? null : text(value, path) };
    case 'displayname':
    case 'name.formatted': return { name: text(value, path) };
    case 'name': return nameOf(value);
    case 'emails': return { email: emailOf(value) };
    case 'emails.value': return { email: text(value, path) };
    // Parts of a name alone do not make one; the whole is kept.
    case 'name.givenname':
    case 'name.familyname': return {};
    default: throw new PatchError('invalidPath', `There is no attribute ${path.slice(0, 80)}.`);
  }
}

/** `emails[type eq "work"].value` is the one e-mail we keep. */
function targetOf(path: string): string {
  const key = bare(path.trim()).replace(mailFilter, 'emails');
  if (readOnly.has(key.split(/[.[]/)[0] ?? '')) throw new PatchError('mutability', `${path.slice(0, 80)} is not changed this way.`);
  return key;
}

function nameOf(value: unknown): UserChange {
  if (!isObject(value)) throw new PatchError('invalidValue', 'name is an object.');
  const { formatted, givenName, familyName } = value;
  const whole = typeof formatted === 'string' ? formatted
    : [givenName, familyName].filter((part) => typeof part === 'string').join(' ');
  return whole.trim() === '' ? {} : { name: text(whole, 'name') };
}

function emailOf(value: unknown): string | null {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const mails = list.filter(isObject);
  if (list.length === 0) return null;
  const first = mails.find((m) => m['primary'] === true) ?? mails[0];
  return text(first?.['value'], 'emails.value');
}

/** Some providers send the words. */
function flag(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw new PatchError('invalidValue', 'active is true or false.');
}

function text(value: unknown, path: string): string {
  const said = typeof value === 'string' ? value.trim() : '';
  if (said === '' || said.length > longest) {
    throw new PatchError('invalidValue', `${path.slice(0, 80)} is a text of 1 to ${longest} characters.`);
  }
  return said;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
