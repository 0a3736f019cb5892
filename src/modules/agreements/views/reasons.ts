/**
 * The hub's reasons in the reader's language: the dictionaries' sentence for the code, with what the hub's English sentence
 * names beside it (a part, a clause, a label) taken from the agreement that lies open. Null where no words are known.
 */
import type { ReasonNode } from '#ui/Explainer';
import type { Words } from '#ui/words';
import { kindName, rightName, type Agreed } from './words.ts';

const quoted = /“([^”]+)”/;
/** What says only that the act itself is given, forbidden or not. */
const ofTheRight: ReadonlySet<string> = new Set(['allowed', 'denied', 'prohibited', 'right-not-granted']);

export function sayReason(words: Words, agreed: Agreed, right: string, reason: ReasonNode): string | null {
  const { t, has, own } = words;
  const { code, sentence } = reason;
  if (code === 'agreement') return sentence === agreed.title ? own(agreed.title, agreed.titleVi) : sentence;
  if (!has(`reason.${code}`)) return null;
  const told = t(`reason.${code}`);
  const beside = besides(words, agreed, right, reason);
  return beside ? `${told.replace(/\.$/, '')}: ${beside}` : told;
}

/** What the sentence says in particular. */
function besides(words: Words, agreed: Agreed, right: string, { code, sentence, clause }: ReasonNode): string | null {
  const { t, own, day } = words;
  if (/^(pillar|authorisation|service)-/.test(code)) {
    const part = agreed.parts.find((p) => p.title === quoted.exec(sentence)?.[1]);
    return part ? `“${own(part.title, part.titleVi)}”.` : null;
  }
  if (code === 'clause') {
    const found = agreed.clauses.find((c) => c.number === clause?.clause);
    return found ? `${own(found.title, found.titleVi)}.` : null;
  }
  if (ofTheRight.has(code)) return `“${rightName(words, right)}”.`;
  if (code === 'agreement-in-force' || code === 'agreement-expired') return t('reason.until', { day: day(agreed.expiresOn) });
  if (code === 'agreement-not-yet-effective') return t('reason.from', { day: day(agreed.effectiveOn) });
  if (code.startsWith('tlp-')) {
    const label = [...sentence.matchAll(/(?:TLP:|up to )([A-Z+]+)/g)].at(-1)?.[1];
    return label === undefined ? null : `TLP:${label}.`;
  }
  if (code.startsWith('level-')) {
    const level = /(\d)\.$/.exec(sentence)?.[1];
    return level === undefined ? null : `${t(`level.${level}`)}.`;
  }
  if (code.startsWith('kind-')) return `${kindName(words, /covers? (\S+)\.$/.exec(sentence)?.[1] ?? '')}.`;
  if (code.startsWith('purpose-')) return `${t(`purpose.${/purpose (\S+) is/.exec(sentence)?.[1] ?? ''}`)}.`;
  if (code.startsWith('role-')) {
    const roles = /roles (.+)\.$/.exec(sentence)?.[1];
    return roles ? `${roles.split(', ').map((role) => t(`role.${role}`)).join(', ')}.` : null;
  }
  return null;
}
