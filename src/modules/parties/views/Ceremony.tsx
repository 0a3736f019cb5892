/** What the passkey ceremonies share: where they can happen, and what a cancelled one is called. */
import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser';
import { Alert } from '@mantine/core';
import { ProblemError } from '#ui/asking';
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

/** Passkeys belong to a host name; an address in digits has none. */
export function Elsewhere() {
  const { t } = useWords();
  const { hostname, port, pathname, search, hash } = window.location;
  if (!/^[\d.]+$|^\[/.test(hostname)) return null;
  const there = `http://localhost${port ? `:${port}` : ''}${pathname}${search}${hash}`;
  return <Alert color="teal">{t('sign-in.elsewhere')} <a href={there}>{`http://localhost${port ? `:${port}` : ''}`}</a></Alert>;
}
