/**
 * CTIP botnet rows to drafts, in the three shapes that exist: the older Interflow 1.5 (a list of objects, lower-case
 * keys), Azure's one object a line, and the API's packed array. All make the same events. No field is required but the
 * time; a marking that nobody knows is RED; a Payload of base64 JSON is opened into attributes.
 */
import { canonicalJson } from '#kit/rows/identity';
import { secondsOf } from '#kit/rows/time';
import {
  areaOf, asnOf, confidenceOf, countOf, domainOf, portOf, severityOf, tlpOf, wordOf, type Draft, type Unfit,
} from './draft.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a key means. `c2` rows are about the destination, all others about the source. */
type Role =
  | 'time' | 'otherTime' | 'sourceIp' | 'sourcePort' | 'sourceAsn' | 'sourceArea' | 'targetIp' | 'targetPort'
  | 'targetAsn' | 'targetArea' | 'code' | 'malware' | 'confidence' | 'tlp' | 'severity' | 'domain' | 'payload' | 'count';

const roles: ReadonlyMap<string, Role> = new Map<string, Role>([
  // The API and Azure's lines.
  ['DateTimeReceivedUtc', 'time'], ['DateTimeReceivedUtcTxt', 'otherTime'], ['ThreatCode', 'code'],
  ['Malware', 'malware'], ['ThreatConfidence', 'confidence'], ['TLP', 'tlp'], ['TotalEncounters', 'count'],
  ['SourceIp', 'sourceIp'], ['SourcePort', 'sourcePort'], ['SourceIpAsnNumber', 'sourceAsn'],
  ['SourceIpCountryCode', 'sourceArea'], ['DestinationIp', 'targetIp'], ['DestinationPort', 'targetPort'],
  ['DestinationIpAsnNumber', 'targetAsn'], ['DestinationIpCountryCode', 'targetArea'], ['HttpDomain', 'domain'],
  ['Payload', 'payload'], ['Severity', 'severity'], ['severity', 'severity'],
  // Interflow 1.5.
  ['firstreporteddatetime', 'time'], ['lastreporteddatetime', 'otherTime'], ['externalid', 'code'],
  ['confidence', 'confidence'], ['tlplevel', 'tlp'], ['networksourceipv4', 'sourceIp'], ['networksourceipv6', 'sourceIp'],
  ['networksourceport', 'sourcePort'], ['networksourceasn', 'sourceAsn'], ['networkdestinationipv4', 'targetIp'],
  ['networkdestinationipv6', 'targetIp'], ['networkdestinationport', 'targetPort'],
  ['networkdestinationasn', 'targetAsn'], ['payload', 'payload'],
]);

/** Keys that the published records have beside those above. What is in neither is reported as drift. */
const plainKeys = [
  'DataFeed', 'SourcedFrom', 'SourceIpAsnOrgName', 'SourceIpRegion', 'SourceIpCity', 'SourceIpLatitude',
  'SourceIpLongitude', 'HttpMethod', 'HttpRequest', 'HttpVersion', 'HttpHost', 'HttpUserAgent', 'HttpReferrer',
  'CustomField1', 'CustomField2', 'CustomField3', 'CustomField4', 'CustomField5', 'Signatures', 'TargetIp', 'TargetPort',
  'DestinationIpAsnOrgName', 'DestinationIpRegion', 'DestinationIpCity', 'version', 'indicatorthreattype', 'description',
  'additionalmetadata', 'isproductlicensed', 'ispartnershareable', 'hostname', 'useragent', 'tags',
  'indicatorexpirationdatetime',
] as const;

export const ctipKeys: ReadonlySet<string> = new Set([...roles.keys(), ...plainKeys]);

/** Keys that every published record of a shape has; one that no row of a first batch sends is drift. */
export function ctipCore(sample: ReadonlySet<string>): readonly string[] {
  return sample.has('firstreporteddatetime')
    ? ['firstreporteddatetime', 'externalid', 'confidence', 'tlplevel', 'severity', 'networksourceipv4']
    : ['DataFeed', 'DateTimeReceivedUtc', 'ThreatCode', 'ThreatConfidence', 'TLP', 'SourceIp'];
}

