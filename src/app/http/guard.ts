/**
 * What every request passes before any module sees it: the Host it was sent to, the origin of a write, the credential. How
 * often somebody may ask is told in limits.ts. And the headers every answer leaves with.
 */
import ipaddr from 'ipaddr.js';
import type { Actor } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import type { Limits } from './limits.ts';

export interface Posture {
  /** Values of the Host header that are answered, lower case. */
  readonly hosts: readonly string[];
  /** Web origins from which writes are accepted. */
  readonly origins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly cookie: { readonly name: string; readonly secure: boolean };
  readonly limits: Limits;
  /** The largest upload in bytes; 0 sets no limit. */
  readonly uploadMax: number;
}

export interface Credentials {
  bySession(secret: string): Promise<Actor | null>;
  /** `address` is the peer's, for tokens that open from some only. */
  byToken(secret: string, address: string): Promise<Actor | null>;
  /** By a ticket for one operation, which is used up by asking. */
  byTicket(secret: string, operation: string): Promise<Actor | null>;
  /** Who holds the credential of an earlier request now, or null where it has ended. Counts as no use of it. */
  again(actor: Actor): Promise<Actor | null>;
}

export function refuseForeignHost(posture: Posture, request: Request): void {
  const host = (request.headers.get('host') ?? '').toLowerCase();
  if (!posture.hosts.includes(host)) {
    throw new Refusal('forbidden', 'request.unknown-host', 'This hub does not answer for that host name.', {
      hint: `Use ${posture.origins[0] ?? 'its own address'}.`,
    });
  }
}

const foreign = (): Refusal => new Refusal('forbidden', 'request.foreign-origin', 'This hub answers its own pages only.', {
  hint: 'Programs send an API token as `Authorization: Bearer …`.',
});

/**
 * A browser says where a write comes from; only our own pages may. A write without Origin must carry a token, which no
 * foreign page can send, so cookies alone never suffice. A browser that says that another site asks (Fetch Metadata) gets
 * nothing that is not public, unless a person follows a link.
 */
export function refuseForeignOrigin(posture: Posture, request: Request, open: boolean): void {
  const site = request.headers.get('sec-fetch-site');
  const across = site === 'cross-site' || site === 'same-site';
  if (request.method === 'GET' || request.method === 'HEAD') {
    if (across && !open && request.headers.get('sec-fetch-mode') !== 'navigate') throw foreign();
    return;
  }
  if (across) throw foreign();
  const origin = request.headers.get('origin');
  if (origin === null && bearerOf(request) !== null) return;
  if (origin !== null && posture.origins.includes(origin)) return;
  throw foreign();
}

/**
 * The token of a request: as a bearer's, as the password of HTTP Basic, which clients of TAXII have to know (the name is theirs), or bare,
 * as clients of MISP send it.
 */
function bearerOf(request: Request): string | null {
  const sent = request.headers.get('authorization') ?? '';
  if (/^[\w.~+/=-]{20,200}$/.test(sent)) return sent;
  const basic = /^Basic +([A-Za-z0-9+/]{4,600}={0,2})$/i.exec(sent)?.[1];
  const token = basic === undefined ? /^Bearer +(.+)$/i.exec(sent)?.[1] : /^[^:]*:(.*)$/s.exec(Buffer.from(basic, 'base64').toString('utf8'))?.[1];
  return token !== undefined && /^[\w.~+/=-]{20,200}$/.test(token) ? token : null;
}

/**
 * Who calls: by token if one is sent, by ticket where the operation may be fetched with one, else by session cookie. A bad
 * token or ticket is refused, never downgraded to the cookie beside it.
 */
export async function actorOf(
  posture: Posture, credentials: Credentials, request: Request, address: string, ticketFor: string | null,
): Promise<Actor | null> {
  const ticket = ticketFor === null ? null : new URL(request.url).searchParams.get('ticket');
  if (ticketFor !== null && ticket !== null) {
    // A look at the headers alone does not use it up, and learns nothing.
    const actor = request.method === 'GET' ? await credentials.byTicket(ticket, ticketFor) : null;
    if (!actor) throw new Refusal('unauthenticated', 'ticket.not-accepted', 'The link has been used, or is too old.');
    return actor;
  }
  if (request.headers.has('authorization')) {
    const bearer = bearerOf(request);
    const actor = bearer === null ? null : await credentials.byToken(bearer, address);
    if (!actor) throw new Refusal('unauthenticated', 'token.not-accepted', 'The token is not valid.');
    return actor;
  }
  const secret = cookieOf(request, posture.cookie.name);
  return secret === null ? null : credentials.bySession(secret);
}

function cookieOf(request: Request, name: string): string | null {
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}

export function sessionCookie(posture: Posture, secret: string, maxAgeSeconds: number): string {
  const { name, secure } = posture.cookie;
  return `${name}=${secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}${secure ? '; Secure' : ''}`;
}

/**
 * The peer's address: that of the connection, unless it is a trusted proxy; then the right-most address of
 * X-Forwarded-For that is not one.
 */
export function addressOf(posture: Posture, peer: string, request: Request): string {
  const trusted = (address: string): boolean => posture.trustedProxies.some((range) => within(address, range));
  if (!trusted(peer)) return peer;
  const forwarded = (request.headers.get('x-forwarded-for') ?? '').split(',').map((s) => s.trim()).filter(ipaddr.isValid);
  return forwarded.reverse().find((address) => !trusted(address)) ?? peer;
}

function within(address: string, range: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const ip = ipaddr.process(address);
  const [base, bits] = range.includes('/') ? ipaddr.parseCIDR(range) : [ipaddr.process(range), 128] as const;
  if (ip.kind() !== base.kind()) return false;
  return ip.kind() === 'ipv4'
    ? (ip as ipaddr.IPv4).match(base as ipaddr.IPv4, Math.min(bits, 32))
    : (ip as ipaddr.IPv6).match(base as ipaddr.IPv6, bits);
}

/** Headers of every answer. Pages run our own files only; nothing may frame us; no referrer leaves. */
export function securityHeaders(secure: boolean): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:",
    "font-src 'self'", "connect-src 'self'", "manifest-src 'self'", "base-uri 'none'", "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '), 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()', 'x-frame-options': 'DENY',
    ...(secure ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
  };
}
