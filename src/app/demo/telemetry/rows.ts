/** Raw rows of the demonstration as text, shape by shape. Deterministic: a row depends on the seed and its number only. */
import { areas, home, sensorsAbroad } from './parameters.ts';

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));

/** Text of seconds since the epoch; the day's part is remembered, since neighbours share it. */
export function clockText(): (seconds: number) => string {
  let day = -1;
  let text = '';
  return (seconds) => {
    const at = Math.floor(seconds / 86_400);
    if (at !== day) {
      day = at;
      text = new Date(at * 86_400_000).toISOString().slice(0, 11);
    }
    const rest = seconds - at * 86_400;
    return `${text}${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}Z`;
  };
}

/** Distinct addresses of the home area: a walk through 100.64.0.0/10 that meets each of its 4,194,304 once. */
export function homeAddress(i: number): string {
  const n = (i * 2_654_435 + 7919) % 4_194_304;
  return `100.${64 + (n >>> 16)}.${(n >>> 8) & 255}.${n & 255}`;
}

/** Distinct addresses of another area, from the private range: no real network is shown. The feed states the area. */
export function otherAddress(area: string, i: number): string {
  const n = (i * 40_503 + 13) % 65_536;
  return `10.${areas.indexOf(area as (typeof areas)[number]) + 1}.${n >>> 8}.${n & 255}`;
}

const attackTypes = ['brute-force', 'scanner', 'exploit', 'ddos', 'web-attack'] as const;
const ports = [22, 23, 445, 3389, 80, 443, 5900, 1433] as const;

/** What an attack was aimed at: a sensor at home, from home also one abroad; one row in twenty does not say. */
function attacked(n: number, area: string): string | null {
  const turn = Math.imul(n, 2_654_435_761) >>> 0;
  const percent = turn % 100;
  if (percent >= 95) return null;
  if (area !== home || percent < 40) return `100.127.250.${1 + turn % 12}`;
  const part = ((turn >>> 8) % 1000) / 1000;
  return `198.18.${Math.floor(part * part * sensorsAbroad.length)}.${1 + turn % 5}`;
}

export function attackRow(n: number, at: string, area: string, roll: number): string {
  const address = area === home ? homeAddress(Math.floor(roll * 60_000)) : otherAddress(area, Math.floor(roll * 4000));
  const type = attackTypes[Math.floor(roll * 5000) % 5] ?? 'scanner';
  const port = ports[Math.floor(roll * 80_000) % 8] ?? 22;
  const cc = area === home ? '' : `,"cc":"${area}"`;
  const target = attacked(n, area);
  const to = target === null ? '' : `"dst_ip":"${target}",`;
  return `{"time":"${at}","type":"${type}","src_ip":"${address}",${to}"dst_port":${port}${cc},"n":${n}}\n`;
}

export const families = [
  'B54-CONFICKER', 'B67-SS-TINBA', 'B106-MIRAI', 'B157-NECURS', 'B85-R2D2', 'B93-CAPHAW', 'B201-ANDROMEDA', 'B77-ZEROACCESS',
  'B311-QAKBOT', 'B58-RUSTOCK', 'B402-EMOTET', 'B268-RAMNIT',
] as const;

export function familyOf(roll: number): string {
  // The first families have most of the addresses, as in life.
  return families[Math.floor(roll * roll * families.length)] ?? families[0];
}

export function infectedRow(at: string, area: string, address: string, roll: number): string {
  const confidence = roll < 0.7 ? 'High' : roll < 0.92 ? 'Medium' : 'Low';
  return `{"DataFeed":"CTIP-Infected","DateTimeReceivedUtc":"${at}","ThreatCode":"${familyOf(roll)}","ThreatConfidence":"${confidence}",`
    + `"TLP":"Amber","SourceIp":"${address}","SourcePort":${1024 + Math.floor(roll * 60_000)},"SourceIpCountryCode":"${area}"}`;
}

export function heartbeatRow(at: string, area: string, user: number | string): string {
  return `{"time":"${at}","type":"user-heartbeat","user":"${area}-${user}","cc":"${area}"}\n`;
}

export function detectionRow(at: string, area: string, user: number | string, roll: number): string {
  const family = ['Trojan.Agent', 'Worm.Autorun', 'Trojan.Miner', 'Backdoor.Gen', 'Ransom.Locker'][Math.floor(roll * 5)] ?? 'Trojan.Agent';
  return `{"time":"${at}","type":"user-detection","user":"${area}-${user}","cc":"${area}","family":"${family}"}\n`;
}

export function websiteRow(at: string, site: string, address: string, page: number): string {
  return `{"time":"${at}","type":"defacement","domain":"www.${site}","ip":"${address}","url":"http://www.${site}/${page}.html"}\n`;
}

/** Text in chunks of some 64 KiB. */
export function* packed(rows: Iterable<string>): Generator<Uint8Array> {
  let text = '';
  for (const row of rows) {
    text += row;
    if (text.length >= 65_536) {
      yield Buffer.from(text, 'utf8');
      text = '';
    }
  }
  if (text !== '') yield Buffer.from(text, 'utf8');
}
