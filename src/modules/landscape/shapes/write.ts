/**
 * Stored rows in the formats of others, a line each: IntelMQ's data format (so that a row that came in by it goes out as it came), n6's JSON, our own
 * NDJSON of docs/specs/rows.md, and CSV. What a format has no place for goes under its own heading for such things, or is named in the specification.
 */
import { csvText } from '#kit/csv/write';
import type { Event, WrittenFormat } from '../model.ts';
import { n6Categories } from './formats.ts';
import { ndjsonKeys } from './ndjson.ts';

export const writtenTypes: Readonly<Record<WrittenFormat, string>> = {
  ndjson: 'application/x-ndjson; charset=utf-8', idf: 'application/x-ndjson; charset=utf-8', n6: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
};

/** RSIT's classes by type, as the reference taxonomy names them; a type it does not know is `other`. */
const taxonomies: Readonly<Record<string, readonly string[]>> = {
  'abusive-content': ['spam', 'harmful-speech', 'violence'],
  'malicious-code': ['infected-system', 'c2-server', 'malware-distribution', 'malware-configuration'],
  'information-gathering': ['scanner', 'sniffing', 'social-engineering'],
  'intrusion-attempts': ['ids-alert', 'brute-force', 'exploit'],
  intrusions: ['privileged-account-compromise', 'unprivileged-account-compromise', 'application-compromise', 'system-compromise', 'burglary'],
  availability: ['dos', 'ddos', 'misconfiguration', 'sabotage', 'outage'],
  'information-content-security': ['unauthorised-information-access', 'unauthorised-information-modification', 'data-loss', 'data-leak'],
  fraud: ['unauthorised-use-of-resources', 'copyright', 'masquerade', 'phishing'],
  vulnerable: ['weak-crypto', 'ddos-amplifier', 'potentially-unwanted-accessible', 'information-disclosure', 'vulnerable-system'],
  other: ['blacklist', 'dga-domain', 'other', 'malware', 'proxy', 'tor', 'undetermined'],
  test: ['test'],
};
const taxonomyOf = new Map(Object.entries(taxonomies).flatMap(([taxonomy, types]) => types.map((type) => [type, taxonomy] as const)));

/** Our own words that RSIT spells otherwise; what is in neither goes out as `other`, and under `extra.type` as it is. */
const rsitWords: Readonly<Record<string, string>> = {
  infection: 'infected-system', attack: 'ids-alert', defacement: 'unauthorised-information-modification', exposure: 'vulnerable-system', c2: 'c2-server',
  'website-attack': 'unauthorised-information-modification', 'malware-file': 'malware', infected: 'infected-system',
};

type Line = Record<string, unknown>;

/** Without the keys that say nothing. */
const told = (line: Line): Line => Object.fromEntries(Object.entries(line).filter(([, value]) => value !== null && value !== '' && value !== undefined));

const identifiers = new Set(['classification.taxonomy', 'classification.identifier', 'feed.name', 'feed.provider']);

export function idfOf(event: Event): Line {
  const known = taxonomyOf.has(event.type) ? event.type : rsitWords[event.type];
  const type = known ?? 'other';
  const line: Line = {
    'time.source': event.time, 'time.observation': event.received, 'feed.name': event.feedName, 'feed.accuracy': event.confidence,
    'classification.taxonomy': taxonomyOf.get(type) ?? 'other', 'classification.type': type, 'classification.identifier': event.family,
    'source.ip': event.ip, 'source.port': event.port, 'source.asn': event.asn, 'source.geolocation.cc': event.area === 'ZZ' ? null : event.area,
    'source.fqdn': event.domain, 'source.url': event.url, 'destination.ip': event.peerIp, 'destination.port': event.peerPort, tlp: event.tlp,
    'extra.severity': event.severity === 'unknown' ? null : event.severity, 'extra.count': event.count === 1 ? null : event.count,
    'extra.type': type === event.type ? null : event.type, 'extra.entente_id': event.id,
  };
  for (const [key, value] of Object.entries(event.attrs)) {
    // What came in under a key of the format goes out under it; all else is extra, and never in the place of what is told above.
    const own = identifiers.has(key) || /^(extra|source|destination|malware|protocol|event_description|feed|time)\.[a-z0-9_.]+$/.test(key);
    const name = own ? key : `extra.${key.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '_')}`;
    line[line[name] === undefined || line[name] === null || identifiers.has(key) ? name : `extra.sent_${name.replaceAll('.', '_')}`] = value;
  }
  return told(line);
}

