/**
 * The router: every operation of every room behind the same steps, in the same order. Host, origin, credential, how often,
 * right, input, approval, action, mandate asked, approval used, output, one log line.
 */
import { Hono, type Context } from 'hono';
import { pathParameters, type Actor, type Caller, type Endpoint } from '#kit/endpoint';
import { Refusal, check, noSuch } from '#kit/refusal';
import { scimProblem } from '#kit/scim/problem';
import { mispProblem, taxiiProblem } from '#modules/exchange/index';
import type { Clock } from '#world/clock';
import { noting } from '#world/facts';
import { asHub, hubItself, openFor, within, type Scope } from '#world/db/scope';
import type { Ids } from '#world/ids';
import type { Space } from '#world/space';
import type { Trace } from '#world/trace';
import type { Mandate } from '#modules/agreements/index';
import type { Operation } from '../room.ts';
import { firstLockOnly } from '../rows.ts';
import { errorResponse, json } from './answer.ts';
import { approvalGate, bringing, mayBy, type Approvals } from './approval.ts';
import {
  actorOf, addressOf, refuseForeignHost, refuseForeignOrigin, securityHeaders, sessionCookie,
  type Credentials, type Posture,
} from './guard.ts';
import { inputOf } from './input.ts';
import { leased, type Lease, type Leases } from './leases.ts';
import { limiterOf, type Limiter } from './limits.ts';
import { refuseUnlessPresent, refuseWithoutRight } from './rights.ts';
import { uploadOf } from './uploads.ts';
import { inNeed, stateWatched, type Watch } from './watched.ts';

export interface HttpParts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly trace: Trace;
  readonly posture: Posture;
  readonly credentials: Credentials;
  /** Decides an act by mandate; throws the Refusal. */
  readonly mandate: Mandate;
  /** What answers rest on while they last. */
  readonly leases: Leases;
  readonly approvals: Approvals;
  readonly watch: Watch;
  /** Whether there is room for files. */
  readonly space: Space;
  /** Called after every request that stated a fact. */
  readonly afterFacts: () => void;
  /** For whom the records are asked; tests switch the hub's own checks off and leave only the records' (SEC-15). */
  readonly scopeOf?: (operation: Operation, actor: Actor | null) => Scope;
}

/** What @hono/node-server hands over beside the request. */
export interface Bindings {
  readonly incoming?: { readonly socket: { readonly remoteAddress?: string; resetAndDestroy?(): unknown } };
}

/** All operations as one Hono app. HEAD is answered by GET's route. */
export function router(parts: HttpParts, operations: readonly Operation[]): Hono<{ Bindings: Bindings }> {
  const app = new Hono<{ Bindings: Bindings }>();
  const limiter = limiterOf(parts.clock, parts.posture.limits);
  const secure = parts.posture.cookie.secure;
  app.use('*', async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders(secure))) c.res.headers.set(name, value);
  });
  for (const operation of operations) {
    const { method, path } = operation.endpoint;
    app.on(method, spellingsOf(path), (c) => handle(parts, limiter, operation, c));
  }
  return app;
}

/**
 * Where a standard's paths end in a slash, clients that leave it out are answered too: not all of them follow a redirect. Clients of MISP
 * write `.json` behind a path, or parameters as in `/metadata:1`.
 */
function spellingsOf(path: string): string[] {
  if (path.endsWith('/')) return [path, path.slice(0, -1)];
  if (!path.startsWith('/misp/')) return [path];
  return [path, ...(/:\w+$/.test(path) ? [] : [`${path}.json`]), `${path}/:named{[A-Za-z_]+:.*}`];
}

const isWrite = ({ method }: Request): boolean => method !== 'GET' && method !== 'HEAD';

/** An answer for an address under /api or /ledger that no operation has: the same as for what one may not know of. */
export function unknownAddress(parts: Pick<HttpParts, 'trace'>): Response {
  return errorResponse(noSuch('address'), '', parts.trace, 'none');
}

