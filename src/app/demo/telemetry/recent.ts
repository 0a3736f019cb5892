/**
 * The last five weeks: sinkhole and scan reports inside the prefixes of the story's constituents, some of it sent twice,
 * some of it broken, so that every page has something to show, quarantine and drift too.
 */
import { dice } from '#kit/dice';
import type { ReportTypes } from '#kit/shadowserver/types';
import { isoDay } from '../../../modules/landscape/periods.ts';
import { constituents } from '../registry.ts';
import { clockText, familyOf, infectedRow } from './rows.ts';

const daySeconds = 86_400;

/** Networks of the province that joined another: clean since. */
const quiet = '100.113.32.0/20';

/** Hosts of the constituents that are seen: a few of each ministry and province, many of each provider. */
function hosts(): { address: string; weight: number }[] {
  const out: { address: string; weight: number }[] = [];
  for (const { kind, assets } of constituents) {
    for (const { kind: asset, value } of assets) {
      if (asset !== 'prefix' || value.includes(':') || value === quiet) continue;
      const [a = '', b = '', c = ''] = value.split('.');
      const count = kind === 'isp' ? 40 : 9;
      for (let i = 0; i < count; i++) out.push({ address: `${a}.${b}.${c}.${(i * 29) % 250 + 1}`, weight: kind === 'isp' ? 3 : 1 });
    }
  }
  // Networks in the country that nobody in the registry answers for.
  for (let i = 0; i < 40; i++) out.push({ address: `100.${120 + i % 8}.${(i * 17) % 256}.${(i * 91) % 250 + 1}`, weight: 1 });
  return out;
}

export interface RecentFile {
  readonly feed: 'sensor-reports' | 'meridian-ctip' | 'defaced-sites';
  readonly fileName: string;
  rows(): Iterable<string>;
}

/** `today` is a day number; the last report is of yesterday. */
export function recentFiles(types: ReportTypes, seed: number, today: number, scale: number): RecentFile[] {
  const files: RecentFile[] = [];
  const perFile = Math.max(40, Math.round(420 * scale));
  for (let week = 5; week >= 1; week--) {
    const last = today - (week - 1) * 7 - 1;
    for (const type of ['event4_sinkhole', 'scan_smb', 'scan_telnet'] as const) {
      files.push({
        feed: 'sensor-reports', fileName: `${isoDay(last)}-${type}-national-centre.csv`,
        rows: () => report(types, type, seed + week, last, perFile, week === 2),
      });
    }
    files.push({
      feed: 'meridian-ctip', fileName: `infected-${isoDay(last)}.json`,
      rows: () => recentInfected(seed + week, last, perFile * 3),
    });
  }
  // Somebody uploads a report under a name that says nothing, and last week's file once more.
  files.push({ feed: 'sensor-reports', fileName: 'report.csv', rows: () => report(types, 'scan_smb', seed + 1, today - 1, 30, false) });
  files.push({
    feed: 'sensor-reports', fileName: `${isoDay(today - 1)}-event4_sinkhole-national-centre-copy.csv`,
    rows: () => report(types, 'event4_sinkhole', seed + 1, today - 1, perFile, false),
  });
  files.push({ feed: 'defaced-sites', fileName: `defaced-${isoDay(today - 1)}.csv`, rows: () => defaced(seed, today - 1) });
  return files;
}

const crews = ['Night Heron Crew', 'kappa-7', 'Bronze Gong', ''];
const ways = ['SQL Injection', 'Known vulnerability (no patch)', 'Brute force attack', ''];
const whys = ['Just for fun!', 'I want to be the best defacer', ''];

