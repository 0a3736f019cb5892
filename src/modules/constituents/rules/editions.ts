/**
 * An edition as bytes, in the forms that machines take: one entry a line, a response policy zone (RPZ, as BIND, Knot and
 * Unbound read it), a hosts file, and JSON with ground and end. The same entries give the same bytes, in whatever order they
 * come; only the zone carries the edition's number, since a secondary takes no zone whose serial has not grown.
 */
import { zoneHead, zoneLines } from '#kit/export/lists';
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
    rpz: text.encode(zoneHead(number) + sorted.flatMap((e) => zoneLines(zoneKinds[e.kind], e.value)).map((line) => `${line}\n`).join('')),
    hosts: text.encode(sorted.filter((e) => e.kind === 'domain' || e.kind === 'url-host').map((e) => `0.0.0.0 ${e.value}\n`).join('')),
    json: text.encode(jsonText(list, sorted)),
  };
}

/** An address on the web is that name alone. */
const zoneKinds = { 'url-host': 'name', domain: 'name-and-below', ip: 'address', cidr: 'address' } as const;

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
