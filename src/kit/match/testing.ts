/** Slow and plain: every occurrence in a text, by docs/specs/match.md to the letter, with expressions and without tables. For tests only. */
import { readIp, formatIp, isV4 } from '#kit/ip/ip';
import { readDomain } from './host.ts';
import { candidatesOf } from './probes.ts';
import { refangedOf } from './refang.ts';
import { urlParts, urlText } from './url.ts';
import type { Value } from './value.ts';

/** Value, and from where to where, in bytes. */
export interface Occurrence {
  readonly value: string;
  readonly from: number;
  readonly to: number;
}
type Known = (value: Value) => boolean;

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const mark = String.raw`(?:\[(?:\.|dot|@|at|:\/?\/?|\/\/?)\]|\((?:\.|dot|@|at|:)\)|\{(?:\.|dot|@|at)\})`;
const borderHex = String.raw`(?:(?!2[de]|3\d|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9a])[0-7][0-9a-f])`;
const escapes = {
  '%': new RegExp(String.raw`^(?:25)*(?:${borderHex})?`, 'i'),
  '\\': new RegExp(String.raw`^(?:x(?:${borderHex})|u00(?:${borderHex})|[abfnrtv0])`),
} as const;

/** Where reading may begin besides the beginning. */
function afterEscape(text: string, from: number): number | null {
  const before = text[from - 1];
  if (before !== '%' && before !== '\\') return null;
  const rest = text.slice(from, from + 8192);
  const found = escapes[before].exec(before === '%' ? rest : rest.replace(/(?<=^u..)../, (h) => h.toLowerCase()).replace(/(?<=^x)../, (h) => h.toLowerCase()));
  return found && found[0] !== '' ? from + found[0].length : null;
}

/** Words of the text, whose letters are bytes. */
function* wordsOf(text: string): Generator<Piece> {
  for (const run of text.matchAll(/[0-9A-Za-z._\-\x80-\xff]+/g)) {
    if (run[0].length > 8192) continue;
    const bytes = Uint8Array.from(run[0], (c) => c.charCodeAt(0));
    let from = 0;
    let at = 0;
    let word = '';
    const cut = (): Piece[] => (word === '' ? [] : [{ from: run.index + from, to: run.index + at, text: word }]);
    while (at < bytes.length) {
      const size = [1, 2, 3, 4].find((n) => isOne(bytes.subarray(at, at + n), n)) ?? 0;
      const character = size === 0 ? '' : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(at, at + size));
      if (size !== 0 && /^[\p{L}\p{M}\p{N}._-]$/u.test(character)) {
        word += character;
        at += size;
        continue;
      }
      yield* cut();
      at += Math.max(1, size);
      from = at;
      word = '';
    }
    yield* cut();
  }
}
function isOne(bytes: Uint8Array, size: number): boolean {
  if (bytes.length !== size) return false;
  try {
    return [...new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)].length === 1;
  } catch {
    return false;
  }
}

/** A word with what is left of it in bytes when letters are cut from its ends. */
function trimmed({ from, to, text }: Piece, start: RegExp, end: RegExp): Piece {
  const head = start.exec(text)?.[0].length ?? 0;
  const rest = text.slice(head);
  const tail = end.exec(rest)?.[0].length ?? 0;
  return { from: from + head, to: to - tail, text: rest.slice(0, rest.length - tail) };
}

/** The word as it stands, and without an escape before it. */
function readings(text: string, word: Piece): Piece[] {
  const after = afterEscape(text, word.from);
  return after === null || after >= word.to || /[^\x00-\x7f]/.test(word.text) ? [word]
    : [word, { from: after, to: word.to, text: word.text.slice(after - word.from) }];
}

function* domains(text: string, word: Piece): Generator<[Value, Piece]> {
  if (text[word.to] === '@' && /[0-9A-Za-z._\-\x80-\xff]/.test(text[word.to + 1] ?? '')) return;
  const seen = new Set<string>();
  for (const reading of readings(text, word)) {
    const bare = trimmed(reading, /^\.+/, /\.+$/);
    const name = /[^\x00-\x7f]/.test(bare.text) ? readDomain(bare.text) ?? '' : bare.text.toLowerCase();
    const labels = name.split('.');
    for (let i = 0; i < labels.length; i++) {
      const value = labels.slice(i).join('.');
      if (!seen.has(value)) yield [{ kind: 'domain', value }, bare];
      seen.add(value);
    }
  }
}

