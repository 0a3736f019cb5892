/** Galaxies of MISP and the objects of STIX that their clusters are. A galaxy of no known type is carried as a custom object. */

/** Words of a galaxy's type, the first that is in it counts, and the STIX type. */
const kinds: readonly (readonly [RegExp, string])[] = [
  [/attack-pattern|^cmtmf|^disarm-techniques$|^atrm$|^gsma-motif$/, 'attack-pattern'],
  [/course-of-action|^disarm-countermeasures$|^mitre-d3fend$/, 'course-of-action'],
  [/intrusion-set/, 'intrusion-set'],
  [/campaign/, 'campaign'],
  [/malware|^malpedia$|^ransomware$|^rat$|^banker$|^stealer$|^backdoor$|^botnet$|^android$|^cryptominers$|^wiper$/, 'malware'],
  [/^threat-actor$|^microsoft-activity-group$|^360net-threat-actor$/, 'threat-actor'],
  [/tool$|^exploit-kit$|^tds$/, 'tool'],
  [/^branded-vulnerability$|^vulnerability$/, 'vulnerability'],
  [/^sector$/, 'identity'],
  [/^country$|^region$/, 'location'],
];

export const customCluster = 'x-misp-galaxy-cluster';

/** The STIX type of a galaxy's clusters. */
export function clusterType(galaxy: string): string {
  return kinds.find(([words]) => words.test(galaxy))?.[1] ?? customCluster;
}

/** The galaxy that an object of STIX becomes a cluster of, with the name that people know it by; null where there is none. */
export const galaxyOfType: Readonly<Record<string, readonly [type: string, name: string]>> = {
  'attack-pattern': ['mitre-attack-pattern', 'Attack Pattern'], 'course-of-action': ['mitre-course-of-action', 'Course of Action'],
  'intrusion-set': ['mitre-intrusion-set', 'Intrusion Set'], campaign: ['stix-2.1-campaign', 'Campaign'], malware: ['stix-2.1-malware', 'Malware'],
  'threat-actor': ['threat-actor', 'Threat Actor'], tool: ['stix-2.1-tool', 'Tool'],
};

/** Tactics of ATT&CK in the words of `kill_chain` of a cluster: `mitre-attack:execution`. */
export function phasesOf(meta: Readonly<Record<string, readonly string[]>>): { kill_chain_name: string; phase_name: string }[] {
  const said = Object.hasOwn(meta, 'kill_chain') ? meta['kill_chain'] ?? [] : [];
  return said.flatMap((text) => {
    const parts = text.split(':');
    const [first = '', last = ''] = [parts[0], parts.at(-1)];
    return parts.length >= 2 && first !== '' && last !== '' ? [{ kill_chain_name: first, phase_name: last.toLowerCase().replaceAll(/[ _]/g, '-') }] : [];
  });
}