const n6ByType = new Map(Object.entries(n6Categories).map(([category, type]) => [type, category] as const));
const n6ByKind: Readonly<Record<Event['kind'], string>> = {
  infection: 'bots', attack: 'other', 'website-attack': 'deface', exposure: 'vulnerable', c2: 'cnc', 'user-heartbeat': 'other', 'user-detection': 'malware',
  'malicious-file': 'malware', 'clean-file': 'other', other: 'other',
};
const restrictions: Readonly<Record<Event['tlp'], string>> = {
  CLEAR: 'public', GREEN: 'public', AMBER: 'need-to-know', 'AMBER+STRICT': 'internal', RED: 'internal',
};

export function n6Of(event: Event): Line {
  const level = event.confidence === null ? 'medium' : event.confidence >= 75 ? 'high' : event.confidence >= 40 ? 'medium' : 'low';
  const address = event.ip === null ? null : [told({ ip: event.ip, cc: event.area === 'ZZ' ? null : event.area, asn: event.asn })];
  return told({
    id: event.id, source: `entente.${event.feedName}`, restriction: restrictions[event.tlp], confidence: level,
    category: n6ByType.get(event.type) ?? n6ByKind[event.kind], time: event.time.replace(/\.000Z$/, 'Z'), name: event.family, address,
    sport: event.port, dip: event.peerIp, dport: event.peerPort, fqdn: event.domain, url: event.url, count: event.count === 1 ? null : event.count,
    md5: event.attrs['md5'], sha1: event.attrs['sha1'], sha256: event.attrs['sha256'],
  });
}

/** Our own keys, so that the line read again is the same event. */
export function rowOf(event: Event): Line {
  const website = event.kind === 'website-attack';
  const line = told({
    time: event.time, type: event.type, family: event.family, severity: event.severity === 'unknown' ? null : event.severity, confidence: event.confidence,
    tlp: event.tlp, ip: event.ip, [website ? 'dst_port' : 'src_port']: event.port, [website ? 'src_ip' : 'dst_ip']: event.peerIp,
    [website ? 'src_port' : 'dst_port']: event.peerPort, domain: event.domain, url: event.url, asn: event.asn, cc: event.area === 'ZZ' ? null : event.area,
    count: event.count === 1 ? null : event.count,
  });
  // What was sent under one of our own names beside what we say gets another.
  for (const [key, value] of Object.entries(event.attrs)) line[Object.hasOwn(ndjsonKeys, key) ? `sent_${key}` : key] = value;
  return line;
}

const columns = [
  'id', 'time', 'received', 'feed', 'report', 'kind', 'type', 'family', 'severity', 'confidence', 'tlp', 'ip', 'port', 'area', 'asn', 'peer_ip', 'peer_port',
    'domain',
  'url', 'owner', 'count', 'attributes',
] as const;
export const csvHead = `${columns.join(',')}\r\n`;

function csvOf(event: Event): string {
  const values = [
    event.id, event.time, event.received, event.feedName, event.reportType, event.kind, event.type, event.family, event.severity, event.confidence, event.tlp,
    event.ip, event.port, event.area, event.asn, event.peerIp, event.peerPort, event.domain, event.url, event.ownerName, event.count,
    Object.keys(event.attrs).length === 0 ? '' : JSON.stringify(event.attrs),
  ];
  return `${values.map((value) => (value === null || value === '' ? '' : typeof value === 'number' ? String(value) : csvText(value))).join(',')}\r\n`;
}

/** A row as one line of a format, its end included. */
export function written(format: WrittenFormat, event: Event): string {
  if (format === 'csv') return csvOf(event);
  return `${JSON.stringify(format === 'idf' ? idfOf(event) : format === 'n6' ? n6Of(event) : rowOf(event))}\n`;
}