function* addresses(text: string): Generator<[Value, Piece]> {
  const taken: Piece[] = [];
  for (const run of text.matchAll(/[0-9A-Za-z:._-]+/g)) {
    if (run[0].length > 128 || !run[0].includes(':')) continue;
    const whole = { from: run.index, to: run.index + run[0].length, text: run[0] };
    for (const reading of readings(text, whole)) {
      const bare = trimmed(reading, /^(?:(?![0-9a-f]{1,4}:)[a-z_-]+[46]?:)*/i, /\.+$/);
      const last = /[^:]:$/.test(bare.text) ? { ...bare, to: bare.to - 1, text: bare.text.slice(0, -1) } : bare;
      const bytes = new Uint8Array(16);
      if (!last.text.includes(':') || last.text === '::' || !readIp(last.text, bytes)) continue;
      taken.push(last);
      yield [{ kind: isV4(bytes) ? 'ipv4' : 'ipv6', value: formatIp(bytes) }, last];
      break;
    }
  }
  for (const word of wordsOf(text)) {
    for (const reading of readings(text, word)) {
      const bare = trimmed(reading, /^\.+/, /\.+$/);
      const bytes = new Uint8Array(16);
      if (bare.text.includes(':') || !readIp(bare.text, bytes) || taken.some((t) => bare.from >= t.from && bare.to <= t.to)) continue;
      yield [{ kind: 'ipv4', value: formatIp(bytes) }, bare];
    }
  }
}

function* hashes(text: string, word: Piece): Generator<[Value, Piece]> {
  if (/[^\x00-\x7f]/.test(word.text)) return;
  const kinds = { 32: 'md5', 40: 'sha1', 64: 'sha256', 128: 'sha512' } as const;
  const pieces = [...word.text.matchAll(/[0-9A-Za-z]+/g)].map((p) => ({ from: word.from + p.index, to: word.from + p.index + p[0].length, text: p[0] }));
  const after = afterEscape(text, word.from);
  const first = pieces[0];
  const all = after !== null && first && first.from === word.from && after <= first.to
    ? [...pieces, { from: after, to: first.to, text: first.text.slice(after - first.from) }] : pieces;
  for (const piece of all) {
    const kind = kinds[piece.text.length as keyof typeof kinds];
    if (kind !== undefined && /^[0-9a-f]+$/i.test(piece.text)) yield [{ kind, value: piece.text.toLowerCase() }, piece];
  }
}

