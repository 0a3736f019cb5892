/**
 * An edition as bytes, in the forms that machines take: one entry a line, a response policy zone (RPZ, as BIND, Knot and
 * Unbound read it), a hosts file, and JSON with ground and end. The same entries give the same bytes, in whatever order they
 * come; only the zone carries the edition's number, since a secondary takes no zone whose serial has not grown.
 */
import { formatIp, isV4, parsePrefix } from '#kit/ip/ip';
import type { BlockingEntry, BlockingList, EditionFormat } from '../model/blocking.ts';
import type { Served } from './blocking.ts';

export type ServedEntry = Pick<BlockingEntry, 'id' | 'kind' | 'value' | 'ground' | 'expiresAt'>;
export type ServedList = Pick<BlockingList, 'name' | 'purpose' | 'tlp'>;

export const editionTypes: Readonly<Record<EditionFormat, string>> = {
  plain: 'text/plain; charset=utf-8', rpz: 'text/dns; charset=utf-8', hosts: 'text/plain; charset=utf-8',
  json: 'application/json; charset=utf-8',
};

export function editionBytes(list: ServedList, number: number, entries: readonly ServedEntry[]): Record<EditionFormat, Uint8Array> {
  const sorted = entries.toSorted((x, y) => order(x.kind, y.kind) || order(x.value, y.value));
  const text = new TextEncoder();
  return {
    plain: text.encode(sorted.map((e) => `${e.value}\n`).join('')),
    rpz: text.encode(zoneHead(number) + sorted.flatMap(zoneLines).map((line) => `${line}\n`).join('')),
    hosts: text.encode(sorted.filter((e) => e.kind === 'domain' || e.kind === 'url-host').map((e) => `0.0.0.0 ${e.value}\n`).join('')),
    json: text.encode(jsonText(list, sorted)),
  };
}

const order = (x: string, y: string): number => (x < y ? -1 : x > y ? 1 : 0);

function jsonText({ name, purpose, tlp }: ServedList, sorted: readonly ServedEntry[]): string {
  const head = JSON.stringify({ list: name, purpose, tlp }).slice(0, -1);
  const lines = sorted.map(({ id, kind, value, ground, expiresAt }) => JSON.stringify({ id, kind, value, ground, expiresAt }));
  return `${head},"entries":[${lines.length > 0 ? `\n${lines.join(',\n')}\n` : ''}]}\n`;
}

/** The entries of an edition's JSON form. */
export function readEdition(bytes: Uint8Array): (Served & { ground: string })[] {
  return (JSON.parse(new TextDecoder().decode(bytes)) as { entries: (Served & { ground: string })[] }).entries;
}

/** Looked at anew each minute; a secondary that hears nothing for an hour drops the zone rather than block by a stale one. */
const zoneHead = (number: number): string =>
  `$TTL 60\n@ IN SOA localhost. hostmaster.localhost. ${number} 60 30 3600 60\n@ IN NS localhost.\n`;

/** The same zone under another number. */
export function withSerial(zone: Uint8Array, number: number): Uint8Array {
  const text = new TextDecoder().decode(zone).replace(/^(@ IN SOA \S+ \S+) \d+ /m, (_, head: string) => `${head} ${number} `);
  return new TextEncoder().encode(text);
}

function zoneLines({ kind, value }: ServedEntry): string[] {
  if (kind === 'url-host') return [`${value} CNAME .`];
  return kind === 'domain' ? [`${value} CNAME .`, `*.${value} CNAME .`] : [`${zoneAddress(value)}.rpz-ip CNAME .`];
}

/** `24.0.100.51.198`; of IPv6 the groups in reverse, with `zz` where `::` stands. */
function zoneAddress(value: string): string {
  const prefix = parsePrefix(value);
  if (!prefix) throw new Error(`invariant broken: ${value} is no prefix`);
  const v4 = prefix.bits >= 96 && isV4(prefix.network);
  const address = formatIp(prefix.network);
  if (v4) return `${prefix.bits - 96}.${address.split('.').reverse().join('.')}`;
  return `${prefix.bits}.${address.replace('::', ':zz:').split(':').filter((group) => group !== '').reverse().join('.')}`;
}
