/**
 * The real provider, by openid-client over the hub's outbound HTTP. Held to the letter: issuer as configured, audience,
 * nonce, state, PKCE (S256), `iss` of the answer (RFC 9207), signature by the provider's published keys and by an
 * asymmetric algorithm of the list, times by the hub's clock, `at_hash` where there is one. Keys are never a shared secret.
 */
import { hash } from 'node:crypto';
import * as oidc from 'openid-client';
import { systemClock, type Clock } from '../clock.ts';
import type { Outbound, OutboundRequest } from '../http/port.ts';
import { IdentityError, type Claims, type Departure, type IdentityProvider, type Passage } from './port.ts';

export interface OpenIdSettings {
  readonly issuer: string;
  readonly name: string;
  readonly clientId: string;
  /** Without one the client is public and PKCE alone binds the code to us. */
  readonly clientSecret: string | null;
}

/** Asymmetric only: an algorithm with a shared key would make our own secret, or their public key, a signing key. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const;

const keptMs = 10 * 60_000;

export function openIdProvider(settings: OpenIdSettings, parts: Parts): IdentityProvider {
  const known: { server: oidc.ServerMetadata | null; until: number } = { server: null, until: 0 };
  /** The client is made anew each time, so that a token is judged by the hub's clock as it stands then. */
  const configuration = async (): Promise<oidc.Configuration> => {
    if (!known.server || parts.clock.now() >= known.until) {
      known.server = await discover(settings, parts);
      known.until = parts.clock.now() + keptMs;
    }
    return clientOf(settings, known.server, parts);
  };
  return {
    issuer: settings.issuer, name: settings.name,
    depart: (redirect) => orIdentityError(async () => depart(await configuration(), redirect)),
    arrive: (redirect, brought, passage) =>
      orIdentityError(async () => arrive(await configuration(), settings, redirect, brought, passage)),
  };
}

async function orIdentityError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof IdentityError) throw error;
    throw new IdentityError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

interface Parts {
  readonly outbound: Outbound;
  readonly clock: Clock;
}

const isTrial = (settings: OpenIdSettings): boolean => settings.issuer.startsWith('http://');

/** What the provider says of itself, with the algorithms that are accepted. */
async function discover(settings: OpenIdSettings, parts: Parts): Promise<oidc.ServerMetadata> {
  const found = await oidc.discovery(new URL(settings.issuer), settings.clientId, undefined, oidc.None(), {
    [oidc.customFetch]: fetchOver(parts.outbound), ...(isTrial(settings) ? { execute: [oidc.allowInsecureRequests] } : {}),
  });
  const { supportsPKCE: _, ...server } = found.serverMetadata();
  // The library forgives a trailing slash and a tenant's placeholder; we do not.
  if (server.issuer !== settings.issuer) throw new IdentityError(`the provider calls itself ${server.issuer}`);
  const offered = server.id_token_signing_alg_values_supported ?? ['RS256'];
  const accepted = algorithms.filter((name) => offered.includes(name));
  if (accepted.length === 0) throw new IdentityError('the provider signs by no algorithm that is accepted');
  return { ...server, id_token_signing_alg_values_supported: accepted };
}

function clientOf(settings: OpenIdSettings, server: oidc.ServerMetadata, parts: Parts): oidc.Configuration {
  const auth = settings.clientSecret === null ? oidc.None() : oidc.ClientSecretBasic(settings.clientSecret);
  const config = new oidc.Configuration(server, settings.clientId, {
    [oidc.clockSkew]: Math.round((parts.clock.now() - systemClock().now()) / 1000), [oidc.clockTolerance]: 10,
  }, auth);
  config[oidc.customFetch] = fetchOver(parts.outbound);
  config.timeout = 15;
  if (isTrial(settings)) oidc.allowInsecureRequests(config);
  // Signatures are checked also where the token came straight from the provider: TLS alone does not say who signed.
  oidc.enableNonRepudiationChecks(config);
  return config;
}

async function depart(config: oidc.Configuration, redirect: string): Promise<Departure> {
  const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirect, response_type: 'code', scope: 'openid email profile', state, nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  });
  return { url: url.href, state, nonce, verifier };
}

async function arrive(
  config: oidc.Configuration, settings: OpenIdSettings, redirect: string, brought: Readonly<Record<string, string>>,
  passage: Passage,
): Promise<Claims> {
  const url = new URL(redirect);
  for (const [name, value] of Object.entries(brought)) url.searchParams.set(name, value);
  const tokens = await oidc.authorizationCodeGrant(config, url, {
    expectedState: passage.state, expectedNonce: passage.nonce, pkceCodeVerifier: passage.verifier, idTokenExpected: true,
  });
  const claims = tokens.claims();
  if (!claims || claims.iss !== settings.issuer || !claims.sub) throw new IdentityError('the ID token names nobody');
  refuseForeignAccessToken(tokens.id_token ?? '', tokens.access_token, claims['at_hash']);
  const email = typeof claims['email'] === 'string' && claims['email_verified'] === true ? claims['email'] : null;
  const username = typeof claims['preferred_username'] === 'string' ? claims['preferred_username'] : null;
  return { issuer: claims.iss, subject: claims.sub, email, username };
}

/** OpenID Connect Core 3.1.3.8: where the token says which access token it came with, it must be this one. */
function refuseForeignAccessToken(idToken: string, accessToken: string, atHash: unknown): void {
  if (atHash === undefined) return;
  const { alg } = JSON.parse(Buffer.from(idToken.split('.')[0] ?? '', 'base64url').toString('utf8')) as { alg?: string };
  const name = /384$/.test(alg ?? '') ? 'sha384' : /512$|^Ed/.test(alg ?? '') ? 'sha512' : 'sha256';
  const digest = hash(name, accessToken, 'buffer');
  const expected = digest.subarray(0, digest.length / 2).toString('base64url');
  if (atHash !== expected) throw new IdentityError('the ID token came with another access token');
}

/** The library's fetch over the hub's one outbound door: no redirect, bounded, judged by address. */
function fetchOver(outbound: Outbound): oidc.CustomFetch {
  return async (url, options) => {
    const method = options.method === 'POST' ? 'POST' : 'GET';
    const request: OutboundRequest = {
      url, method, headers: options.headers, redirectsMax: 0, bytesMax: 500_000,
      ...(options.body === undefined || options.body === null ? {} : { body: textOf(options.body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    };
    const answer = await outbound.ask(request);
    return new Response(answer.body.length > 0 ? new Uint8Array(answer.body) : null, {
      status: answer.status, headers: { ...answer.headers },
    });
  };
}

function textOf(body: oidc.FetchBody): string {
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8');
  throw new IdentityError('a body of a kind that is not sent');
}
