/**
 * An accepted act leaves its fact in the ledger. The few that leave none stand here with their reason; a new act that leaves
 * none fails the simulation until it stands here too.
 */

/** Accepted, and yet no act of a person: nothing is stated. */
const statesNothing: Readonly<Record<string, string>> = {
  'invitations.view': 'shows the invitation to who holds its secret',
  'constituents.previewImport': 'reads a file and changes nothing',
  'constituents.seeChanges': 'notes for one person alone how far it has looked, as a bookmark',
};

/** A challenge is a random number that somebody asked for. */
export const isSilent = (operation: string): boolean => operation.endsWith('challenge') || Object.hasOwn(statesNothing, operation);
