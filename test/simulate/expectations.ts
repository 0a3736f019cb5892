/**
 * What an accepted act leaves in the ledger: by the house's one verb, `agreement.sign` leaves one `agreement.signed`. The few
 * that do otherwise stand here with their reason; a new act that does otherwise fails the simulation until it stands here too.
 */

/** Accepted, and yet no act of a person: nothing is stated. */
const statesNothing: Readonly<Record<string, string>> = {
  'invitations.view': 'shows the invitation to who holds its secret',
  'constituents.previewImport': 'reads a file and changes nothing',
};

/** A challenge is a random number that somebody asked for. */
export const isSilent = (operation: string): boolean => operation.endsWith('challenge') || Object.hasOwn(statesNothing, operation);

/** The fact that an operation states where it is not its right in the past tense. */
export const statesOtherwise: Readonly<Record<string, string>> = {
  'session.end': 'session.ended',
  'people.assign': 'person.assigned',
  'constituents.commitImport': 'constituent.imported',
};

const irregular: Readonly<Record<string, string>> = {
  begin: 'begun', send: 'sent', withdraw: 'withdrawn', give: 'given', take: 'taken', hold: 'held', lead: 'led', let: 'let',
  read: 'read', write: 'written', choose: 'chosen', bind: 'bound', find: 'found', tell: 'told', see: 'seen', show: 'shown',
};

/** `agreement.withdraw-part` is `agreement.part-withdrawn`; `token.create` is `token.created`. */
export function factOf(operation: string, right: string): string {
  const otherwise = statesOtherwise[operation];
  if (otherwise) return otherwise;
  const [noun = '', verb = ''] = right.split('.');
  const [first = '', ...rest] = verb.split('-');
  return `${noun}.${[...rest, past(first)].join('-')}`;
}

function past(verb: string): string {
  const known = irregular[verb];
  if (known) return known;
  if (verb.endsWith('e')) return `${verb}d`;
  if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ied`;
  return `${verb}ed`;
}
