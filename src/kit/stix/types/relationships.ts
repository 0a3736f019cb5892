/** Which relationships STIX 2.1 suggests between which types (sections 3.7, 4 and 6; appendix B). Others are allowed. */
import { kindOf } from './names.ts';

const who = 'identity location vulnerability';
const means = 'attack-pattern infrastructure malware tool';
const places = 'ipv4-addr ipv6-addr domain-name url';

/** Source, then `relationship: targets`. */
const texts: Readonly<Record<string, string>> = {
  'attack-pattern': `delivers: malware; targets: ${who}; uses: malware tool`,
  campaign: `attributed-to: intrusion-set threat-actor; compromises: infrastructure; originates-from: location; targets: ${who}; uses: ${means}`,
  'course-of-action': 'investigates: indicator; mitigates: attack-pattern indicator malware tool vulnerability; remediates: malware vulnerability',
  identity: 'located-at: location',
  indicator: 'indicates: attack-pattern campaign infrastructure intrusion-set malware threat-actor tool; based-on: observed-data',
  infrastructure: `communicates-with: infrastructure ${places}; consists-of: infrastructure observed-data sco; controls: infrastructure malware;
    delivers: malware; has: vulnerability; hosts: tool malware; located-at: location; uses: infrastructure`,
  'intrusion-set': `attributed-to: threat-actor; compromises: infrastructure; hosts: infrastructure; owns: infrastructure; originates-from: location;
    targets: ${who}; uses: ${means}`,
  malware: `authored-by: threat-actor intrusion-set; beacons-to: infrastructure; exfiltrates-to: infrastructure; communicates-with: ${places};
    controls: malware; downloads: malware tool file; drops: malware tool file; exploits: vulnerability; originates-from: location;
    targets: ${who} infrastructure; uses: ${means}; variant-of: malware`,
  'malware-analysis': 'characterizes: malware; analysis-of: malware; static-analysis-of: malware; dynamic-analysis-of: malware',
  'threat-actor': `attributed-to: identity; compromises: infrastructure; hosts: infrastructure; owns: infrastructure; impersonates: identity;
    located-at: location; targets: ${who}; uses: ${means}`,
  tool: `delivers: malware; drops: malware; has: vulnerability; targets: ${who} infrastructure; uses: infrastructure`,
  'domain-name': 'resolves-to: domain-name ipv4-addr ipv6-addr',
  'ipv4-addr': 'resolves-to: mac-addr; belongs-to: autonomous-system',
  'ipv6-addr': 'resolves-to: mac-addr; belongs-to: autonomous-system',
};

const suggested: ReadonlySet<string> = new Set(Object.entries(texts).flatMap(([source, text]) => text.split(';').flatMap((part) => {
  const [name = '', targets = ''] = part.trim().split(': ');
  return targets.split(' ').map((target) => `${source} ${name} ${target}`);
})));

/** Whether the standard names this relationship between these types, or one of them is a type it does not know. */
export function isSuggested(source: string, name: string, target: string): boolean {
  if (kindOf(source) === 'custom' || kindOf(target) === 'custom' || name === 'related-to') return true;
  if (name === 'derived-from' || name === 'duplicate-of') return source === target;
  return suggested.has(`${source} ${name} ${target}`) || (kindOf(target) === 'sco' && suggested.has(`${source} ${name} sco`));
}