/** `infected`, `c2`, `iot` or `domains`, from the record's own word where the feed has no setting. */
export function ctipType(row: Json): string {
  const feed = row['DataFeed'];
  if (typeof feed !== 'string') return 'infected';
  const word = feed.toLowerCase();
  if (word.endsWith('c2')) return 'c2';
  if (word.endsWith('iot')) return 'iot';
  return word.endsWith('domains') ? 'domains' : 'infected';
}

export function fillCtip(draft: Draft, row: Json, reportType: string): Unfit | null {
  draft.reset();
  draft.reportType = reportType;
  const c2 = reportType === 'c2' || reportType === 'domains';
  draft.kind = c2 ? 'c2' : 'infection';
  draft.type = c2 ? 'c2-server' : 'infected-system';
  draft.severity = 'high';
  let time: unknown = null;
  let otherTime: unknown = null;
  let code = '';
  let malware = '';
  for (const key in row) {
    const value = row[key];
    if (value === null || value === '') continue;
    switch (roles.get(key)) {
      case 'time': time = value; break;
      case 'otherTime': otherTime = value; break;
      case 'code': code = text(value); break;
      case 'malware': malware = text(value); draft.attr(key, malware); break;
      case 'sourceIp': case 'targetIp':
        if ((roles.get(key) === 'targetIp') !== c2) draft.setPeer(key, text(value));
        else if (!draft.setIp(text(value))) return { reason: 'ip.invalid', detail: `${key} is no address` };
        break;
      case 'sourcePort': if (c2) draft.peerPort = portOf(value); else draft.port = portOf(value); break;
      case 'targetPort': if (c2) draft.port = portOf(value); else draft.peerPort = portOf(value); break;
      case 'sourceAsn': if (c2) draft.attr(key, text(value)); else draft.asn = asnOf(value); break;
      case 'targetAsn': if (c2) draft.asn = asnOf(value); else draft.attr(key, text(value)); break;
      case 'sourceArea': if (c2) draft.attr(key, text(value)); else draft.area = areaOf(text(value)); break;
      case 'targetArea': if (c2) draft.area = areaOf(text(value)); else draft.attr(key, text(value)); break;
      case 'confidence': draft.confidence = confidenceOf(value); break;
      case 'tlp': draft.tlp = tlpOf(text(value)); break;
      case 'severity': severity(draft, key, value); break;
      case 'count': draft.count = countOf(value); break;
      case 'domain':
        draft.domain = domainOf(text(value));
        if (draft.domain === '') draft.attr(key, text(value));
        break;
      case 'payload': payload(draft, key, value); break;
      default: draft.attr(key, text(value));
    }
  }
  draft.family = code !== '' ? code : malware;
  return timed(draft, time ?? otherTime);
}

function timed(draft: Draft, value: unknown): Unfit | null {
  if (value === null) return { reason: 'time.missing', detail: 'the row has no time' };
  const seconds = secondsOf(typeof value === 'number' ? value : wordOf(value));
  if (seconds === null) return { reason: 'time.invalid', detail: 'the time is no time' };
  draft.time = seconds;
  return null;
}

function severity(draft: Draft, key: string, value: unknown): void {
  const known = typeof value === 'string' ? severityOf(value) : 'unknown';
  if (known === 'unknown') draft.attr(key, text(value));
  else draft.severity = known;
}

function payload(draft: Draft, key: string, value: unknown): void {
  const opened = typeof value === 'string' ? openPayload(value) : value;
  if (opened === null || typeof opened !== 'object' || Array.isArray(opened)) {
    draft.attr(key, text(value));
    return;
  }
  for (const [name, inner] of Object.entries(opened)) draft.attr(`payload.${name}`, text(inner));
}

function openPayload(value: string): unknown {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return null;
  try {
    return JSON.parse(Buffer.from(value, 'base64').toString('utf8'));
  } catch {
    return null;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : canonicalJson(value, 0);
}
