/**
 * Names of platforms, CPE 2.3: formatted strings and the URIs of 2.2 (NISTIR 7695), and whether one covers another (NISTIR 7696). Inside
 * a name is eleven values, each a text without its escapes, ANY or NA; wildcards stay marked.
 */

export const cpeAttributes = [
  'part', 'vendor', 'product', 'version', 'update', 'edition', 'language', 'swEdition', 'targetSw', 'targetHw', 'other',
] as const;
export type CpeAttribute = typeof cpeAttributes[number];
/** `any` and `na` are the two logical values. A text is the value with wildcards as they stand and everything else escaped. */
export type CpeValue = { readonly is: 'any' | 'na' } | { readonly is: 'text'; readonly text: string };
export type Cpe = Readonly<Record<CpeAttribute, CpeValue>>;
export interface CpeFault { readonly at: number; readonly text: string }
export type CpeRead = { readonly cpe: Cpe } | { readonly fault: CpeFault };

const anything: CpeValue = { is: 'any' };
const absent: CpeValue = { is: 'na' };
const longest = 2_048;
const fault = (at: number, text: string): CpeRead => ({ fault: { at, text } });

/** Parts of a formatted string: the colon that is escaped parts nothing. */
function cut(text: string): { part: string; at: number }[] {
  const parts: { part: string; at: number }[] = [];
  for (let at = 0, from = 0; at <= text.length; at++) {
    if (at < text.length && text[at] === '\\') at += 1;
    else if (at === text.length || text[at] === ':') {
      parts.push({ part: text.slice(from, at), at: from });
      from = at + 1;
    }
  }
  return parts;
}

/** A value with one escape before each sign that is no letter, digit, line or wildcard at an end. Null: it may not stand so. */
function valueOf(part: string): CpeValue | null {
  if (part === '*') return anything;
  if (part === '-') return absent;
  if (part === '') return null;
  const middle = /^(?:\*|\?+)?((?:\\[!-~]|[A-Za-z0-9_.\-~])+)(?:\*|\?+)?$/.exec(part);
  if (!middle) return null;
  // 2.3 lets a point, a dash and a tilde stand unescaped; inside they are written as 2.3 writes them.
  return { is: 'text', text: part.toLowerCase().replaceAll(/\\(.)/g, (pair, sign: string) => (/[a-z0-9_.-]/.test(sign) ? sign : pair)) };
}

function formatted(text: string): CpeRead {
  const parts = cut(text);
  if (parts.length !== 13) return fault(parts[13]?.at ?? text.length, `a formatted name has 13 parts, and this has ${parts.length}`);
  const values: Partial<Record<CpeAttribute, CpeValue>> = {};
  for (const [i, attribute] of cpeAttributes.entries()) {
    const { part, at } = parts[i + 2] as { part: string; at: number };
    const value = valueOf(part);
    if (value === null) return fault(at, `${JSON.stringify(part)} is no value of ${attribute}`);
    values[attribute] = value;
  }
  return whole(values as Record<CpeAttribute, CpeValue>, 8);
}

function whole(cpe: Record<CpeAttribute, CpeValue>, at: number): CpeRead {
  const { part } = cpe;
  if (part.is === 'text' && !/^[aoh]$/.test(part.text)) return fault(at, 'the part is one of a, o and h');
  return { cpe };
}

/** A value of a URI: percent-encoded, %01 and %02 are the wildcards ? and *. */
function uriValue(part: string): CpeValue | null {
  if (part === '') return anything;
  if (part === '-') return absent;
  if (!/^(?:[A-Za-z0-9_.\-~]|%[0-9A-Fa-f]{2})+$/.test(part)) return null;
  const text = part.toLowerCase().replaceAll(/%([0-9a-f]{2})|(~)/g, (_, hex: string | undefined, tilde: string | undefined) => {
    const sign = tilde ?? String.fromCharCode(Number.parseInt(hex ?? '0', 16));
    if (hex === '01') return '?';
    if (hex === '02') return '*';
    return /[a-z0-9_.-]/.test(sign) ? sign : `\\${sign}`;
  });
  return valueOf(text);
}

