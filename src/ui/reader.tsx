/** Who reads, and what the role matrix lets them do: pages hide or grey what would be refused, the hub still decides. */
import { createContext, useContext } from 'react';

export interface Reader {
  readonly signedIn: boolean;
  readonly person: string | null;
  readonly organisation: string | null;
  readonly organisationKind: string | null;
  readonly roles: readonly string[];
  readonly demo: boolean;
  /** Name of the identity provider that one may sign in with, or null. */
  readonly identityProvider: string | null;
  /** ISO 3166-1 code of the country this hub serves. */
  readonly country: string;
  readonly may: (right: string) => boolean;
  /** Title of the agreement that a clause is of, in the reader's language where the reader has the agreement. */
  readonly agreementTitle: (clause: { readonly agreementId: string; readonly agreementTitle: string }) => string;
}

export const ReaderContext = createContext<Reader>({
  signedIn: false, person: null, organisation: null, organisationKind: null, roles: [], demo: false, identityProvider: null, country: 'VN', may: () => false,
  agreementTitle: (clause) => clause.agreementTitle,
});

export function useReader(): Reader {
  return useContext(ReaderContext);
}
