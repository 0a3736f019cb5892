/**
 * Deterministic ids of cyber-observable objects (STIX 2.1, 2.9 and 3.4): UUIDv5 over the RFC 8785 text of what makes the object
 * that object, so that two who saw one address call it by one id. Apart from `id.ts`, since it needs a hash.
 */
import { createHash } from 'node:crypto';
import { canonicalText } from '#kit/canonical/canonical';
import { uuidOf } from './id.ts';
import type { ScoType } from './types/names.ts';

export const scoNamespace = '00abedb4-aa42-466c-9c01-fed23315a9b7';

/** "ID Contributing Properties" of each type, section 6. A process has none: its id is random. */
export const contributing: Readonly<Record<ScoType, readonly string[]>> = {
  artifact: ['hashes', 'payload_bin'],
  'autonomous-system': ['number'],
  directory: ['path'],
  'domain-name': ['value'],
  'email-addr': ['value'],
  'email-message': ['from_ref', 'subject', 'body'],
  file: ['hashes', 'name', 'parent_directory_ref', 'extensions'],
  'ipv4-addr': ['value'],
  'ipv6-addr': ['value'],
  'mac-addr': ['value'],
  mutex: ['name'],
  'network-traffic': ['start', 'end', 'src_ref', 'dst_ref', 'src_port', 'dst_port', 'protocols', 'extensions'],
  process: [],
  software: ['name', 'cpe', 'swid', 'vendor', 'version'],
  url: ['value'],
  'user-account': ['account_type', 'user_id', 'account_login'],
  'windows-registry-key': ['key', 'values'],
  'x509-certificate': ['hashes', 'serial_number'],
};

/** Of several hashes one counts: the first of these that is there. */
const hashOrder = ['MD5', 'SHA-1', 'SHA-256', 'SHA-512'];

/** The one hash that counts; of none of the four the first by name, so that the order of keys does not matter. */
function oneHash(hashes: unknown): unknown {
  if (hashes === null || typeof hashes !== 'object' || Array.isArray(hashes)) return hashes;
  const own = hashes as Readonly<Record<string, unknown>>;
  const name = hashOrder.find((known) => Object.hasOwn(own, known)) ?? Object.keys(own).sort()[0];
  return name === undefined ? hashes : { [name]: own[name] };
}

/** UUIDv5 (RFC 4122, 4.3) of a name in a namespace. */
export function uuid5(namespace: string, name: string): string {
  const hash = createHash('sha1').update(Buffer.from(namespace.replaceAll('-', ''), 'hex')).update(name, 'utf8');
  return uuidOf(hash.digest('hex'), 5);
}

/**
 * The id that the standard would give the object, whatever its own is; null where its type has none, where nothing that counts is
 * there (2.9 wants a random one then), or where a value is no JSON.
 */
export function scoId(object: Readonly<Record<string, unknown>>): string | null {
  const type = object['type'];
  if (typeof type !== 'string' || !Object.hasOwn(contributing, type)) return null;
  const parts: Record<string, unknown> = {};
  for (const name of contributing[type as ScoType]) {
    if (Object.hasOwn(object, name)) parts[name] = name === 'hashes' ? oneHash(object[name]) : object[name];
  }
  if (Object.keys(parts).length === 0) return null;
  try {
    return `${type}--${uuid5(scoNamespace, canonicalText(parts))}`;
  } catch {
    return null;
  }
}