function uri(text: string): CpeRead {
  const parts = text.slice(5).split(':');
  if (parts.length > 7) return fault(text.length, 'a URI of CPE 2.2 has at most seven parts');
  const values: Record<CpeAttribute, CpeValue> = { part: anything, vendor: anything, product: anything, version: anything,
    update: anything, edition: anything, language: anything, swEdition: anything, targetSw: anything, targetHw: anything, other: anything };
  const order = ['part', 'vendor', 'product', 'version', 'update', 'edition', 'language'] as const;
  let at = 5;
  for (const [i, part] of parts.entries()) {
    const attribute = order[i] as CpeAttribute;
    // 2.3 packs five attributes into the edition of 2.2: ~edition~sw_edition~target_sw~target_hw~other.
    const packed = attribute === 'edition' && part.startsWith('~') ? part.split('~').slice(1) : null;
    const named: [CpeAttribute, string][] = packed === null ? [[attribute, part]]
      : packed.map((p, j) => [(['edition', 'swEdition', 'targetSw', 'targetHw', 'other'] as const)[j] ?? 'other', p]);
    if (packed !== null && packed.length !== 5) return fault(at, 'a packed edition has five values');
    for (const [name, raw] of named) {
      const value = uriValue(raw);
      if (value === null) return fault(at, `${JSON.stringify(raw)} is no value of ${name}`);
      values[name] = value;
    }
    at += part.length + 1;
  }
  return whole(values, 5);
}

/** One name, of either spelling. Never throws. */
export function readCpe(text: string): CpeRead {
  if (text.length > longest) return fault(longest, `a name has at most ${longest} characters here`);
  if (/^cpe:2\.3:/i.test(text)) return formatted(text);
  if (/^cpe:\//i.test(text)) return uri(text);
  return fault(0, 'a name begins with cpe:2.3: or cpe:/');
}

/** As a formatted string of 2.3. */
export const cpeText = (cpe: Cpe): string =>
  ['cpe:2.3', ...cpeAttributes.map((a) => (cpe[a].is === 'any' ? '*' : cpe[a].is === 'na' ? '-' : (cpe[a] as { text: string }).text))].join(':');

/** A value as people read it. */
export const cpeShown = (value: CpeValue): string => (value.is === 'text' ? value.text.replaceAll(/\\(.)/g, '$1') : value.is === 'any' ? '*' : '-');

const hasWildcard = (text: string): boolean => /[*?]/.test(text.replaceAll(/\\./g, ''));

function covers(pattern: string, text: string): boolean {
  // Wildcards stand at the ends alone, so that a comparison costs what its length is.
  const lead = /^(?:\*|\?+)/.exec(pattern)?.[0] ?? '';
  const trail = /(?<!\\)(?:\*|\?+)$/.exec(pattern.slice(lead.length))?.[0] ?? '';
  const body = pattern.slice(lead.length, pattern.length - trail.length);
  const units = (t: string): number => t.replaceAll(/\\./g, 'x').length;
  for (let at = text.indexOf(body); at >= 0; at = text.indexOf(body, at + 1)) {
    const [before, after] = [units(text.slice(0, at)), units(text.slice(at + body.length))];
    const fits = (wild: string, n: number): boolean => (wild === '*' ? true : n <= wild.length);
    if (fits(lead, before) && fits(trail, after)) return true;
  }
  return false;
}

/** Relation of one value to another, table 6-2 of NISTIR 7696. A target with wildcards has none that is defined. */
export type Relation = 'equal' | 'subset' | 'superset' | 'disjoint' | 'undefined';
export function relationOf(source: CpeValue, target: CpeValue): Relation {
  if (target.is === 'text' && hasWildcard(target.text)) return source.is === 'text' && source.text === target.text ? 'equal' : 'undefined';
  if (source.is === 'any') return target.is === 'any' ? 'equal' : 'superset';
  if (target.is === 'any') return 'subset';
  if (source.is !== 'text' || target.is !== 'text') return source.is === target.is ? 'equal' : 'disjoint';
  if (source.text === target.text) return 'equal';
  return hasWildcard(source.text) && covers(source.text, target.text) ? 'superset' : 'disjoint';
}

/** Whether every platform of the target is one of the source's: no value is outside. */
export const cpeCovers = (source: Cpe, target: Cpe, leaveOut: readonly CpeAttribute[] = []): boolean =>
  cpeAttributes.every((a) => leaveOut.includes(a) || ['equal', 'superset'].includes(relationOf(source[a], target[a])));

/** Whether there may be a platform that both name: no value is apart from its other. */
export const cpeMeets = (one: Cpe, other: Cpe, leaveOut: readonly CpeAttribute[] = []): boolean =>
  cpeAttributes.every((a) => leaveOut.includes(a) || relationOf(one[a], other[a]) !== 'disjoint');

/** What a product is found by. A wildcard in the product finds it under its vendor alone. */
export function cpeKey(cpe: Cpe): string {
  const word = (value: CpeValue): string => (value.is === 'text' && !hasWildcard(value.text) ? cpeShown(value) : '*');
  return `cpe:${word(cpe.part)}:${word(cpe.vendor)}:${word(cpe.product)}`;
}
