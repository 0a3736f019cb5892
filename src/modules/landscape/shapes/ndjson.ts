/**
 * Generic events, one JSON object a line (or one array): a small fixed set of keys, documented in
 * docs/specs/rows.md; every other key becomes an attribute. Only `time` is required.
 */
import { canonicalJson } from '#kit/rows/identity';
import { secondsOf } from '#kit/rows/time';
import { areaOf, asnOf, confidenceOf, countOf, domainOf, portOf, severityOf, tlpOf, wordOf, type Draft, type Unfit } from './draft.ts';
import { kindOfWord } from './kinds.ts';

type Json = Readonly<Record<string, unknown>>;

/** The keys with a meaning, and what each means. */
export const ndjsonKeys: Readonly<Record<string, string>> = {
  time: 'when it happened: ISO 8601 (UTC unless an offset is given), or seconds since 1970',
  type: 'what happened: infection, attack, defacement, phishing, malware-distribution, exposure, c2, user-heartbeat, user-detection, or any RSIT type',
  family: 'malware or technique',
  severity: 'critical, high, medium, low, info',
  confidence: '0 to 100, or High, Medium, Low',
  tlp: 'TLP 2.0; a word nobody knows is RED',
  ip: 'the address it is about, IPv4 or IPv6; same as src_ip, but for a defacement the host of the site',
  src_ip: 'where it came from: infected host, attacker',
  src_port: 'its port',
  dst_ip: 'the other side; for a defacement the host of the site',
  dst_port: 'its port',
  domain: 'host name it is about',
  url: 'address it is about',
  asn: 'autonomous system, where no list knows the address',
  cc: 'country (ISO 3166-1), where no list knows the address',
  user: 'pseudonym of an installation that consented to statistics',
  count: 'how many times it was seen',
};

export const ndjsonKnown: ReadonlySet<string> = new Set(Object.keys(ndjsonKeys));
export const ndjsonCore = ['time', 'type'] as const;

export function fillNdjson(draft: Draft, row: Json, reportType: string): Unfit | null {
  draft.reset();
  draft.reportType = reportType;
  const type = row['type'];
  draft.type = typeof type === 'string' ? type : reportType;
  draft.kind = kindOfWord(draft.type);
  const website = draft.kind === 'website-attack';
  for (const key in row) {
    const value = row[key];
    if (value === null || value === '') continue;
    switch (key) {
      case 'time': case 'type': break;
      case 'family': draft.family = text(value); break;
      case 'severity': draft.severity = severityOf(text(value)); break;
      case 'confidence': draft.confidence = confidenceOf(value); break;
      case 'tlp': draft.tlp = tlpOf(text(value)); break;
      case 'ip': case 'src_ip': case 'dst_ip':
        if (website ? key === 'src_ip' : key === 'dst_ip') draft.setPeer(key, text(value));
        else if (!draft.setIp(text(value))) return { reason: 'ip.invalid', detail: `${key} is no address` };
        break;
      case 'src_port': if (website) draft.peerPort = portOf(value); else draft.port = portOf(value); break;
      case 'dst_port': if (website) draft.port = portOf(value); else draft.peerPort = portOf(value); break;
      case 'domain':
        draft.domain = domainOf(text(value));
        if (draft.domain === '') return { reason: 'domain.invalid', detail: 'domain is no host name' };
        break;
      case 'url': draft.url = text(value); break;
      case 'asn': draft.asn = asnOf(value); break;
      case 'cc': draft.area = areaOf(text(value)); break;
      case 'user': draft.user = text(value); break;
      case 'count': draft.count = countOf(value); break;
      default: draft.attr(key, text(value));
    }
  }
  const counted = draft.kind === 'user-heartbeat' || draft.kind === 'user-detection';
  if (counted && draft.user === '') return { reason: 'user.missing', detail: 'a user row without a user' };
  return timed(draft, row['time']);
}

function timed(draft: Draft, value: unknown): Unfit | null {
  if (value === undefined || value === null || value === '') return { reason: 'time.missing', detail: 'the row has no time' };
  const seconds = secondsOf(typeof value === 'number' ? value : wordOf(value));
  if (seconds === null) return { reason: 'time.invalid', detail: 'the time is no time' };
  draft.time = seconds;
  return null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : canonicalJson(value, 0);
}
