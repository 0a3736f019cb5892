/** SCIM 2.0 (RFC 7643) as this hub speaks it: the resource of a user, its version, and the documents that describe them. */
import { createHash } from 'node:crypto';
import { canonicalText } from '#kit/canonical/canonical';
import type { Comparison } from '#kit/scim/filter';
import type { ScimRow } from './scim-store.ts';

const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';
/** Our own, on the answer that made an invitation, and there alone: the link with which it is accepted. */
export const invitationSchema = 'urn:entente:params:scim:schemas:1.0:Invitation';
export const listSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
export const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

export type Resource = Readonly<Record<string, unknown>>;

export const userNameOf = (row: Pick<ScimRow, 'id' | 'user_name' | 'email'>): string => row.user_name ?? row.email ?? row.id;

/** A user as SCIM shows it. `at` is the address of the SCIM service. */
export function userOf(row: ScimRow, at: string): Resource {
  const body = {
    schemas: [userSchema], id: row.id, ...(row.external_id === null ? {} : { externalId: row.external_id }),
    userName: userNameOf(row), displayName: row.name, name: { formatted: row.name }, active: row.active,
    ...(row.email === null ? {} : { emails: [{ value: row.email, type: 'work', primary: true }] }),
    roles: row.roles.map((value) => ({ value })),
  };
  const version = `W/"${createHash('sha256').update(canonicalText(body)).digest('hex').slice(0, 24)}"`;
  return { ...body, meta: { resourceType: 'User', created: row.created_at, location: `${at}/Users/${row.id}`, version } };
}

export function versionOf(resource: Resource): string {
  return (resource['meta'] as { version: string }).version;
}

/** Whether a user is meant by all comparisons, or null where one asks for an attribute that is not answered. */
export function isMeant(row: ScimRow, comparisons: readonly Comparison[]): boolean | null {
  const answers = comparisons.map(({ attribute, value }) => {
    if (attribute === 'active') return row.active === value;
    if (typeof value !== 'string') return null;
    // RFC 7643, 4.1: userName and e-mails know no case; ids do.
    const same = (mine: string | null): boolean => mine !== null && mine.toLowerCase() === value.toLowerCase();
    if (attribute === 'username') return same(userNameOf(row));
    if (attribute === 'emails.value' || attribute === 'emails') return same(row.email);
    if (attribute === 'externalid') return row.external_id === value;
    return attribute === 'id' ? row.id === value : null;
  });
  return answers.includes(null) ? null : answers.every((answer) => answer === true);
}

/** Leaves out what was not asked for (RFC 7644, 3.9); `id` and `schemas` always stay. */
export function projected(resource: Resource, attributes: string | undefined, excluded: string | undefined): Resource {
  const names = (list: string): string[] => list.split(',').map((name) => name.trim().toLowerCase().split('.')[0] ?? '');
  const always = ['id', 'schemas'];
  const keep = attributes === undefined ? null : names(attributes);
  const drop = excluded === undefined ? [] : names(excluded);
  return Object.fromEntries(Object.entries(resource).filter(([key]) => {
    const lower = key.toLowerCase();
    return always.includes(lower) || (keep ? keep.includes(lower) : !drop.includes(lower));
  }));
}

const attribute = (name: string, type: string, more: Resource = {}): Resource => ({
  name, type, multiValued: false, description: '', required: false, caseExact: false, mutability: 'readWrite',
  returned: 'default', uniqueness: 'none', ...more,
});

export function schemas(at: string): Resource[] {
  return [{
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'], id: userSchema, name: 'User', description: 'A person of the organisation.',
    attributes: [
      attribute('userName', 'string', { required: true, uniqueness: 'server', description: 'Name at the identity provider.' }),
      attribute('externalId', 'string', { caseExact: true, description: 'Id at the identity provider.' }),
      attribute('displayName', 'string', { description: 'Name as people read it.' }),
      attribute('name', 'complex', { description: 'The name.', subAttributes: [attribute('formatted', 'string', { description: 'The whole name.' })] }),
      attribute('emails', 'complex', {
        multiValued: true, description: 'At most one is kept.',
        subAttributes: [attribute('value', 'string', { description: 'The address.' }), attribute('type', 'string'), attribute('primary', 'boolean')],
      }),
      attribute('active', 'boolean', { description: 'False ends sessions, tokens and streams at once. True is given by people.' }),
      attribute('roles', 'complex', {
        multiValued: true, mutability: 'readOnly', description: 'Given by people of the organisation, never by SCIM.',
        subAttributes: [attribute('value', 'string', { mutability: 'readOnly' })],
      }),
    ],
    meta: { resourceType: 'Schema', location: `${at}/Schemas/${userSchema}` },
  }];
}

export function resourceTypes(at: string): Resource[] {
  return [{
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'], id: 'User', name: 'User', endpoint: '/Users',
    description: 'People of one organisation', schema: userSchema, schemaExtensions: [],
    meta: { resourceType: 'ResourceType', location: `${at}/ResourceTypes/User` },
  }];
}

export function serviceProviderConfig(at: string): Resource {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true }, bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: listMost }, changePassword: { supported: false }, sort: { supported: false },
    etag: { supported: true },
    authenticationSchemes: [{
      type: 'oauthbearertoken', name: 'API token', description: 'An API token with the scope person.provision.', primary: true,
    }],
    meta: { resourceType: 'ServiceProviderConfig', location: `${at}/ServiceProviderConfig` },
  };
}

export const listMost = 200;
