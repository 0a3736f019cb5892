/**
 * The tables that ship with the package, read from disk: report types, and which network and country an address lies
 * in. The address lists are CSV of many megabytes; they are read once and kept as one block in the data folder, named
 * by the lists' version, so that a new version makes a new block. A block that is not whole is made anew.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readIp } from '#kit/ip/ip';
import { areaCode, packTables, RangeBuilder, unpackTables, type NetworkTables, type RangeTable } from '#kit/ip/ranges';
import { reportTypesFrom, type ReportTypes } from '#kit/shadowserver/types';

export async function publishedReportTypes(): Promise<ReportTypes> {
  return reportTypesFrom(await readFile(new URL('../../../vendor/shadowserver/report-types.json', import.meta.url), 'utf8'));
}

const asnPackage = '@ip-location-db/asn';
const areaPackage = '@ip-location-db/geo-whois-asn-country';

/** The address lists, from the block in `cacheFolder` where there is one. About a second the first time. */
export async function publishedNetworks(cacheFolder: string): Promise<NetworkTables> {
  const require = createRequire(import.meta.url);
  const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`));
  const version = async (name: string): Promise<string> =>
    (JSON.parse(await readFile(join(folderOf(name), 'package.json'), 'utf8')) as { version: string }).version;
  const name = `networks-1-${await version(asnPackage)}-${await version(areaPackage)}.bin`;
  const path = join(cacheFolder, name);
  const kept = await readFile(path).then(unpackTables, () => null);
  if (kept !== null) return kept;
  const asn = folderOf(asnPackage);
  const area = folderOf(areaPackage);
  const toAsn = (word: string): number => Number(word);
  const tables: NetworkTables = {
    asn4: read(await readFile(join(asn, 'asn-ipv4-num.csv'), 'latin1'), 1, toAsn),
    asn6: read(await readFile(join(asn, 'asn-ipv6.csv'), 'latin1'), 4, toAsn),
    area4: read(await readFile(join(area, 'geo-whois-asn-country-ipv4-num.csv'), 'latin1'), 1, areaCode),
    area6: read(await readFile(join(area, 'geo-whois-asn-country-ipv6.csv'), 'latin1'), 4, areaCode),
  };
  await mkdir(cacheFolder, { recursive: true });
  // Written beside and renamed: a crash leaves no half block under the final name.
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, packTables(tables));
  await rename(draft, path);
  return tables;
}

/** Lines `from,to,value[,…]`; IPv4 as numbers, IPv6 as text. */
function read(csv: string, words: 1 | 4, valueOf: (word: string) => number): RangeTable {
  const rows: { from: number[]; to: number[]; value: number }[] = [];
  for (let at = 0; at < csv.length;) {
    const end = csv.indexOf('\n', at);
    const stop = end < 0 ? csv.length : end;
    const first = csv.indexOf(',', at);
    const second = csv.indexOf(',', first + 1);
    const third = csv.indexOf(',', second + 1);
    const value = csv.slice(second + 1, third > 0 && third < stop ? third : stop).trim();
    rows.push({ from: wordsOf(csv.slice(at, first), words), to: wordsOf(csv.slice(first + 1, second), words), value: valueOf(value) });
    at = stop + 1;
  }
  // The lists come sorted; a lookup over unsorted ranges would be wrong without a sound, so it is made sure.
  rows.sort((x, y) => order(x.from, y.from));
  const builder = new RangeBuilder(words);
  for (const row of rows) builder.add(row.from, row.to, row.value);
  return builder.build();
}

function order(x: readonly number[], y: readonly number[]): number {
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return (x[i] as number) - (y[i] as number);
  return 0;
}

function wordsOf(text: string, words: 1 | 4): number[] {
  if (words === 1) return [Number(text)];
  const bytes = new Uint8Array(16);
  if (!readIp(text, bytes)) throw new Error(`no address in the published list: ${text}`);
  const view = new DataView(bytes.buffer);
  return [view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)];
}
