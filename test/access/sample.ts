/** The least input that an endpoint's schema accepts, read off its JSON schema: for tests that range over all endpoints. */
import { z } from 'zod';
import { pathParameters, type Endpoint } from '#kit/endpoint';

type Schema = {
  type?: string | string[]; enum?: unknown[]; const?: unknown; anyOf?: Schema[]; oneOf?: Schema[]; properties?: Record<string, Schema>;
  required?: string[]; items?: Schema; minItems?: number; pattern?: string; format?: string; minLength?: number;
  minimum?: number; default?: unknown; examples?: unknown[]; exclusiveMinimum?: number;
};

/** Strings that satisfy the patterns our schemas use; the first that fits is taken. */
const words = [
  'sample', 'org_sample', 'per_sample', 'agr_sample', 'VN', 'f'.repeat(64), '2026-01-01', '2026-01-01T00:00:00Z',
  '2026-01-01T00:00:00.000Z', 'sample text of some length', 'UTC', 'a@b.example', '2018-Q4', '198.51.100.0/24', 'sample-name',
];

export function sampleOf(schema: Schema): unknown {
  if (schema.examples) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice) return sampleOf(choice[0] ?? {});
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'object') return objectOf(schema);
  if (type === 'array') return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}));
  if (type === 'integer' || type === 'number') return Math.max(schema.minimum ?? 1, (schema.exclusiveMinimum ?? 0) + 1);
  if (type === 'boolean') return false;
  if (type === 'null') return null;
  if (schema.format === 'uri') return 'https://sample.example/x';
  const least = schema.minLength ?? 0;
  const fits = words.find((w) => w.length >= least && (!schema.pattern || new RegExp(schema.pattern, 'u').test(w)));
  return fits ?? 'x'.repeat(Math.max(least, 1));
}

function objectOf(schema: Schema): Record<string, unknown> {
  return Object.fromEntries((schema.required ?? []).map((key) => [key, sampleOf(schema.properties?.[key] ?? {})]));
}

/** A request that the endpoint's schema accepts: path, query and body, with the given path values put in. */
export function requestFor(endpoint: Endpoint, path: Readonly<Record<string, string>> = {}): { url: string; body: unknown } {
  const schema = z.toJSONSchema(endpoint.input, { io: 'input', unrepresentable: 'any' }) as Schema;
  const input = objectOf(schema);
  const named = pathParameters(endpoint.path);
  const url = endpoint.path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) =>
    encodeURIComponent(path[name] ?? String(input[name] ?? 'sample'))).replace('*', '0/000');
  const rest = Object.fromEntries(Object.entries(input).filter(([key]) => !named.includes(key)));
  if (endpoint.method === 'GET' || endpoint.method === 'DELETE' || endpoint.transport === 'raw') {
    const query = new URLSearchParams(Object.fromEntries(Object.entries(rest).map(([k, v]) => [k, String(v)])));
    return { url: query.size > 0 ? `${url}?${query}` : url, body: undefined };
  }
  return { url, body: rest };
}
