/** Who is signed in, asked once and kept; while the hub is starting its progress stands in place of every page. */
import { createContext, useContext, useMemo, type ReactNode } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { agreementsApi } from '#modules/agreements/api';
import { partiesApi } from '#modules/parties/api';
import { ProblemError, useAsk } from '#ui/asking';
import { ProblemNote } from '#ui/ProblemNote';
import { TableSkeleton } from '#ui/RowTable';
import { ReaderContext, type Reader } from '#ui/reader';
import { useWords } from '#ui/words';
import { Starting } from './Starting.tsx';

export type SessionNow = OutputOf<(typeof partiesApi)['session.view']>;
const SessionContext = createContext<SessionNow | null>(null);

export function useSession(): SessionNow {
  const session = useContext(SessionContext);
  if (!session) throw new Error('invariant broken: pages stand inside a SessionGate');
  return session;
}

function readerOf(session: SessionNow): Omit<Reader, 'agreementTitle'> {
  const { actor } = session;
  const rights = new Set(actor?.rights ?? []);
  return {
    signedIn: actor !== null,
    person: actor?.person.id ?? null,
    organisation: actor?.organisation.id ?? null,
    organisationKind: actor?.organisation.kind ?? null,
    roles: actor?.person.roles ?? [],
    demo: session.mode === 'demo',
    identityProvider: session.hub.identityProvider,
    country: session.hub.country,
    may: (right) => rights.has(right),
  };
}

/** The reader, with the titles of the agreements that they are party to. */
function Reading({ reader, children }: { readonly reader: Omit<Reader, 'agreementTitle'>; readonly children: ReactNode }) {
  const { own } = useWords();
  const agreements = useAsk(agreementsApi['agreements.list'], {}, { enabled: reader.may('agreement.list') });
  const value = useMemo<Reader>(() => {
    const titles = new Map((agreements.data?.agreements ?? []).map((a) => [a.id, own(a.title, a.titleVi)]));
    return { ...reader, agreementTitle: (clause) => titles.get(clause.agreementId) ?? clause.agreementTitle };
  }, [reader, agreements.data, own]);
  return <ReaderContext value={value}>{children}</ReaderContext>;
}

export function SessionGate({ children }: { readonly children: ReactNode }) {
  const asked = useAsk(partiesApi['session.view'], {});
  const reader = useMemo(() => (asked.data ? readerOf(asked.data) : null), [asked.data]);
  if (asked.data && reader) {
    return (
      <SessionContext value={asked.data}>
        <Reading reader={reader}>{children}</Reading>
      </SessionContext>
    );
  }
  if (!asked.error) return <main style={{ padding: 24 }} aria-busy="true"><TableSkeleton /></main>;
  const status = asked.error instanceof ProblemError ? asked.error.problem.status : 500;
  if (status === 0 || status === 503 || status === 502) return <Starting onReady={() => void asked.refetch()} />;
  return <main style={{ padding: 24 }}><ProblemNote error={asked.error} onRetry={() => void asked.refetch()} /></main>;
}
