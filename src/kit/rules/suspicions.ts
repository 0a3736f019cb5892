/** Why a rule is shown to a person: it matches by a marking of secrecy, by whose a file is, by what a paper is called, or by words alone. */
export const suspicions = ['marking', 'owner', 'document-name', 'words-only'] as const;
export type Suspicion = typeof suspicions[number];
