/**
 * URLs in the one spelling that they are compared in: the canonical form of Google's Safe Browsing (escapes undone and made again, dot
 * segments and doubled slashes gone, no fragment), with the scheme kept, credentials and the scheme's own port gone. Works on bytes, one a
 * character, so that escapes of no UTF-8 stay what they are.
 */
import { toUtf8 } from '#kit/encoding';
import { readHost, type Host } from './host.ts';

export const longestValue = 8192;

const ports: Readonly<Record<string, string>> = { http: '80', https: '443', ftp: '21', ws: '80', wss: '443' };

export interface UrlParts {
  readonly scheme: string;
  readonly host: Host;
  /** With its colon, or empty. */
  readonly port: string;
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
}

function bytesOf(text: string): string {
  if (!/[^\x00-\x7f]/.test(text)) return text;
  let out = '';
  for (const byte of toUtf8(text)) out += String.fromCharCode(byte);
  return out;
}

const hexValue = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
};

/** Undoes escapes until none is left, also those that undoing makes. */
export function unescaped(text: string): string {
  if (!text.includes('%')) return text;
  const out: number[] = [];
  for (let i = 0; i < text.length; i++) {
    out.push(text.charCodeAt(i));
    while (out.length > 2 && out[out.length - 3] === 37) {
      const high = hexValue(out[out.length - 2] as number);
      const low = hexValue(out[out.length - 1] as number);
      if (high < 0 || low < 0) break;
      out.length -= 3;
      out.push(high * 16 + low);
    }
  }
  let result = '';
  for (const code of out) result += String.fromCharCode(code);
  return result;
}

function escaped(text: string): string {
  return text.replace(/[^!"$&-~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

function pathOf(text: string): string {
  const out: string[] = [];
  const steps = text.split('/');
  for (const step of steps) {
    if (step === '..') out.pop();
    else if (step !== '.' && step !== '') out.push(step);
  }
  const last = steps.at(-1);
  const open = out.length > 0 && (last === '' || last === '.' || last === '..');
  return `/${out.join('/')}${open ? '/' : ''}`;
}

/** Null where the text is no URL with a host that is a domain or an address. Without a scheme it is http. */
export function urlParts(text: string): UrlParts | null {
  const bare = text.replace(/[\t\r\n]/g, '').trim();
  if (bare.length > longestValue) return null;
  const found = /^(?:([a-z][a-z0-9+.-]{0,31}):\/\/)?([^/?#\\]*)([^?#]*)(\?[^#]*)?/i.exec(bare);
  if (!found) return null;
  const scheme = (found[1] ?? 'http').toLowerCase();
  const authority = (found[2] ?? '').slice((found[2] ?? '').lastIndexOf('@') + 1);
  const cut = /^(\[[^\]]*\]|[^:]*)(?::(\d{0,5}))?$/.exec(authority);
  if (!cut) return null;
  const name = cut[1] ?? '';
  const host = readHost(/%/.test(name) ? fromBytes(unescaped(bytesOf(name))) : name.replace(/^\.+|\.+$/g, '').replace(/\.{2,}/g, '.'))
    ?? oddAddress(name);
  if (!host) return null;
  const given = cut[2] ?? '';
  if (Number(given) > 65_535) return null;
  const port = given === '' || String(Number(given)) === ports[scheme] ? '' : `:${Number(given)}`;
  const rest = found[3] ?? '';
  return {
    scheme, host, port, path: escaped(pathOf(unescaped(bytesOf(rest)))).replaceAll('?', '%3F'),
    query: escaped(unescaped(bytesOf(found[4] ?? ''))),
  };
}

function fromBytes(text: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(text, (c) => c.charCodeAt(0)));
  } catch {
    return '';
  }
}

/** IPv4 as one number, in octal or in hex, as browsers take it within a URL and nowhere else. */
function oddAddress(name: string): Host | null {
  if (!/^(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}$/i.test(name)) return null;
  try {
    return readHost(new URL(`http://${name}`).hostname);
  } catch {
    return null;
  }
}

export function urlText(url: UrlParts): string {
  const host = url.host.kind === 'ipv6' ? `[${url.host.value}]` : url.host.value;
  return `${url.scheme}://${host}${url.port}${url.path}${url.query}`;
}

/** Ends of the host, longest first: itself and up to four of its parents, as Safe Browsing asks; an address has none. */
function hostsOf(host: Host): string[] {
  if (host.kind !== 'domain') return [host.kind === 'ipv6' ? `[${host.value}]` : host.value];
  const labels = host.value.split('.');
  const from = Math.max(1, labels.length - 5);
  const out = [host.value];
  for (let i = from; i < labels.length - 1 && out.length < 5; i++) out.push(labels.slice(i).join('.'));
  return out;
}

/** Beginnings of the path: with the query, without, then the root and up to three folders. */
function pathsOf(url: UrlParts): string[] {
  const out = new Set<string>();
  if (url.query !== '') out.add(url.path + url.query);
  out.add(url.path);
  const folders = url.path.split('/').slice(1, -1);
  for (let i = 0; i <= Math.min(3, folders.length); i++) out.add(`/${folders.slice(0, i).map((f) => `${f}/`).join('')}`);
  return [...out];
}

/** At most thirty URLs that cover this one, itself first. */
export function coveringUrls(url: UrlParts): string[] {
  const out: string[] = [];
  for (const host of hostsOf(url.host)) for (const path of pathsOf(url)) out.push(`${url.scheme}://${host}${url.port}${path}`);
  return out;
}
