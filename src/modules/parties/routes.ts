/**
 * SCIM 2.0 (RFC 7644) for one's own organisation. A user that is created is invited, and has no account before accepting;
 * one that is set inactive is suspended, which ends sessions, tokens and streams at once. Roles are never given this way,
 * and whoever was suspended is let in again by people.
 */
import { decodedPart } from '#kit/path';
import type { Actor, Caller } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import { FilterError, parseFilter } from '#kit/scim/filter';
import { changeOfAttributes, changeOfPatch, PatchError, type UserChange } from '#kit/scim/patch';
import { scimProblem, scimType } from '#kit/scim/problem';
import { lockUntilCommit } from '#world/db/kysely';
import type { Queryable } from '#world/db/port';
import { laterIso, state, type PartiesParts } from './actions/parts.ts';
import { suspendPerson, weekMs, writeInvitation } from './actions/people.ts';
import {
  invitationSchema, isMeant, listMost, listSchema, patchSchema, projected, resourceTypes, schemas,
  serviceProviderConfig, userNameOf, userOf, versionOf, type Resource,
} from './scim.ts';
import { dropInvitation, hideFromScim, saveScimNames, scimRows, type ScimNames, type ScimRow } from './scim-store.ts';

interface Route {
  readonly endpointName: string;
  respond(request: Request, caller: Caller): Promise<Response>;
}

/** A no in SCIM's own shape. */
class ScimError extends Error {
  override readonly name = 'ScimError';
  readonly status: number;
  readonly scimType: string | null;
  constructor(status: number, scimType: string | null, sentence: string) {
    super(sentence);
    this.status = status;
    this.scimType = scimType;
  }
}

const nobody = (): ScimError => new ScimError(404, null, 'There is no such user.');

function answer(body: Resource, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': scimType, 'cache-control': 'no-store', ...headers } });
}

export function partiesRoutes(parts: PartiesParts): readonly Route[] {
  const at = `${parts.hub.passkeyOrigin}/scim/v2`;
  const route = (endpointName: string, respond: (request: Request, actor: Actor, id: string) => Promise<Response>): Route => ({
    endpointName,
    respond: async (request, { actor }) => {
      try {
        return await respond(request, actor, decodedPart(new URL(request.url).pathname.split('/')[4] ?? ''));
      } catch (error) {
        if (error instanceof ScimError) return scimProblem(error.status, error.scimType, error.message);
        if (error instanceof PatchError) return scimProblem(400, error.scimType, error.message);
        if (error instanceof Refusal) return scimProblem(error.status === 409 ? 409 : error.status, null, error.message);
        throw error;
      }
    },
  });
  return [
    route('scim.config', async () => answer(serviceProviderConfig(at))),
    route('scim.types', async () => answer(listed(resourceTypes(at), 1, resourceTypes(at).length))),
    route('scim.type', async (_, __, id) => one(resourceTypes(at), id)),
    route('scim.schemas', async () => answer(listed(schemas(at), 1, schemas(at).length))),
    route('scim.schema', async (_, __, id) => one(schemas(at), id)),
    route('scim.list', (request, actor) => list(parts, at, request, actor)),
    route('scim.view', (request, actor, id) => view(parts, at, request, actor, id)),
    route('scim.create', (request, actor) => create(parts, at, request, actor)),
    route('scim.replace', (request, actor, id) => change(parts, at, request, actor, id, (body) => {
      const whole = changeOfAttributes(body, false);
      if (whole.userName === undefined) throw new ScimError(400, 'invalidValue', 'userName is required.');
      // A whole says all there is: what it leaves out is taken away (RFC 7644, 3.5.1).
      return { externalId: null, email: null, ...whole };
    })),
    route('scim.patch', (request, actor, id) => change(parts, at, request, actor, id, (body) => {
      const { schemas: named, Operations } = body as { schemas?: unknown; Operations?: unknown };
      if (!Array.isArray(named) || !named.includes(patchSchema)) throw new ScimError(400, 'invalidSyntax', `schemas must name ${patchSchema}.`);
      return changeOfPatch(Operations);
    })),
    route('scim.remove', (request, actor, id) => remove(parts, at, request, actor, id)),
  ];
}