async function handle(
  parts: HttpParts, limiter: Limiter, operation: Operation, c: Context<{ Bindings: Bindings }>,
): Promise<Response> {
  const traceId = parts.ids.next('trc');
  const began = parts.clock.elapsed();
  const cookies: string[] = [];
  const request = c.req.raw;
  const stated = { any: false };
  const answered = await noting(stated, () => respond(parts, limiter, operation, c, traceId, cookies)).catch((error: unknown) =>
    spokenLike(operation, errorResponse(error, traceId, parts.trace, operation.id), error, traceId));
  const response = withTrace(answered, traceId);
  for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  // Whoever streams its answer may state what it did later.
  if (stated.any || (response.ok && isWrite(request) && operation.run.kind === 'raw')) parts.afterFacts();
  parts.trace.info('request.answered', {
    traceId, operation: operation.id, status: response.status, elapsedMs: Math.round(parts.clock.elapsed() - began),
  });
  return response;
}

/** The same answer where its headers may be added to: one that was made anew is sent as a stream, which costs as much as all else. */
function withTrace(answered: Response, traceId: string): Response {
  try {
    answered.headers.set('x-trace-id', traceId);
    return answered;
  } catch {
    const response = new Response(answered.body, answered);
    response.headers.set('x-trace-id', traceId);
    return response;
  }
}

/** A no on the addresses of a standard is said in that standard's shape; what it says is the same. */
function spokenLike({ endpoint }: Operation, response: Response, error: unknown, traceId: string): Response {
  if (endpoint.path.startsWith('/taxii2/')) return withWait(response, taxiiProblem(response.status, error, traceId));
  if (endpoint.path.startsWith('/misp/')) return withWait(response, mispProblem(response.status, error, traceId, endpoint.path));
  if (!endpoint.path.startsWith('/scim/')) return response;
  const scimType = error instanceof Refusal && error.kind === 'invalid' ? 'invalidValue' : null;
  const said = scimProblem(response.status, scimType, error instanceof Refusal ? error.message : 'Something broke on our side.');
  // SCIM has no field for our stable code; programs and tests find it beside the body.
  if (error instanceof Refusal) said.headers.set('entente-refusal', error.code);
  return withWait(response, said);
}

function withWait(response: Response, said: Response): Response {
  const wait = response.headers.get('retry-after');
  if (wait !== null) said.headers.set('retry-after', wait);
  return said;
}

async function respond(
  parts: HttpParts, limiter: Limiter, operation: Operation, c: Context<{ Bindings: Bindings }>,
  traceId: string, cookies: string[],
): Promise<Response> {
  const request = c.req.raw;
  const { endpoint } = operation;
  refuseForeignHost(parts.posture, request);
  refuseForeignOrigin(parts.posture, request, endpoint.needs.by === 'public');
  const address = addressOf(parts.posture, c.env?.incoming?.socket.remoteAddress ?? '127.0.0.1', request);
  const actor = await asHub('credentials', async () => inNeed(parts.watch, operation, await actorOf(
    parts.posture, parts.credentials, request, address, endpoint.ticket === true ? operation.id : null,
  )));
  const write = isWrite(request);
  if (actor) limiter.known(actor, write);
  else if (write) limiter.anonymous(address);
  refuseWithoutRight(endpoint, actor);
  refuseUnlessPresent(endpoint, actor, parts.clock.now());
  const lease = actor === null ? null : parts.leases.take(() => asHub('credentials', () => stillMay(parts, endpoint, actor)));
  const scope = (parts.scopeOf ?? scopeFor)(operation, actor);
  try {
    const response = await within(scope, () => ask(parts, operation, c, { actor, traceId, address, lease, cookies, scope }));
    if (!lease || operation.run.kind === 'json' || !response.body) return response;
    if (c.req.raw.method === 'HEAD') {
      // Nobody will read it.
      lease.release();
      await response.body.cancel();
      return new Response(null, response);
    }
    const body = leased(response.body, lease, (read) => within(scope, read), () => c.env?.incoming?.socket.resetAndDestroy?.() !== undefined);
    return new Response(body, response);
  } catch (error) {
    lease?.release();
    throw error;
  } finally {
    if (operation.run.kind === 'json') lease?.release();
  }
}

/**
 * On whose behalf the records are asked. What is public belongs to nobody: its endpoints are few, listed with reasons, and
 * what they read is for all, or opened by a secret.
 */
function scopeFor({ id, endpoint }: Operation, actor: Actor | null): Scope {
  if (endpoint.needs.by === 'public' || !actor || firstLockOnly[id] !== undefined) return hubItself;
  return { org: actor.org, person: actor.person, opened: new Set() };
}

