/** What the passkey ceremonies share: where they can happen, and what a cancelled one is called. */
import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser';
import { Alert } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ProblemError, useTransport } from '#ui/asking';
import { useGo } from '#ui/url';
import { useWords } from '#ui/words';

type Json = Readonly<Record<string, unknown>>;

/** The hub's challenge as the browser takes it; its WebAuthn library made it, the browser's checks it. */
export function requestOptions(options: Json): PublicKeyCredentialRequestOptionsJSON {
  return { challenge: '', ...options };
}

export function creationOptions(options: Json): PublicKeyCredentialCreationOptionsJSON {
  return options as Json & PublicKeyCredentialCreationOptionsJSON;
}

/** A refusal of the hub as it is; whatever stopped the browser's ceremony in one sentence. */
export function ceremonyError(caught: unknown, sentence: string): Error {
  if (caught instanceof ProblemError) return caught;
  return new ProblemError({ type: 'about:blank', title: sentence, status: 400, code: 'passkey.stopped' });
}

/**
 * Runs a ceremony that ends signed in: what was known as the one before is forgotten, and one goes on to `after`.
 * `busy` while it runs; `error` says why it stopped.
 */
export function useCeremony(
  run: (ask: ReturnType<typeof useTransport>['ask']) => Promise<unknown>, after: string,
): { readonly act: () => Promise<void>; readonly busy: boolean; readonly error: Error | null } {
  const { t } = useWords();
  const { ask } = useTransport();
  const queries = useQueryClient();
  const go = useGo();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const act = async () => {
    setBusy(true);
    setError(null);
    try {
      await run(ask);
      queries.clear();
      await queries.invalidateQueries();
      go(after);
    } catch (caught) {
      setError(ceremonyError(caught, t('sign-in.stopped')));
    } finally {
      setBusy(false);
    }
  };
  return { act, busy, error };
}

/** Passkeys belong to a host name; an address in digits has none. */
export function Elsewhere() {
  const { t } = useWords();
  const { hostname, port, pathname, search, hash } = window.location;
  if (!/^[\d.]+$|^\[/.test(hostname)) return null;
  const there = `http://localhost${port ? `:${port}` : ''}${pathname}${search}${hash}`;
  return <Alert color="teal">{t('sign-in.elsewhere')} <a href={there}>{`http://localhost${port ? `:${port}` : ''}`}</a></Alert>;
}
