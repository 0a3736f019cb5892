/** The types that STIX 2.1 defines, by their kind (sections 4 to 8). */

export const sdoTypes = [
  'attack-pattern', 'campaign', 'course-of-action', 'grouping', 'identity', 'incident', 'indicator', 'infrastructure', 'intrusion-set',
  'location', 'malware', 'malware-analysis', 'note', 'observed-data', 'opinion', 'report', 'threat-actor', 'tool', 'vulnerability',
] as const;
export const sroTypes = ['relationship', 'sighting'] as const;
export const scoTypes = [
  'artifact', 'autonomous-system', 'directory', 'domain-name', 'email-addr', 'email-message', 'file', 'ipv4-addr', 'ipv6-addr', 'mac-addr',
  'mutex', 'network-traffic', 'process', 'software', 'url', 'user-account', 'windows-registry-key', 'x509-certificate',
] as const;
export const metaTypes = ['extension-definition', 'language-content', 'marking-definition'] as const;

export type ScoType = (typeof scoTypes)[number];
export type Kind = 'sdo' | 'sro' | 'sco' | 'meta' | 'bundle' | 'custom';

const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...sdoTypes.map((type) => [type, 'sdo'] as const), ...sroTypes.map((type) => [type, 'sro'] as const),
  ...scoTypes.map((type) => [type, 'sco'] as const), ...metaTypes.map((type) => [type, 'meta'] as const), ['bundle', 'bundle'],
]);

/** What a type is; `custom` for each that the standard does not name. */
export function kindOf(type: string): Kind {
  return kinds.get(type) ?? 'custom';
}
