/** OpenAPI 3.1 out of the endpoints: published at /openapi.json and, as prose, in docs/api.md and docs/access.md. */
import { z } from 'zod';
import { isAgreeable, pathParameters, type Endpoint } from '#kit/endpoint';
import { breakGlassRights, duties, exclusions, roleMatrix } from '#modules/parties/index';
import type { Operation } from './room.ts';

type Schema = Record<string, unknown>;

/**
 * The JSON schema of a type, to stand anywhere in the document. A recursive type brings `$defs` of its own, whose references
 * are to its root; they move to the document's components under the operation's name.
 */
function schemaOf(type: z.ZodType, io: 'input' | 'output', name: string, components: Schema): Schema {
  const { $schema: _, $defs, ...schema } = z.toJSONSchema(type, { io, unrepresentable: 'any', target: 'draft-2020-12' }) as Schema;
  if ($defs === undefined) return schema;
  const moved = (value: unknown): unknown => JSON.parse(
    JSON.stringify(value).replaceAll('"#/$defs/', `"#/components/schemas/${name}.`)) as unknown;
  for (const [key, definition] of Object.entries($defs as Schema)) components[`${name}.${key}`] = moved(definition);
  return moved(schema) as Schema;
}

const problem: Schema = {
  type: 'object', required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, code: { type: 'string' },
    hint: { type: 'string' }, ask: { type: 'string' }, operation: { type: 'string' }, at: { type: 'string' }, clause: { type: 'object' },
    retryAfter: { type: 'integer', description: 'Seconds; of status 429.' },
    problems: { type: 'array', items: { type: 'object' } },
  },
};

export function openapiOf(operations: readonly Operation[], version: string): Schema {
  const paths: Record<string, Record<string, unknown>> = {};
  const schemas: Schema = { Problem: problem };
  for (const { id, endpoint } of operations) {
    const path = endpoint.path.replaceAll(/:([A-Za-z]+)/g, '{$1}').replace('*', '{path}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(id, endpoint, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Entente', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' }, session: { type: 'apiKey', in: 'cookie', name: '__Host-entente' },
      },
    },
  };
}

