/** Words for types of STIX, those that have some; the others are shown as they are called. */
import type { Words } from '#ui/words';

/** Types that people look for, the likeliest first. */
export const shownTypes = [
  'indicator', 'malware', 'threat-actor', 'intrusion-set', 'campaign', 'attack-pattern', 'tool', 'vulnerability', 'infrastructure',
  'report', 'course-of-action',
  'identity', 'relationship', 'sighting', 'observed-data', 'domain-name', 'ipv4-addr', 'ipv6-addr', 'url', 'file', 'note', 'marking-definition',
] as const;

export const typeWords = ({ t, has }: Words, type: string): string => (has(`stix.${type}`) ? t(`stix.${type}`) : type);
/** What joins two objects, in the same way. */
export const relationWords = ({ t, has }: Words, relation: string): string =>
  (has(`relation.${relation}`) ? t(`relation.${relation}`) : relation.replaceAll('-', ' '));
