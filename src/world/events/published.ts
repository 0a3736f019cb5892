/**
 * The tables that ship with the package, read from disk: report types, and which network and country an address lies
 * in. The address lists are CSV of many megabytes; they are read once and kept as one block in the data folder, named
 * by the lists' version, so that a new version makes a new block. A block that is not whole is made anew.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { nextTurn } from '#kit/turn';
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
    asn4: await read(join(asn, 'asn-ipv4-num.csv'), 1, toAsn),
    asn6: await read(join(asn, 'asn-ipv6.csv'), 4, toAsn),
    area4: await read(join(area, 'geo-whois-asn-country-ipv4-num.csv'), 1, areaCode),
    area6: await read(join(area, 'geo-whois-asn-country-ipv6.csv'), 4, areaCode),
  };
  await mkdir(cacheFolder, { recursive: true });
  // Written beside and renamed: a crash leaves no half block under the final name.
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, packTables(tables));
  await rename(draft, path);
  return tables;
}

/** Lines `from,to,value[,…]`; IPv4 as numbers, IPv6 as text. Gives way now and then: a list is some hundred thousand lines. */
async function read(path: string, words: 1 | 4, valueOf: (word: string) => number): Promise<RangeTable> {
  const csv = await readFile(path, 'latin1');
  const builder = new RangeBuilder(words);
  const from = [0, 0, 0, 0].slice(0, words);
  const to = [...from];
  let before: number[] = [];
  let count = 0;
  for (let at = 0; at < csv.length;) {
    const end = csv.indexOf('\n', at);
    const stop = end < 0 ? csv.length : end;
    const first = csv.indexOf(',', at);
    const second = csv.indexOf(',', first + 1);
    const third = csv.indexOf(',', second + 1);
    wordsOf(csv.slice(at, first), from);
    wordsOf(csv.slice(first + 1, second), to);
    // The lists come sorted; a lookup over unsorted ranges would be wrong without a sound, so it is made sure.
    if (order(before, from) > 0) throw new Error(`the published list ${path} is not sorted at ${csv.slice(at, stop)}`);
    before = [...from];
    builder.add(from, to, valueOf(csv.slice(second + 1, third > 0 && third < stop ? third : stop).trim()));
    at = stop + 1;
    if (++count % 20_000 === 0) await nextTurn();
  }
  return builder.build();
}

function order(x: readonly number[], y: readonly number[]): number {
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return (x[i] as number) - (y[i] as number);
  return 0;
}

const sixteen = new Uint8Array(16);
const view = new DataView(sixteen.buffer);

function wordsOf(text: string, out: number[]): void {
  if (out.length === 1) {
    out[0] = Number(text);
    return;
  }
  if (!readIp(text, sixteen)) throw new Error(`no address in the published list: ${text}`);
  for (let i = 0; i < 4; i++) out[i] = view.getUint32(i * 4);
}