function listed(resources: readonly Resource[], startIndex: number, totalResults: number): Resource {
  return { schemas: [listSchema], totalResults, itemsPerPage: resources.length, startIndex, Resources: resources };
}

function one(resources: readonly Resource[], id: string): Response {
  const found = resources.find((resource) => resource['id'] === id);
  return found ? answer(found) : scimProblem(404, null, 'There is no such resource.');
}

async function list(parts: PartiesParts, at: string, request: Request, actor: Actor): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const number = (name: string, least: number, usual: number): number => {
    const value = Number(query.get(name) ?? usual);
    if (!Number.isInteger(value)) throw new ScimError(400, 'invalidValue', `${name} is a whole number.`);
    return Math.max(least, value);
  };
  const startIndex = number('startIndex', 1, 1);
  const count = Math.min(number('count', 0, 100), listMost);
  const rows = matching(await scimRows(parts.db, actor.org, parts.clock.iso()), query.get('filter'));
  const page = rows.slice(startIndex - 1, startIndex - 1 + count)
    .map((row) => projected(userOf(row, at), query.get('attributes') ?? undefined, query.get('excludedAttributes') ?? undefined));
  return answer(listed(page, startIndex, rows.length));
}

function matching(rows: readonly ScimRow[], filter: string | null): readonly ScimRow[] {
  if (filter === null) return rows;
  try {
    const comparisons = parseFilter(filter);
    return rows.filter((row) => {
      const meant = isMeant(row, comparisons);
      if (meant === null) throw new FilterError('only userName, externalId, id, emails.value and active are compared');
      return meant;
    });
  } catch (error) {
    if (error instanceof FilterError) throw new ScimError(400, 'invalidFilter', error.message);
    throw error;
  }
}

async function found(q: Queryable, parts: PartiesParts, actor: Actor, id: string): Promise<ScimRow> {
  const row = (await scimRows(q, actor.org, parts.clock.iso())).find((r) => r.id === id);
  if (!row) throw nobody();
  return row;
}

async function view(parts: PartiesParts, at: string, request: Request, actor: Actor, id: string): Promise<Response> {
  const resource = userOf(await found(parts.db, parts, actor, id), at);
  const etag = versionOf(resource);
  if (isNamed(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers: { etag } });
  const query = new URL(request.url).searchParams;
  return answer(projected(resource, query.get('attributes') ?? undefined, query.get('excludedAttributes') ?? undefined), 200, { etag });
}

const isNamed = (header: string | null, etag: string): boolean =>
  header !== null && header.split(',').some((tag) => tag.trim() === '*' || tag.trim() === etag);

function refuseOther(request: Request, resource: Resource): void {
  const header = request.headers.get('if-match');
  if (header !== null && !isNamed(header, versionOf(resource))) {
    throw new ScimError(412, null, 'The user is not as you read it.');
  }
}

const bodyMax = 64_000;

async function bodyOf(request: Request): Promise<object> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(scim\+)?json\s*(;|$)/i.test(type)) throw new ScimError(415, null, `The body must be ${scimType}.`);
  const pieces: Uint8Array[] = [];
  const size = { bytes: 0 };
  for await (const piece of request.body ?? []) {
    size.bytes += piece.length;
    if (size.bytes > bodyMax) throw new ScimError(413, null, 'The body is larger than 64 kB.');
    pieces.push(piece);
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces));
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no object');
    // Text that no database holds: a NUL, half a surrogate pair. JSON writes either as an escape, and nothing else so.
    if (/\\u0000|\\ud[89a-f][0-9a-f]{2}/.test(JSON.stringify(value).replaceAll('\\\\', ''))) throw new Error('no text');
    return value;
  } catch {
    throw new ScimError(400, 'invalidSyntax', 'The body is no JSON object.');
  }
}

/** The names that a change comes to, held against everybody else's. */
function namesAfter(row: ScimRow, change: UserChange, rows: readonly ScimRow[]): ScimNames {
  const names = {
    user_name: change.userName ?? userNameOf(row), external_id: change.externalId === undefined ? row.external_id : change.externalId,
    name: (change.name ?? row.name).slice(0, 120), email: change.email === undefined ? row.email : change.email,
  };
  if (names.email !== null && !/^[^\s@]+@[^\s@]+$/.test(names.email)) throw new ScimError(400, 'invalidValue', 'emails.value is no e-mail.');
  const taken = rows.some((other) => other.id !== row.id && userNameOf(other).toLowerCase() === names.user_name.toLowerCase());
  if (taken) throw new ScimError(409, 'uniqueness', 'The userName is taken.');
  return names;
}