/** A month of defaced sites as archives list them: some alone, and twice a whole server of them at once. */
function* defaced(seed: number, last: number): Generator<string> {
  yield 'add_date,attacker,domain,ip_address,country_code,hackmode,reason,redefacement\n';
  const roll = dice(seed ^ 0xdefaced);
  const text = clockText();
  const pick = (list: readonly string[]): string => list[Math.floor(roll() * list.length)] ?? '';
  const line = (second: number, crew: string, site: string, address: string, way: string): string =>
    `${text(second).replace('T', ' ').slice(0, 19)},${crew},http://${site}/index.htm,${address},VN,${way},${pick(whys)},${roll() < 0.2 ? 1 : 0}\n`;
  for (let i = 0; i < 34; i++) {
    const own = i % 9 === 4;
    yield line((last - Math.floor(roll() * 26)) * daySeconds + Math.floor(roll() * daySeconds), pick(crews),
      own ? `www.so-${'abcd'.charAt(i % 4)}.songlam-gov.example` : `www.cuahang${i}.example`, own ? `100.113.0.${20 + i}` : `100.121.4.${i + 1}`, pick(ways));
  }
  for (const [back, sites, host, crew] of [[3, 28, '100.121.7.20', 'Night Heron Crew'], [11, 9, '100.113.0.40', 'kappa-7']] as const) {
    for (let i = 0; i < sites; i++) {
      const site = i % 9 === 8 ? `xa${i}.songlam-gov.example` : `trang${back}-${i}.example`;
      yield line((last - back) * daySeconds + 7200 + i * 47, crew, site, host, ways[0] ?? '');
    }
  }
}

function* report(
  types: ReportTypes, type: string, seed: number, last: number, count: number, drifted: boolean,
): Generator<string> {
  const fields = [...(types.get(type)?.fields ?? [])];
  if (drifted) fields.splice(fields.indexOf('sector'), 1, 'sector_code');
  yield `${fields.map((field) => `"${field}"`).join(',')}\n`;
  const roll = dice(seed ^ (last * 131) ^ type.length);
  const text = clockText();
  const targets = hosts();
  for (let i = 0; i < count; i++) {
    const host = targets[Math.floor(roll() * targets.length)] ?? targets[0];
    if (!host) return;
    const at = text((last - 6) * daySeconds + Math.floor((i + roll()) * 7 * daySeconds / count)).replace('T', ' ').slice(0, 19);
    const value: Record<string, string> = {
      timestamp: at, severity: type === 'event4_sinkhole' ? 'high' : roll() < 0.15 ? 'critical' : 'medium', protocol: 'tcp',
      ip: host.address, src_ip: host.address, port: type === 'scan_smb' ? '445' : '23', src_port: String(1024 + Math.floor(roll() * 60_000)),
      dst_ip: '198.51.100.20', dst_port: '80', tag: type === 'event4_sinkhole' ? 'sinkhole' : type.slice(5),
      infection: familyOf(roll()).replace(/^B\d+-/, '').toLowerCase(), family: '', banner: type === 'scan_telnet' ? '|router|,Login: "' : '',
      geo: 'VN', src_geo: 'VN', sector_code: 'S1', smb_implant: 'N', smbv1_support: roll() < 0.3 ? 'Y' : 'N',
    };
    yield `${fields.map((field) => quoted(value[field] ?? '')).join(',')}\n`;
    // Damage as it happens in life: a field lost, a quote left open, a time that is none.
    if (i % 97 === 60) yield `"${at}","${host.address}"\n`;
    if (i % 131 === 70) yield `"${at},${host.address},unclosed\n`;
    if (i % 151 === 80) yield `${fields.map((field) => (field === 'timestamp' ? '"soon"' : '""')).join(',')}\n`;
  }
}

const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;

function* recentInfected(seed: number, last: number, count: number): Generator<string> {
  const roll = dice(seed ^ (last * 8191));
  const text = clockText();
  const targets = hosts();
  yield '[\n';
  for (let i = 0; i < count; i++) {
    const host = targets[Math.floor(roll() * targets.length)] ?? targets[0];
    if (!host) return;
    const at = text((last - 6) * daySeconds + Math.floor((i + roll()) * 7 * daySeconds / count));
    yield `${infectedRow(at, 'VN', host.address, roll())}${i === count - 1 ? '\n' : ',\n'}`;
  }
  yield ']\n';
}
