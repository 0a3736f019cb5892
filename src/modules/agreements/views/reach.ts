/**
 * A right's reach in the reader's language. The hub states it as one line of English clauses (rules/gains.ts), the same for
 * both signers and stored with the second signature; each clause is read here by its form. One of another form stays as it is.
 */
import type { Words } from '#ui/words';
import { kindName } from './words.ts';

const list = (text: string): string[] => text.split(', ');
const instant = '(\\d{4}-\\d{2}-\\d{2}T[\\d:.]+Z)';

type Say = (words: Words, found: readonly string[], zone: string) => string;
const forms: readonly (readonly [RegExp, Say])[] = [
  [/^for (.+)$/, ({ t }, [of = '']) => t('reach.purposes', { list: list(of).map((purpose) => t(`purpose.${purpose}`)).join(', ') })],
  [/^on (.+)$/, (words, [of = '']) => words.t('reach.kinds', { list: list(of).map((kind) => kindName(words, kind)).join(', ') })],
  [/^products none named$/, ({ t }) => t('reach.no-products')],
  [/^products (.+)$/, ({ t }, [of]) => t('reach.products', { list: of })],
  [/^up to TLP:(\S+), level (\d)$/, ({ t }, [tlp, level = '']) => t('reach.ceiling', { tlp, level: t(`level.${level}`) })],
  [new RegExp(`^from ${instant} until ${instant}$`), ({ t, day }, [from = '', until = ''], zone) =>
    t('reach.term', { from: day(from, zone), until: day(until, zone) })],
  [/^roles (.+)$/, ({ t }, [of = '']) => t('reach.roles', { list: list(of).map((role) => t(`role.${role}`)).join(', ') })],
  [/^people .+$/, ({ t }) => t('reach.people')],
  [/^second factor$/, ({ t }) => t('reach.mfa')],
  [/^from ([\da-f.:/, ]+)$/i, ({ t }, [of]) => t('reach.networks', { list: of })],
  [/^(\d+) approvals$/, ({ t, number }, [count]) => t('reach.approvals', { count: number(Number(count)) })],
  [/^forbidden always$/, ({ t }) => t('reach.forbidden')],
  [/^forbidden where .+$/, ({ t }) => t('reach.forbidden-where')],
];

/** The clauses of one line of reach, worded; days are those of the agreement's zone. */
export function sayReach(words: Words, reach: string, zone: string): string[] {
  return reach.split('; ').map((clause) => {
    for (const [form, say] of forms) {
      const found = form.exec(clause);
      if (found) return say(words, found.slice(1), zone);
    }
    return clause;
  });
}