function* mails(text: string, word: Piece): Generator<[Value, Piece]> {
  const bare = trimmed(word, /^/, /\.+$/);
  const domain = readDomain(bare.text);
  if (text[word.from - 1] !== '@' || domain === null || domain.startsWith('*') || bare.text.startsWith('.')) return;
  const name = /[0-9a-z.!#$%&'*+/=?^_`{|}~-]*$/i.exec(text.slice(Math.max(0, word.from - 65), word.from - 1))?.[0] ?? '';
  const begin = word.from - 1 - name.length;
  const starts = new Set<number>();
  for (let i = begin; i < word.from - 1; i++) {
    if (text[i] === '.' || !/(?:^|[^0-9A-Za-z._+-])\.*$/.test(text.slice(0, i))) continue;
    starts.add(i);
    const after = afterEscape(text, i);
    if (after !== null && after < word.from - 1) starts.add(after);
  }
  for (const from of starts) {
    yield [{ kind: 'email', value: `${text.slice(from, word.from - 1).toLowerCase()}@${domain}` }, { from, to: bare.to, text: '' }];
  }
}

function* urls(text: string, known: Known, marks: boolean): Generator<[Value, Piece]> {
  for (const found of text.matchAll(/:\/\//g)) {
    const left = /[0-9A-Za-z._-]{0,64}$/.exec(text.slice(0, found.index))?.[0] ?? '';
    const from = found.index - left.length;
    const after = afterEscape(text, from);
    const longer = text[from - 1] === '+' ? /[0-9A-Za-z+.-]{0,64}$/.exec(text.slice(0, found.index))?.[0].length ?? 0 : 0;
    const starts = [...(longer > 0 ? [found.index - longer] : []), from, ...(after !== null && after < found.index ? [after] : [])];
    const host = found.index + 3;
    // eslint-disable-next-line no-control-regex
    const all = /^[^\x00-\x20\x7f"<>`|\\^{}]*/.exec(text.slice(host))?.[0] ?? '';
    const authority = /^(?:[^/?#,;')\]]*\[[^/?#,;')\]]*\])?[^/?#,;')\]]*/.exec(all)?.[0].length ?? 0;
    const goesOn = new RegExp(String.raw`^(?:${mark}|\\\.(?=[0-9A-Za-z_-]))`, 'i').test(text.slice(host + authority, host + authority + 6));
    if (marks && goesOn && authority === all.length) continue;
    const soft = [...all.matchAll(/[,;')\]]/g)].map((s) => s.index).filter((s) => s >= authority && s <= 8192).slice(0, 16);
    const ends = [...soft, ...(all.length <= 8192 ? [all.length] : [])].reverse()
      .flatMap((e) => [e, e - (/[.!?:]+$/.exec(all.slice(0, e))?.[0].length ?? 0)]);
    const hit = ends.flatMap((end) => starts.map((start) => ({ start, end }))).find(({ start, end }) => {
      const value = urlOf(text.slice(start, found.index), all.slice(0, end));
      return value !== null && known({ kind: 'url', value });
    });
    if (hit) {
      yield [{ kind: 'url', value: urlOf(text.slice(hit.start, found.index), all.slice(0, hit.end)) ?? '' }, { from: hit.start, to: host + hit.end, text: '' }];
    }
  }
}
function urlOf(scheme: string, rest: string): string | null {
  if (!/^[a-z][a-z0-9+.-]{0,31}$/i.test(scheme)) return null;
  const path = rest.search(/[/?#]/);
  const host = path < 0 ? rest : rest.slice(0, path);
  const decoded = new TextDecoder().decode(Uint8Array.from(host, (c) => c.charCodeAt(0)));
  const url = urlParts(`${scheme}://${decoded}${encoded(path < 0 ? '' : rest.slice(path))}`);
  return url === null ? null : urlText(url);
}
const encoded = (text: string): string => text.replace(/[\x80-\xff]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);

/** Runs around marks. */
function spansOf(text: string): Piece[] {
  const touched = new RegExp(
    String.raw`(?<=[0-9A-Za-z._\-\x80-\xff])${mark}|${mark}(?=[0-9A-Za-z._\-\x80-\xff])|(?<=[0-9A-Za-z._\-\x80-\xff])\\\.(?=[0-9A-Za-z_-])`
    + String.raw`|(?<![0-9A-Za-z._-])(?:hxxp|hxtp|htxp|meow)s?(?=:\/\/)|(?<=[0-9A-Za-z._\-\x80-\xff]):\\\/\\\/`, 'gi');
  const out = new Map<number, Piece>();
  for (const found of text.matchAll(touched)) {
    const before = /[!#-&(-+\--:=?-_a-{}~\x80-\xff]*$/.exec(text.slice(0, found.index))?.[0].length ?? 0;
    const behind = /^[!#-&(-+\--:=?-_a-{}~\x80-\xff]*/.exec(text.slice(found.index))?.[0].length ?? 0;
    const from = found.index - before;
    out.set(from, { from, to: found.index + behind, text: text.slice(from, found.index + behind) });
  }
  return [...out.values()].filter((s) => s.text.length <= 8192);
}
const touchesMark = (text: string, { from, to }: Piece): boolean =>
  new RegExp(String.raw`${mark}$|[0-9A-Za-z._\-\x80-\xff]\\$`, 'i').test(text.slice(Math.max(0, from - 6), from))
    && (new RegExp(`${mark}$`, 'i').test(text.slice(Math.max(0, from - 5), from)) || /^\.[0-9A-Za-z_-]/.test(text.slice(from, from + 2)))
  || new RegExp(String.raw`^(?:${mark}|\\\.(?=[0-9A-Za-z_-]))`, 'i').test(text.slice(to, to + 6));

function* occurrences(text: string, known: Known, marks: boolean): Generator<[Value, Piece]> {
  const touching = marks ? [...wordsOf(text)].filter((w) => touchesMark(text, w)) : [];
  const apart = (p: Piece): boolean => !touching.some((w) => p.from >= w.from && p.to <= w.to);
  for (const word of wordsOf(text)) {
    if (!apart(word)) continue;
    yield* domains(text, word);
    yield* hashes(text, word);
    yield* mails(text, word);
  }
  for (const found of addresses(text)) if (found[0].kind === 'ipv6' || apart(found[1])) yield found;
  yield* urls(text, known, marks);
  if (!marks) return;
  for (const span of spansOf(text)) {
    const plain = refangedOf(span.text);
    if (!plain) continue;
    for (const [value, piece] of occurrences(plain.text, known, false)) {
      const holds = plain.from.slice(piece.from, piece.to).some((p, i) => (plain.from[piece.from + i + 1] ?? 0) - p !== 1);
      if (holds) yield [value, { from: span.from + (plain.from[piece.from] ?? 0), to: span.from + (plain.from[piece.to] ?? 0), text: '' }];
    }
  }
}

/** All occurrences of known values in these bytes, in order of place and value. */
export function slowMatch(values: readonly Value[], bytes: Uint8Array): Occurrence[] {
  const names = new Set(values.map((v) => `${v.kind} ${v.value}`));
  const known = (v: Value): boolean => names.has(`${v.kind} ${v.value}`);
  const out = new Map<string, Occurrence>();
  const text = Array.from(bytes, (b) => String.fromCharCode(b)).join('');
  for (const [value, { from, to }] of occurrences(text, known, true)) {
    const covering = value.kind === 'ipv4' || value.kind === 'ipv6' ? candidatesOf(value) : [value];
    for (const v of covering) if (known(v)) out.set(`${v.value} ${from} ${to}`, { value: `${v.kind} ${v.value}`, from, to });
  }
  return [...out.values()].sort((a, b) => a.from - b.from || a.to - b.to || (a.value < b.value ? -1 : 1));
}
