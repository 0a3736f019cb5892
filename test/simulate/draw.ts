/**
 * Draws inputs from the endpoints' own schemas, so that a new endpoint is simulated unasked. What makes acts succeed is
 * memory: ids that the actor has seen, and, for an object drawn by its id, the values its fields had when it was last seen.
 * Free text carries a canary that names the organisation it came from.
 */
import { z } from 'zod';
import { pathParameters, type Endpoint } from '#kit/endpoint';

export interface Schema {
  readonly type?: string | string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

type Plain = Readonly<Record<string, unknown>>;

/** What the people of one organisation have seen: objects by id, and ids by their prefix. */
export interface Memory {
  see(answer: unknown): void;
  ids(prefix: string): readonly string[];
  object(id: string): Plain | undefined;
  /** Values that a field of this name had, latest last. */
  values(field: string): readonly unknown[];
}

const idLike = /^[a-z]{2,12}_[0-9a-z]{3,40}$/;

export function newMemory(): Memory {
  const objects = new Map<string, Plain>();
  const byPrefix = new Map<string, Set<string>>();
  const byField = new Map<string, unknown[]>();
  const remember = (id: string): void => {
    const prefix = id.split('_')[0] ?? '';
    const known = byPrefix.get(prefix) ?? new Set<string>();
    known.delete(id);
    known.add(id);
    byPrefix.set(prefix, known);
  };
  const see = (value: unknown, depth = 0): void => {
    if (depth > 12) return;
    if (typeof value === 'string' && idLike.test(value)) remember(value);
    if (Array.isArray(value)) for (const one of value.slice(0, 60)) see(one, depth + 1);
    else if (value !== null && typeof value === 'object') {
      const plain = value as Plain;
      const { id } = plain;
      if (typeof id === 'string' && idLike.test(id)) objects.set(id, { ...objects.get(id), ...plain });
      for (const [field, one] of Object.entries(plain)) {
        const known = byField.get(field) ?? [];
        byField.set(field, [...known.slice(-11), one]);
        see(one, depth + 1);
      }
    }
  };
  return {
    see: (answer) => see(answer),
    ids: (prefix) => [...(byPrefix.get(prefix) ?? [])],
    object: (id) => objects.get(id),
    values: (field) => byField.get(field) ?? [],
  };
}

export interface Drawing {
  readonly roll: () => number;
  readonly memory: Memory;
  /** Ids that somebody has seen, for asking after what is no business of the actor's. */
  readonly anyone: Memory;
  /** A text of the actor's organisation. */
  readonly canary: () => string;
  readonly nowMs: number;
}

export interface Request {
  readonly url: string;
  readonly body: unknown;
}

/** One request of an endpoint: path, query and body. */
export function drawRequest(endpoint: Endpoint, d: Drawing): Request {
  const schema = z.toJSONSchema(endpoint.input, { io: 'input', unrepresentable: 'any' }) as Schema;
  const input = objectOf(schema, d, undefined) as Record<string, unknown>;
  const named = pathParameters(endpoint.path);
  const url = endpoint.path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(String(input[name] ?? 'none')));
  const rest = Object.fromEntries(Object.entries(input).filter(([key]) => !named.includes(key)));
  if (endpoint.method === 'GET' || endpoint.method === 'DELETE') {
    const query = new URLSearchParams(Object.fromEntries(Object.entries(rest).map(([k, v]) => [k, String(v)])));
    return { url: query.size > 0 ? `${url}?${query}` : url, body: undefined };
  }
  return { url, body: rest };
}

const pick = <T>(list: readonly T[], roll: () => number): T | undefined => list[Math.floor(roll() * list.length)];

/** Id fields first: what they name is what the other fields are about. */
function objectOf(schema: Schema, d: Drawing, about: Plain | undefined): Plain {
  const fields = Object.entries(schema.properties ?? {});
  const drawn: Record<string, unknown> = {};
  const focus: { now: Plain | undefined } = { now: about };
  const isId = ([name, s]: readonly [string, Schema]): boolean => prefixOf(name, s) !== null;
  for (const [name, s] of [...fields.filter(isId), ...fields.filter((f) => !isId(f))]) {
    if (!schema.required?.includes(name) && d.roll() < 0.5) continue;
    const value = isId([name, s]) ? valueOf(s, d, name) : recalled(s, d, focus.now, name) ?? valueOf(s, d, name);
    drawn[name] = value;
    if (focus.now === undefined && typeof value === 'string') focus.now = d.memory.object(value);
  }
  return drawn;
}

