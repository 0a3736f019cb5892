/** A rule set of whatever grammar, told by how it is written. */
import { readSigma } from './sigma.ts';
import { readSuricata } from './suricata.ts';
import { readYara } from './yara.ts';
import type { Grammar, RuleSet } from './rule.ts';

/** Null for what is none of them. */
export function grammarOf(source: string): Grammar | null {
  if (/^[ \t]*(?:(?:private|global)\s+)*rule\s+[A-Za-z_]\w*\s*(?::[^{]*)?\{/m.test(source)) return 'yara';
  if (/^\s*(?:alert|drop|reject\w*|pass)\s+\S+\s+.+(?:->|<>)/m.test(source)) return 'suricata';
  return /^detection:\s*$/m.test(source) ? 'sigma' : null;
}

const readers: Readonly<Record<Grammar, (source: string) => RuleSet>> = { yara: readYara, sigma: readSigma, suricata: readSuricata };

export function readRules(source: string): RuleSet | null {
  const text = source.startsWith('\ufeff') ? source.slice(1) : source;
  const grammar = grammarOf(text);
  return grammar === null ? null : readers[grammar](text);
}
