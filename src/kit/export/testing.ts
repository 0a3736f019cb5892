/** Values and heads for tests of exports, and readers of what was written: of Suricata's rules as its manual has them. */
import { dice } from '#kit/dice';
import { readValue } from '#kit/match/value';
import { canSay, inOrder, type ExportForm, type ExportHead, type ExportValue } from './export.ts';

export const head = (more: Partial<ExportHead> = {}): ExportHead => ({
  id: 'exp_1', title: 'Bad things; of "others" \\ $HOME', number: 7, madeAt: '2026-06-01T00:00:00.000Z', endsAt: '2026-06-02T00:00:00.000Z', tlp: 'AMBER',
    count: 3,
  leftOut: [{ reason: 'warninglist', count: 2, by: [['Top 1M\nevil', 2]] }, { reason: 'above-label', count: 9, by: [] }, { reason: 'expired', count: 1,
    by: [] }],
  ...more,
});

export const valueOf = (text: string, more: Partial<ExportValue> = {}): ExportValue => {
  const value = readValue(text, more.kind);
  if (!value) throw new Error(`no value: ${text}`);
  return {
    ...value, tlp: 'AMBER', validUntil: '2026-07-01T00:00:00.000Z', object: 'indicator--00000000-0000-4000-8000-000000000001', name: 'A name; with "signs"',
      ...more,
  };
};

/** What every form has to survive. */
export const nasty: readonly ExportValue[] = [
  valueOf('evil.example'), valueOf('xn--bcher-kva.example'), valueOf('_dmarc.evil.example'), valueOf('203.0.113.7'), valueOf('203.0.113.0/24'),
    valueOf('2001:db8::7'),
  valueOf('2001:db8::/32'), valueOf('http://evil.example/a;b?c="d"|e\\f:g*?x=%24%7B'), valueOf('https://203.0.113.9:8443/x'), valueOf('http://evil.example/'),
  valueOf('bad+tag@evil.example'), valueOf('d41d8cd98f00b204e9800998ecf8427e'), valueOf('da39a3ee5e6b4b0d3255bfef95601890afd80709'),
  valueOf('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'), valueOf('=cmd|"/c calc"', { kind: 'filename' }),
  valueOf('Global\\"mutex"\\x', { kind: 'mutex' }),
];

/** Many, drawn, of all kinds that stand in files. */
export function drawn(count: number, seed = 20_261_126): ExportValue[] {
  const next = dice(seed);
  const int = (below: number): number => Math.floor(next() * below);
  const word = (): string => Array.from({ length: 3 + int(9) }, () => 'abcdefghijklmnopqrstuvwxyz'.charAt(int(26))).join('');
  const hex = (n: number): string => Array.from({ length: n }, () => '0123456789abcdef'.charAt(int(16))).join('');
  const odd = (): string => Array.from({ length: 1 + int(12) }, () => String.fromCharCode(33 + int(94))).join('');
  const makers = [
    () => `${word()}${int(1e6)}.${word()}.example`, () => `${1 + int(222)}.${int(256)}.${int(256)}.${int(256)}`, () => `2001:db8:${hex(4)}::${1 + int(9999)}`,
    () => `${1 + int(222)}.${int(256)}.${int(256)}.0/24`, () => `http://${word()}.example/${odd()}?${odd()}`, () => `${word()}@${word()}.example`, () =>
      hex(32), () => hex(40), () => hex(64),
  ];
  const values = new Map<string, ExportValue>();
  while (values.size < count) {
    const text = (makers[int(makers.length)] as () => string)();
    if (readValue(text) !== null) values.set(text, valueOf(text, { object: `indicator--00000000-0000-4000-8000-${hex(12)}` }));
  }
  return [...values.values()];
}

export const sayable = (form: ExportForm, values: readonly ExportValue[]): ExportValue[] => inOrder(values.filter((v) => canSay(form, v)));
export const textOf = (pieces: Iterable<string>): string => [...pieces].join('');

export interface ReadRule {
  readonly protocol: string;
  readonly direction: string;
  readonly to: string;
  readonly options: readonly (readonly [name: string, value: string])[];
}

/** One rule, by the manual's grammar: options end with a semicolon that is not escaped, and inside quotes `"`, `;` and `\` stand escaped only. */
export function readRule(line: string): ReadRule {
  const [, protocol = '', direction = '', to = '', inner] = /^alert (\S+) any any (->|<>) (\S+) any \((.*;)\)$/.exec(line) ?? [];
  if (inner === undefined) throw new Error(`no rule: ${line}`);
  const options: [string, string][] = [];
  for (let rest = inner; rest.trim() !== '';) {
    const [whole = '', name = '', , quoted, plain] = /^\s*([a-z0-9_.]+)(:(?:"((?:[^"\\;]|\\.)*)"|([^";]+)))?;/.exec(rest) ?? [];
    if (whole === '') throw new Error(`no option: ${rest}`);
    options.push([name, quoted ?? plain ?? '']);
    rest = rest.slice(whole.length);
  }
  return { protocol, direction, to, options };
}

/** The bytes of a content as text: hex between bars undone. */
export function contentOf(text: string): string {
  const bytes = text.split('|').flatMap((piece, i) => (i % 2 === 0 ? [...new TextEncoder().encode(piece)] : piece.trim().split(/\s+/).map((h) => {
    if (!/^[0-9A-F]{2}$/.test(h)) throw new Error(`no hex: ${h}`);
    return Number.parseInt(h, 16);
  })));
  if (text.split('|').length % 2 === 0) throw new Error('an open bar');
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