/** `org_` of a pattern such as `^org_[0-9a-z]{3,40}$`; path parameters named after a noun are ids of it too. */
function prefixOf(name: string, schema: Schema): string | null {
  const match = /^\^([a-z]{2,12})_/.exec(schema.pattern ?? '');
  if (match) return match[1] ?? null;
  const nouns: Readonly<Record<string, string>> = {
    feed: 'feed', batch: 'batch', session: 'ses', token: 'tok', constituent: 'con', asset: 'ast', passkey: 'key', list: 'bll', entry: 'ble',
    guard: 'blg',
  };
  return schema.type === 'string' && !schema.enum ? nouns[name] ?? null : null;
}

/** The value of the object that the request is about, or one that a field of this name had somewhere; often, not always. */
function recalled(schema: Schema, d: Drawing, about: Plain | undefined, name: string): unknown {
  const own = about?.[name];
  if (own !== undefined && own !== null && d.roll() < 0.9) return own;
  const seen = pick(d.memory.values(name), d.roll);
  if (schema.type !== 'array' || !Array.isArray(seen) || seen.length === 0 || d.roll() < 0.3) return undefined;
  // Where things were shown whole, asking names them by their ids.
  const some = seen.filter(() => d.roll() < 0.6).map((one: unknown) =>
    (one !== null && typeof one === 'object' && 'id' in one ? one.id : one));
  return some.length > 0 ? some.slice(0, schema.maxItems ?? 20) : undefined;
}

function valueOf(schema: Schema, d: Drawing, name: string, depth = 0): unknown {
  const { roll } = d;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return pick(schema.enum, roll);
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return valueOf(pick(options, roll) ?? {}, d, name, depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'object') return depth > 4 ? {} : objectOf(schema, d, undefined);
  if (type === 'array') {
    const least = schema.minItems ?? 0;
    const count = Math.min(least + Math.floor(roll() * 2), schema.maxItems ?? least + 2);
    return Array.from({ length: count }, () => valueOf(schema.items ?? {}, d, name, depth + 1));
  }
  if (type === 'integer' || type === 'number') {
    const low = schema.minimum ?? 0;
    const high = Math.min(schema.maximum ?? low + 10, low + 1000);
    return low + Math.floor(roll() * (high - low + 1));
  }
  if (type === 'boolean') return roll() < 0.5;
  if (type === 'null') return null;
  return textOf(schema, d, name);
}

function textOf(schema: Schema, d: Drawing, name: string): string {
  const { roll } = d;
  const prefix = prefixOf(name, schema);
  if (prefix !== null) {
    const own = d.memory.ids(prefix);
    const known = roll() < 0.8 && own.length > 0 ? own.slice(-12) : d.anyone.ids(prefix);
    return pick(known, roll) ?? `${prefix}_neverwas`;
  }
  const at = new Date(d.nowMs + Math.floor((roll() - 0.3) * 40) * 86_400_000).toISOString();
  if (schema.format === 'date' || /On$/.test(name)) return at.slice(0, 10);
  if (schema.format === 'date-time') return at;
  if (schema.format === 'email') return `${d.canary()}@mail.example`;
  if (name === 'zone') return 'Asia/Ho_Chi_Minh';
  if (name === 'country') return 'VN';
  if (name === 'value') return pick(['198.51.100.0/24', '2001:db8::/48', 'AS64500', `${d.canary()}.example`], roll) ?? '';
  if (name === 'lines') return `${d.canary()}.blocked.example`;
  if (schema.pattern?.includes('0-9a-f')) return '0'.repeat(64);
  return d.canary().slice(0, schema.maxLength ?? 200).padEnd(schema.minLength ?? 0, 'x');
}
