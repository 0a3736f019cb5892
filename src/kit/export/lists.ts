/**
 * Lists that need no program to read: one value a line, a hosts file, CSV (RFC 4180) with a line of column names, and a response policy
 * zone (RPZ, as BIND, Knot and Unbound read it). Remarks stand before the first line; a reader of the CSV skips lines that begin with `#`.
 */
import { csvText } from '#kit/csv/write';
import { formatIp, isV4, parsePrefix } from '#kit/ip/ip';
import { headText, type ExportHead, type ExportValue } from './export.ts';

export function* plainList(head: ExportHead, values: readonly ExportValue[]): Generator<string> {
  yield headText(head, '#');
  for (const { value } of values) yield `${value}\n`;
}

export function* hostsFile(head: ExportHead, values: readonly ExportValue[]): Generator<string> {
  yield headText(head, '#');
  for (const { value } of values) yield `0.0.0.0 ${value}\n`;
}

export const csvColumns = ['value', 'kind', 'tlp', 'valid_until', 'object', 'name'] as const;

export function* csvList(head: ExportHead, values: readonly ExportValue[]): Generator<string> {
  yield headText(head, '#').replaceAll('\n', '\r\n');
  yield `${csvColumns.join(',')}\r\n`;
  for (const { value, kind, tlp, validUntil, object, name } of values) {
    yield `${[value, kind, `TLP:${tlp}`, validUntil ?? '', object, name].map(csvText).join(',')}\r\n`;
  }
}

/** Looked at anew each minute; a secondary that hears nothing for an hour drops the zone rather than block by a stale one. */
export const zoneHead = (serial: number): string =>
  `$TTL 60\n@ IN SOA localhost. hostmaster.localhost. ${serial} 60 30 3600 60\n@ IN NS localhost.\n`;

/** The same zone under another number. */
export function withSerial(zone: Uint8Array, number: number): Uint8Array {
  const text = new TextDecoder().decode(zone).replace(/^(@ IN SOA \S+ \S+) \d+ /m, (_, head: string) => `${head} ${number} `);
  return new TextEncoder().encode(text);
}

/** Names that answer NXDOMAIN: a name with all below it, that name alone, an address or a prefix. */
export function zoneLines(kind: 'name-and-below' | 'name' | 'address', value: string): string[] {
  if (kind === 'address') return [`${zoneAddress(value)}.rpz-ip CNAME .`];
  return kind === 'name' ? [`${value} CNAME .`] : [`${value} CNAME .`, `*.${value} CNAME .`];
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

export function* policyZone(head: ExportHead, values: readonly ExportValue[]): Generator<string> {
  yield headText(head, ';');
  yield zoneHead(head.number);
  for (const { kind, value } of values) yield `${zoneLines(kind === 'domain' ? 'name-and-below' : 'address', value).join('\n')}\n`;
}