function operationOf(id: string, endpoint: Endpoint, components: Schema): Schema {
  const input = schemaOf(endpoint.input, 'input', `${id}.input`, components);
  const properties = (input['properties'] ?? {}) as Record<string, Schema>;
  const required = (input['required'] ?? []) as string[];
  const inPath = pathParameters(endpoint.path);
  const inQuery = endpoint.method === 'GET' || endpoint.method === 'DELETE';
  const others = Object.keys(properties).filter((name) => !inPath.includes(name));
  const parameter = (name: string, where: string): Schema => ({
    name, in: where, required: where === 'path' || required.includes(name), schema: properties[name] ?? { type: 'string' },
  });
  const parameters = [
    ...inPath.map((name) => parameter(name, 'path')),
    ...(endpoint.path.endsWith('*') ? [{ name: 'path', in: 'path', required: true, schema: { type: 'string' } }] : []),
    ...(inQuery || endpoint.transport === 'raw' ? others.map((name) => parameter(name, 'query')) : []),
  ];
  const raw = endpoint.transport === 'raw';
  const content = raw ? { '*/*': {} } : { 'application/json': { schema: schemaOf(endpoint.output, 'output', id, components) } };
  const body = {
    type: 'object', properties: Object.fromEntries(others.map((n) => [n, properties[n]])),
    required: required.filter((n) => others.includes(n)), additionalProperties: false,
  };
  return {
    operationId: id, summary: endpoint.summary, parameters,
    ...(inQuery ? {} : { requestBody: { content: raw ? { '*/*': {} } : { 'application/json': { schema: body } } } }),
    ...(endpoint.needs.by === 'public' ? {} : { security: [{ token: [] }, { session: [] }] }),
    responses: {
      [String(endpoint.status ?? 200)]: { description: endpoint.summary, content },
      default: {
        description: 'A Refusal or a fault (RFC 9457).',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
    'x-right': endpoint.needs.right, 'x-by': endpoint.needs.by,
    ...(endpoint.needs.approval ? { 'x-approval': endpoint.needs.approval } : {}),
    ...(isAgreeable(endpoint) ? { 'x-agreed-by': endpoint.needs.agreedBy } : {}),
    ...(endpoint.needs.fresh ? { 'x-fresh': true } : {}),
    ...(endpoint.upload ? { 'x-upload': true } : {}),
  };
}

/** docs/api.md. */
export function apiDocument(operations: readonly Operation[]): string {
  const rows = operations.map(({ id, endpoint: e }) =>
    `| \`${e.method} ${e.path}\` | ${e.summary} | \`${e.needs.right}\` by ${e.needs.by} | \`${id}\` |`);
  return ['# The API', '', 'Generated from the modules’ `api.ts`; `npm run docs` writes it anew. The same endpoints as OpenAPI 3.1 are',
    'at `/openapi.json` of every hub.', '', '| request | what it does | needs | operation |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function twoPeople(operations: readonly Operation[]): string[] {
  const where = { 'own-organisation': 'another of the own organisation', 'other-party': 'one of the other party' } as const;
  return operations.flatMap(({ id, endpoint: { needs } }) => {
    const { approval } = needs;
    return approval ? [`| \`${id}\` | ${where[approval.from]} | \`${approval.right}\` | ${approval.when} |`] : [];
  });
}

/** docs/access.md: what needs no mandate, and which role gives which right. */
export function accessDocument(operations: readonly Operation[]): string {
  const by = (kind: string): string[] => operations.filter((o) => o.endpoint.needs.by === kind)
    .map(({ id, endpoint: e }) => `| \`${id}\` | \`${e.method} ${e.path}\` | \`${e.needs.right}\` |`);
  const table = (kind: string): string[] => ['| operation | request | right |', '|---|---|---|', ...by(kind), ''];
  const roles = Object.entries(roleMatrix).map(([right, holders]) => `| \`${right}\` | ${[...holders].join(', ')} |`);
  return ['# Who may', '', 'Generated from the modules’ `api.ts` and the role matrix; `npm run docs` writes it anew. A longer list of `public`,',
    '`self` or `role` needs a page in `docs/decisions/`.', '', '## Public: anyone', '', ...table('public'),
    '## Self: one’s own account', '', ...table('self'), '## Role: records of one’s own organisation', '', ...table('role'),
    '## Mandate: what touches another party, by a clause of an active agreement', '', ...table('mandate'),
    '## Two people', '', 'A second person agrees to the exact input, once, within 24 hours. *Sometimes*: it follows from the content.', '',
    '| operation | who agrees | right of who agrees | when |', '|---|---|---|---|', ...twoPeople(operations), '',
    '## Approvals that clauses want', '',
    'An act by mandate needs the approval of others where a clause says so, and of as many as it says. `own-organisation`: colleagues who',
    'hold the act’s own right. `other-party`: people of the other party who hold, there, the right in this table.', '',
    '| operation | right of who agrees there |', '|---|---|',
    ...operations.filter((o) => isAgreeable(o.endpoint)).map(({ id, endpoint: e }) => `| \`${id}\` | \`${e.needs.agreedBy}\` |`), '',
    '## Presence', '', 'Asks for a touch of the passkey within the last five minutes; no token does it.', '',
    ...operations.filter((o) => o.endpoint.needs.fresh).map((o) => `- \`${o.id}\``), '',
    '## Roles', '', '| right | roles that give it |', '|---|---|', ...roles, '',
    '## Separation of duties', '', 'No one person holds a role together with one that it excludes; held at every assignment and invitation.', '',
    '| role | excludes | why |', '|---|---|---|',
    ...exclusions.map((e) => `| ${e.role} | ${e.excludes.join(', ')} | ${e.why} |`), '',
    `In one case nobody is two of: ${duties.join(', ')}. Two accounts of one person are one person.`, '',
    '## Break-glass', '', 'Rights that may be had for four hours, by two people, with a review within 72 hours; never a mandate:', '',
    `${breakGlassRights.map((right) => `\`${right}\``).join(', ')}.`, ''].join('\n');
}
