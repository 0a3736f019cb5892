/** Reads a request's input: path, query or JSON body merged into one object and held against the endpoint's schema. */
import type { z } from 'zod';
import { pathParameters, type Endpoint } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';

/** Largest JSON body: of anyone signed in, and of the anonymous. Uploads are raw routes and stream. */
const bodyMax = { known: 25_000_000, anonymous: 64_000 } as const;

export async function inputOf(
  endpoint: Endpoint, request: Request, path: Readonly<Record<string, string>>, known: boolean,
): Promise<unknown> {
  // A raw route's body is its own; its path and query are held against the schema like any other's.
  const sent = endpoint.method === 'GET' || endpoint.method === 'DELETE' || endpoint.transport === 'raw'
    ? queryOf(request)
    : await bodyOf(request, known ? bodyMax.known : bodyMax.anonymous);
  // Who is asking by ticket is settled already; it is no field of the question.
  if (endpoint.ticket === true) delete sent['ticket'];
  const names = pathParameters(endpoint.path);
  const twice = names.find((name) => Object.hasOwn(sent, name));
  if (twice) throw new Refusal('invalid', 'input.invalid', `The field ${twice} belongs in the path.`, { at: twice });
  const given = { ...sent, ...path };
  refuseUnstorable(given);
  const parsed = endpoint.input.safeParse(given);
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data;
}

/** Text with a NUL or half a surrogate pair is no text that a database or a digest can hold; nesting has an end. */
function refuseUnstorable(given: object): void {
  const places: string[] = [];
  const wrong = unstorableIn(given, 0, places);
  if (wrong === null) return;
  const at = places.reverse().join('.').slice(0, 200) || 'input';
  if (wrong === 'deep') throw new Refusal('invalid', 'input.too-deep', 'What was sent is nested too deep.', { at });
  throw new Refusal('invalid', 'input.not-text', 'A text holds characters that are none.', { at });
}

/** Null where all can be kept; else `places` is told from the inside out, so that a body of many values costs no path for each. */
function unstorableIn(value: unknown, depth: number, places: string[]): 'text' | 'deep' | null {
  if (depth > 32) return 'deep';
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0') ? null : 'text';
  if (typeof value !== 'object' || value === null) return null;
  const isArray = Array.isArray(value);
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    if (!isArray && unstorableIn(key, depth + 1, places) !== null) return 'text';
    const wrong = unstorableIn((value as Record<string, unknown>)[key], depth + 1, places);
    if (wrong === null) continue;
    places.push(key);
    return wrong;
  }
  return null;
}

/** What does not fit the schema, place by place. */
export function invalid(error: z.ZodError): Refusal {
  const problems = error.issues.slice(0, 50).map((issue) => ({
    at: issue.path.join('.') || 'input', problem: issue.message,
  }));
  return new Refusal('invalid', 'input.invalid', 'What was sent does not fit.', {
    ...(problems[0] ? { at: problems[0].at, hint: problems[0].problem } : {}), problems,
  });
}

function queryOf(request: Request): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of new URL(request.url).searchParams) {
    if (Object.hasOwn(fields, key)) throw new Refusal('invalid', 'input.invalid', `The field ${key} is given twice.`, { at: key });
    fields[key] = value;
  }
  return fields;
}

async function bodyOf(request: Request, sizeMax: number): Promise<Record<string, unknown>> {
  const text = await textOf(request, sizeMax);
  if (text === '') return {};
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new Refusal('unsupported', 'input.not-json', 'The body must be application/json.');
  }
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal('invalid', 'input.invalid', 'The body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('invalid', 'input.not-json', 'The body is not JSON.');
  }
}

/** The body as text, read no further than the limit. */
async function textOf(request: Request, sizeMax: number): Promise<string> {
  const tooLarge = (): Refusal =>
    new Refusal('too-large', 'input.too-large', `The body is larger than ${Math.floor(sizeMax / 1000)} kB.`);
  const stated = request.headers.get('content-length');
  if (Number(stated ?? 0) > sizeMax) throw tooLarge();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    // A server ends a body where its length was stated: it needs no stream, which costs more than the rest of a small request.
    if (stated !== null && request.headers.get('transfer-encoding') === null) {
      const body = await request.arrayBuffer();
      if (body.byteLength > sizeMax) throw tooLarge();
      return decoder.decode(body);
    }
    if (!request.body) return '';
    const pieces: string[] = [];
    const count = { bytes: 0 };
    for await (const piece of request.body) {
      count.bytes += piece.length;
      if (count.bytes > sizeMax) throw tooLarge();
      pieces.push(decoder.decode(piece, { stream: true }));
    }
    pieces.push(decoder.decode());
    return pieces.join('');
  } catch (error) {
    const isText = (error as { code?: unknown }).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA';
    if (!isText) throw new Refusal('invalid', 'input.not-utf8', 'The body is not UTF-8.');
    throw error;
  }
}