async function create(parts: PartiesParts, at: string, request: Request, actor: Actor): Promise<Response> {
  const asked = changeOfAttributes(await bodyOf(request), false);
  if (asked.userName === undefined) throw new ScimError(400, 'invalidValue', 'userName is required.');
  const userName = asked.userName;
  return parts.db.transaction(async (tx) => {
    await lockUntilCommit(tx, `people:${actor.org}`);
    const blank: ScimRow = {
      id: parts.ids.next('per'), user_name: userName, external_id: null, name: userName, email: null, roles: [], active: false,
      created_at: parts.clock.iso(), invitation: '',
    };
    const names = namesAfter(blank, asked, await scimRows(tx, actor.org, parts.clock.iso()));
    const link = await writeInvitation(parts, tx, {
      organisation: actor.org, name: names.name, email: names.email, roles: [], language: 'en',
      expires_at: laterIso(parts.clock, weekMs), created_by: actor.person, person: null, approved_by: null,
      // The provider's own id is the subject it will name; an e-mail alone would link whoever has that mailbox.
      issuer: names.external_id === null ? null : parts.identity?.issuer ?? null,
      claim: names.external_id === null || !parts.identity ? null : 'sub', claim_value: parts.identity ? names.external_id : null,
      becomes: blank.id, user_name: names.user_name, external_id: names.external_id, created_at: blank.created_at,
    }, actor);
    const resource = userOf({ ...blank, ...names }, at);
    return answer({
      ...resource, schemas: [...resource['schemas'] as string[], invitationSchema], [invitationSchema]: { link },
    }, 201, { location: `${at}/Users/${blank.id}`, etag: versionOf(resource) });
  });
}

async function change(
  parts: PartiesParts, at: string, request: Request, actor: Actor, id: string, read: (body: object) => UserChange,
): Promise<Response> {
  // Whom there is not answers so whatever the body says.
  await found(parts.db, parts, actor, id);
  const asked = read(await bodyOf(request));
  return parts.db.transaction(async (tx) => {
    await lockUntilCommit(tx, `people:${actor.org}`);
    const row = await found(tx, parts, actor, id);
    refuseOther(request, userOf(row, at));
    if (asked.active === true && !row.active) {
      throw new ScimError(403, 'mutability', row.invitation === null
        ? 'Whoever was suspended is let in again by two people of the organisation.' : 'An invited person becomes active by accepting.');
    }
    const names = namesAfter(row, asked, await scimRows(tx, actor.org, parts.clock.iso()));
    const changed = names.name !== row.name || names.email !== row.email || names.external_id !== row.external_id
      || names.user_name !== userNameOf(row);
    if (changed) {
      await saveScimNames(tx, row, names);
      await state(parts, tx, actor, { class: 'person.renamed', subject: row.id, body: { by: 'scim' } });
    }
    const stops = asked.active === false && row.active;
    if (stops) await suspendPerson(parts, tx, actor, row.id);
    const resource = userOf({ ...row, ...(changed ? names : {}), active: row.active && !stops }, at);
    return answer(resource, 200, { etag: versionOf(resource) });
  });
}

/** Gone for SCIM: an invitation is void, an account is suspended. What somebody did stays on record. */
async function remove(parts: PartiesParts, at: string, request: Request, actor: Actor, id: string): Promise<Response> {
  return parts.db.transaction(async (tx) => {
    await lockUntilCommit(tx, `people:${actor.org}`);
    const row = await found(tx, parts, actor, id);
    refuseOther(request, userOf(row, at));
    if (row.invitation !== null) await dropInvitation(tx, row.invitation);
    else {
      if (row.active) await suspendPerson(parts, tx, actor, row.id);
      await hideFromScim(tx, row.id);
    }
    await state(parts, tx, actor, { class: 'person.deprovisioned', subject: row.id, body: {} });
    return new Response(null, { status: 204 });
  });
}