/** Whether who began may still: the credential, and the right that it gives. */
async function stillMay(parts: HttpParts, endpoint: Endpoint, actor: Actor): Promise<void> {
  const now = await parts.credentials.again(actor);
  if (!now || now.person !== actor.person || now.org !== actor.org) {
    throw new Refusal('unauthenticated', 'session.ended', 'The session or token has ended.');
  }
  refuseWithoutRight(endpoint, await inNeed(parts.watch, { endpoint }, now));
}

interface Asking {
  readonly actor: Actor | null;
  readonly traceId: string;
  readonly address: string;
  readonly lease: Lease | null;
  readonly cookies: string[];
  readonly scope: Scope;
}

async function ask(
  parts: HttpParts, operation: Operation, c: Context<{ Bindings: Bindings }>, asking: Asking,
): Promise<Response> {
  const { actor, traceId, address, lease, cookies, scope } = asking;
  const caller: Caller<Actor | null> = {
    actor, traceId, address, agent: (c.req.header('user-agent') ?? '').slice(0, 400),
    until: lease?.signal ?? never,
    holds: (holding) => lease?.add(() => within(scope, holding)),
    // Both are replaced once the input is read, which an approval is held against.
    may: () => Promise.reject(new Error('invariant broken: a mandate is asked for before the input was read')),
    approved: () => Promise.reject(new Error('invariant broken: an act is approved before its input was read')),
    reply: {
      setSession: (secret, maxAgeSeconds) => cookies.push(sessionCookie(parts.posture, secret, maxAgeSeconds)),
      clearSession: () => cookies.push(sessionCookie(parts.posture, '', 0)),
    },
  };
  return run(parts, operation, c, caller, lease);
}

/** Of an answer that rests on nothing: it may last. */
const never = new AbortController().signal;

async function run(
  parts: HttpParts, operation: Operation, c: Context<{ Bindings: Bindings }>, asking: Caller<Actor | null>,
  lease: Lease | null,
): Promise<Response> {
  const { endpoint } = operation;
  const path = pathOf(endpoint, c.req.param());
  const input = await unlessEnded(inputOf(endpoint, c.req.raw, path, asking.actor !== null), lease);
  // A body may take its time to come; who sends it must still be allowed when it has come.
  await lease?.confirm();
  const { actor } = asking;
  const asked = { mandate: false };
  const brought = await bringing(parts.approvals, operation, actor, input, c.req.raw);
  const may = mayBy(brought, async (right, about, how) => {
    check(actor, 'a mandate is asked for someone');
    asked.mandate = true;
    const allowed = await parts.mandate(actor, right, about, { address: asking.address, ...how });
    // One's own is seen without: what a mandate opens is another's.
    if (about.owner !== actor.org) openFor(about.owner);
    return allowed;
  }, asking.holds);
  const response = await answered(parts, operation, c.req.raw, { ...asking, may }, input);
  check(endpoint.needs.by !== 'mandate' || asked.mandate, `${operation.id} answered without asking for its mandate`);
  return response;
}

async function answered(
  parts: HttpParts, operation: Operation, request: Request, caller: Caller<Actor | null>, input: unknown,
): Promise<Response> {
  const { endpoint } = operation;
  if (operation.run.kind === 'raw') {
    const sent = endpoint.upload ? await uploadOf({ maxBytes: parts.posture.uploadMax, space: parts.space }, request) : request;
    // What streams has begun once it has answered: who is watched is on record before.
    await stateWatched(parts.watch, operation, caller.actor, input);
    return operation.run.route.respond(sent, caller as Caller);
  }
  const gate = await approvalGate(parts.approvals, operation, caller.actor, input, request);
  const result = await operation.run.act(input as never, { ...caller, approved: gate.approved } as never);
  gate.checkUsed();
  await stateWatched(parts.watch, operation, caller.actor, input);
  // The output schema is strict: a field that it does not name is a fault here, not a leak outside.
  return json(endpoint.output.parse(result), endpoint.status ?? 200);
}

function unlessEnded<T>(work: Promise<T>, lease: Lease | null): Promise<T> {
  if (!lease) return work;
  return new Promise((resolve, reject) => {
    lease.signal.addEventListener('abort', () => reject(lease.signal.reason as Error), { once: true });
    work.then(resolve, reject);
  });
}

/** The named parameters; what a `*` stands for is the route's own to read. */
function pathOf(endpoint: Endpoint, given: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(pathParameters(endpoint.path).map((name) => [name, given[name] ?? '']));
}
