/** Every raw file of the demonstration: which feed it comes by, its name, and its bytes, made as they are read. */
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { ReportTypes } from '#kit/shadowserver/types';
import type { NewFeed } from '../../../modules/landscape/model.ts';
import { periodsBetween, spanOf } from '../../../modules/landscape/periods.ts';
import { attacks, botnets, infected, users, websites } from './history.ts';
import { parametersAt } from './parameters.ts';
import { recentFiles } from './recent.ts';
import { packed } from './rows.ts';

export interface TelemetryFile {
  readonly feed: string;
  readonly fileName: string;
  open(): AsyncIterable<Uint8Array>;
}

const feed = (name: string, title: string, shape: NewFeed['shape'], sourceOrg: string | null, agreement: string | null, hours: number): NewFeed => ({
  name, title, shape, reportType: null, sourceOrg, agreement, cadenceHours: hours, windowHours: null, tlpDefault: 'AMBER',
});

export const telemetryFeeds: readonly NewFeed[] = [
  feed('kestrel-attacks', 'Attacks seen by Kestrel Shield', 'ndjson', 'org_kestrel', 'agr_kestrel', 2400),
  feed('kestrel-statistics', 'Consenting users of Kestrel Shield', 'ndjson', 'org_kestrel', 'agr_kestrel', 2400),
  feed('meridian-ctip', 'Infected machines (CTIP)', 'ctip', 'org_meridian', 'agr_meridian', 192),
  feed('website-watch', 'Website watch of the centre', 'ndjson', null, null, 2400),
  feed('defaced-sites', 'Archive of defaced websites', 'defacements', null, null, 2400),
  feed('sensor-reports', 'Daily sinkhole and scan reports', 'shadowserver', null, null, 192),
];

export interface TelemetryOptions {
  /** 1 for the demonstration; smaller for tests. */
  readonly scale: number;
  /** Day number (days since 1970-01-01, UTC) that the recent reports lead up to. */
  readonly today: number;
  readonly types: ReportTypes;
}

export function telemetryFiles(options: TelemetryOptions): TelemetryFile[] {
  const p = parametersAt(options.scale);
  const file = (of: string, fileName: string, rows: () => Iterable<string>): TelemetryFile => ({
    feed: of, fileName, open: () => (fileName.endsWith('.gz') ? gzipped(packed(rows())) : Readable.from(packed(rows()))),
  });
  const first = spanOf('2018-Q1')?.from ?? 0;
  const quarters = periodsBetween(first, spanOf('2019-Q4')?.from ?? 0, 'quarter');
  const files = recentFiles(options.types, p.seed, options.today, options.scale)
    .map((recent) => file(recent.feed, recent.fileName, () => recent.rows()));
  files.push(file('website-watch', 'websites-2018.ndjson', () => websites('2018', Math.round(p.websites.attacked * 0.8))));
  files.push(file('website-watch', `websites-${p.websites.period}.ndjson`, () => websites(p.websites.period, p.websites.attacked)));
  for (const [i, quarter] of quarters.entries()) {
    const main = quarter === p.users.period;
    files.push(file('kestrel-statistics', `users-${quarter}.ndjson`, () => users(p, quarter, main)));
    const peak = quarter === p.attacks.period;
    const own = peak ? p.attacks.rows : Math.round(p.trend * (0.8 + 0.05 * ((i * 5) % 7)));
    files.push(file('kestrel-attacks', `attacks-${quarter}.ndjson`, () => attacks(p, quarter, own, peak ? p.elsewhere : Math.round(own / 3))));
  }
  files.push(file('meridian-ctip', 'infected-2018.json.gz', () => infected(p, '2018', p.trend * 2, p.trend)));
  files.push(file('meridian-ctip', `infected-${p.computers.period}.json`, () =>
    infected(p, p.computers.period, p.computers.infected, Math.round(p.elsewhere / 2))));
  for (const month of p.botnets) files.push(file('meridian-ctip', `botnets-${month.month}.json.gz`, () => botnets(p, month)));
  return files;
}

function gzipped(chunks: Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return Readable.from(chunks).pipe(createGzip({ level: 1 }));
}
