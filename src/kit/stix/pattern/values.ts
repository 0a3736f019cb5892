/** One comparison of a pattern against one value of an observed object (STIX 2.1, 9.2 and 9.6). */
import { fromBase64, fromHex } from '#kit/encoding';
import { isWithin } from '#kit/ip/networks';
import { maskTo, readIp, type Prefix } from '#kit/ip/ip';
import { RE2JS } from 're2js';
import { compareTimes, parseTime } from '../time.ts';
import type { Comparison, Constant } from './ast.ts';

/** By code points, as 9.6.2 wants it; JavaScript's own order is by UTF-16 units. */
export function compareText(a: string, b: string): number {
  const [x, y] = [a[Symbol.iterator](), b[Symbol.iterator]()];
  for (;;) {
    const [p, q] = [x.next(), y.next()];
    if (p.done || q.done) return p.done ? (q.done ? 0 : -1) : 1;
    if (p.value !== q.value) return (p.value.codePointAt(0) ?? 0) - (q.value.codePointAt(0) ?? 0);
  }
}

/** Bytes as a text of letters below U+0100, which orders and searches as they do. */
const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** A value in its native form: bytes for properties that say so by their name, else what it is. */
export function nativeOf(name: string, value: unknown): { readonly bytes: string } | { readonly plain: unknown } | null {
  if (typeof value !== 'string') return { plain: value };
  if (name.endsWith('_bin')) {
    const bytes = fromBase64(value);
    return bytes ? { bytes: latin(bytes) } : null;
  }
  if (name.endsWith('_hex')) {
    const bytes = fromHex(value.toLowerCase());
    return bytes ? { bytes: latin(bytes) } : null;
  }
  return { plain: value };
}

/** Order of a value and a constant, negative to positive; null where they cannot be compared. */
function orderOf(native: { readonly bytes: string } | { readonly plain: unknown }, constant: Constant): number | null {
  if ('bytes' in native) {
    if (constant.is === 'bytes') return compareText(native.bytes, latin(fromHex(constant.hex) ?? new Uint8Array()));
    return constant.is === 'text' && /^[\u0000-\u00ff]*$/.test(constant.value) ? compareText(native.bytes, constant.value) : null;
  }
  const { plain } = native;
  switch (constant.is) {
    case 'text': return typeof plain === 'string' ? compareText(plain, constant.value) : null;
    case 'integer': case 'float': return typeof plain === 'number' ? plain - constant.value : null;
    case 'truth': return typeof plain === 'boolean' ? Number(plain) - Number(constant.value) : null;
    case 'timestamp': {
      const [a, b] = [parseTime(plain), parseTime(constant.value)];
      return a && b ? compareTimes(a, b) : null;
    }
    case 'bytes': {
      if (typeof plain !== 'string' || !/^[\u0000-\u00ff]*$/.test(plain)) return null;
      return compareText(plain, latin(fromHex(constant.hex) ?? new Uint8Array()));
    }
  }
}

/** LIKE: % is any text, _ any one character; both sides in NFC. Linear but for the product of the lengths. */
export function isLike(text: string, pattern: string): boolean {
  const [t, p] = [[...text.normalize('NFC')], [...pattern.normalize('NFC')]];
  let [i, j, star, mark] = [0, 0, -1, 0];
  while (i < t.length) {
    if (p[j] === '%') [star, mark] = [j++, i];
    else if (j < p.length && (p[j] === '_' || p[j] === t[i])) [i, j] = [i + 1, j + 1];
    else if (star >= 0) [i, j] = [++mark, star + 1];
    else return false;
  }
  while (p[j] === '%') j++;
  return j === p.length;
}

/** An expression of MATCHES, or null where RE2 cannot run it: it has no back-references and no look-around, and needs no bound on time. */
export function expressionOf(text: string): RE2JS | null {
  try {
    return RE2JS.compile(text.normalize('NFC'), RE2JS.DOTALL);
  } catch {
    return null;
  }
}

/** An address or network, host bits left aside; null where it is none. */
function networkOf(text: unknown): Prefix | null {
  const [, address, v6, length] = typeof text === 'string' ? /^([0-9a-f.]*(:?)[0-9a-f.:]*)(?:\/(\d{1,3}))?$/i.exec(text) ?? [] : [];
  const bytes = new Uint8Array(16);
  if (address === undefined || !readIp(address, bytes)) return null;
  const most = v6 ? 128 : 32;
  const bits = length === undefined ? most : Number(length);
  return bits > most ? null : { network: maskTo(bytes, bits + 128 - most), bits: bits + 128 - most };
}

/** One comparison, made ready once for many values. */
export class Test {
  private readonly comparison: Comparison;
  private readonly expression: RE2JS | null;
  constructor(comparison: Comparison) {
    this.comparison = comparison;
    const [first] = comparison.values;
    this.expression = comparison.operator === 'MATCHES' && first?.is === 'text' ? expressionOf(first.value) : null;
  }

  /** Whether the comparison holds for a value, its NOT left aside. */
  holds(name: string, value: unknown): boolean {
    const { operator, values } = this.comparison;
    const native = nativeOf(name, value);
    if (native === null) return operator === '!=';
    const [constant] = values as [Constant, ...Constant[]];
    switch (operator) {
      case 'IN': return values.some((v) => orderOf(native, v) === 0);
      case 'LIKE': case 'MATCHES': return this.search(native, constant);
      case 'ISSUBSET': case 'ISSUPERSET': {
        const [a, b] = [networkOf(value), networkOf(constant.is === 'text' ? constant.value : null)];
        return a !== null && b !== null && (operator === 'ISSUBSET' ? isWithin(a, b) : isWithin(b, a));
      }
      default: {
        const order = orderOf(native, constant);
        if (order === null) return operator === '!=';
        if (operator === '=' || operator === '!=') return (order === 0) === (operator === '=');
        if (typeof value === 'boolean') return false;
        return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0;
      }
    }
  }

  private search(native: { readonly bytes: string } | { readonly plain: unknown }, constant: Constant): boolean {
    const text = 'bytes' in native ? native.bytes : native.plain;
    if (typeof text !== 'string' || constant.is !== 'text') return false;
    if (this.comparison.operator === 'LIKE') return isLike(text, constant.value);
    return this.expression?.matcher('bytes' in native ? text : text.normalize('NFC')).find() ?? false;
  }
}
