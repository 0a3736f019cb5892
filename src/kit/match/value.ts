/**
 * Values that indicators, warninglists, look-ups and logs have in common, in the one spelling that they are compared in: whoever asks for
 * `hxxp://EVIL[.]example:80/a/../b` finds `http://evil.example/b`. What the spelling is stands in docs/specs/match.md.
 */
import { readAddress, readDomain, readHost, readPrefix } from './host.ts';
import { refang } from './refang.ts';
import { longestValue, urlParts, urlText } from './url.ts';

/** The first ten are found in logs; the others are only looked up, as they are written. */
export const valueKinds = [
  'ipv4', 'ipv6', 'prefix', 'domain', 'url', 'email', 'md5', 'sha1', 'sha256', 'sha512',
  'ssdeep', 'tlsh', 'ja3', 'ja4', 'mutex', 'filename', 'mac', 'asn', 'wallet',
] as const;
export type ValueKind = (typeof valueKinds)[number];

export interface Value {
  readonly kind: ValueKind;
  readonly value: string;
}

const hashKinds: Readonly<Record<number, ValueKind>> = { 32: 'md5', 40: 'sha1', 64: 'sha256', 128: 'sha512' };
const local = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

function readHash(text: string): Value | null {
  const kind = hashKinds[text.length];
  return kind !== undefined && /^[0-9a-f]+$/i.test(text) ? { kind, value: text.toLowerCase() } : null;
}

function readEmail(text: string): Value | null {
  if (!text.includes('@')) return null;
  const bare = text.replace(/^mailto:/i, '');
  const at = bare.lastIndexOf('@');
  const name = bare.slice(0, at).toLowerCase();
  if (at < 1 || name.length > 64 || !local.test(name)) return null;
  const domain = readDomain(bare.slice(at + 1));
  return domain === null ? null : { kind: 'email', value: `${name}@${domain}` };
}

/** A mail address without what follows the plus sign of its name; null where there is none. */
export function withoutTag(email: string): string | null {
  const at = email.lastIndexOf('@');
  const plus = email.indexOf('+');
  return plus > 0 && plus < at ? email.slice(0, plus) + email.slice(at) : null;
}

function readUrl(text: string): Value | null {
  const parts = urlParts(text);
  return parts === null ? null : { kind: 'url', value: urlText(parts) };
}

/** A domain or an address, with or without a port, which is no part of it. */
function readPlace(text: string): Value | null {
  const host = readHost(text);
  if (host) return host;
  const ported = /^(\[[0-9a-f.:]+\]|[^:|]+)[:|](\d{1,5})$/i.exec(text);
  return ported && Number(ported[2]) <= 65_535 ? readHost(ported[1] ?? '') : null;
}

const plain: Readonly<Partial<Record<ValueKind, (text: string) => string | null>>> = {
  ssdeep: (t) => (/^\d+:[0-9A-Za-z+/]+:[0-9A-Za-z+/]+$/.test(t) ? t : null),
  tlsh: (t) => (/^(?:T1)?[0-9a-f]{70}$/i.test(t) ? t.toUpperCase().replace(/^T1/, '') : null),
  ja3: (t) => (/^[0-9a-f]{32}$/i.test(t) ? t.toLowerCase() : null),
  ja4: (t) => (/^[a-z0-9_]{10,80}$/i.test(t) ? t.toLowerCase() : null),
  mutex: (t) => t,
  filename: (t) => t,
  mac: (t) => (/^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i.test(t) ? t.toLowerCase().replaceAll('-', ':') : null),
  asn: (t) => {
    const digits = /^(?:as)?\s?(\d{1,10})$/i.exec(t)?.[1];
    return digits !== undefined && Number(digits) < 2 ** 32 ? String(Number(digits)) : null;
  },
  // Addresses of some currencies mean something else in the other case; those that do not are written in lower case by all.
  wallet: (t) => (/^(?:0x[0-9a-f]{40}|bc1[0-9a-z]{11,87})$/i.test(t) ? t.toLowerCase() : /^[0-9A-Za-z]{20,120}$/.test(t) ? t : null),
};

function readAs(text: string, kind: ValueKind): Value | null {
  const asIs = plain[kind];
  if (asIs) {
    const value = asIs(text);
    return value === null ? null : { kind, value };
  }
  const found = kind === 'url' ? readUrl(text)
    : kind === 'email' ? readEmail(text)
    : kind === 'domain' ? readPlace(text)
    : kind === 'prefix' ? readPrefix(text) ?? readAddress(text)
    : kind === 'ipv4' || kind === 'ipv6' ? readPrefix(text) ?? readPlace(text)
    : readHash(text);
  if (!found || found.kind === kind) return found;
  // An indicator may call a prefix an address, an IPv4 address a mapped one, or a prefix of one address a prefix.
  const addresses: readonly ValueKind[] = ['ipv4', 'ipv6', 'prefix'];
  return addresses.includes(kind) && addresses.includes(found.kind) ? found : null;
}

/** Reads a value of the kind that was said, or of the kind that it shows. Null where it is none; it never throws. */
export function readValue(text: string, kind?: ValueKind): Value | null {
  if (text.length > longestValue) return null;
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (kind !== undefined && plain[kind]) return readAs(trimmed, kind);
  // Digits of a hash are no spelling of anything else: most of what is looked up by the thousand.
  const digest = kind === undefined ? readHash(trimmed) : null;
  if (digest) return digest;
  const bare = refang(trimmed);
  if (kind !== undefined) return readAs(bare, kind);
  const wrapped = /^<(.*)>$/.exec(bare)?.[1] ?? bare;
  if (/^as\d{1,10}$/i.test(wrapped)) return readAs(wrapped, 'asn');
  return readHash(wrapped) ?? readPrefix(wrapped) ?? readPlace(wrapped)
    ?? (wrapped.includes('://') ? null : readEmail(wrapped))
    ?? (/^[\d.]+\/\d*$/.test(wrapped) ? null : /^[a-z][a-z0-9+.-]*:\/\/|^[^\s/?@]+\.[^\s/?@]+[/?]/i.test(wrapped) ? readUrl(wrapped) : null);
}
