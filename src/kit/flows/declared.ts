/**
 * What a provider says its product sends, and to whom (docs/specs/flows.md): a list that is read strictly, since what is not in it is a finding.
 */
import { z } from 'zod';
import { isV4, maskTo, parsePrefix, readIp } from '#kit/ip/ip';
import { FlowError } from './refused.ts';
import { occasions, transports, type Transport } from './terms.ts';

/** A host, `*.` and a domain for all below it, an address, or a prefix. */
const destination = z.string().min(1).max(300);
const port = z.number().int().min(1).max(65_535);
const flow = z.strictObject({
  to: z.array(destination).min(1).max(1000),
  transport: z.enum(transports).default('tcp'),
  /** Single ones, and ranges as two. */
  ports: z.array(z.union([port, z.tuple([port, port])])).max(100).default([]),
  purpose: z.string().min(1).max(1000),
  /** What is sent, in kinds that a reader understands. */
  data: z.array(z.string().min(1).max(200)).max(100).default([]),
  country: z.string().regex(/^[A-Z]{2}$/).optional(),
  when: z.enum(occasions).default('always'),
});
const declaration = z.strictObject({
  v: z.literal(1), product: z.string().min(1).max(200), release: z.string().min(1).max(100), flows: z.array(flow).max(10_000),
});
export type DeclaredFlow = z.infer<typeof flow>;

/** Longer ones are not read. */
export const declarationBytesMax = 8 * 1_048_576;
/** A name as DNS has it, lower case, without the last dot; null for what is none. */
export function hostOf(text: string): string | null {
  const host = text.toLowerCase().replace(/\.$/, '');
  return /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/.test(host) ? host : null;
}

interface Rule { readonly flow: number; readonly covers: (port: number | null) => boolean }

/** Tells which declared flow a destination belongs to. */
export class Declaration {
  readonly product: string;
  readonly release: string;
  readonly flows: readonly DeclaredFlow[];
  readonly #hosts = new Map<string, Rule[]>();
  readonly #below = new Map<string, Rule[]>();
  /** By length, then by the address that they begin with: a look-up costs as many steps as there are lengths, however many prefixes. */
  readonly #prefixes = new Map<number, Map<string, Rule[]>>();

  private constructor({ product, release, flows }: z.infer<typeof declaration>) {
    [this.product, this.release, this.flows] = [product, release, flows];
    for (const [n, one] of flows.entries()) {
      const rule = { flow: n, covers: coverOf(one) };
      for (const [i, to] of one.to.entries()) this.#take(to, rule, `flows[${n}].to[${i}]`);
    }
  }

  /** Throws a FlowError with the place. */
  static read(bytes: Uint8Array): Declaration {
    if (bytes.length > declarationBytesMax) throw new FlowError(`The declaration is longer than ${declarationBytesMax} bytes.`, `byte ${declarationBytesMax}`);
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch (error) {
      throw new FlowError('The declaration is no JSON in UTF-8.', (error as Error).message.slice(0, 100), { cause: error });
    }
    const { data, error } = declaration.safeParse(value);
    const [issue] = error?.issues ?? [];
    if (issue) throw new FlowError(`The declaration is none: ${issue.message}.`, placeOf(issue.path));
    return new Declaration(data as z.infer<typeof declaration>);
  }

  #take(to: string, rule: Rule, at: string): void {
    const prefix = parsePrefix(to);
    const host = hostOf(to.startsWith('*.') ? to.slice(2) : to);
    if (prefix) {
      const ofLength = this.#prefixes.get(prefix.bits) ?? new Map<string, Rule[]>();
      this.#prefixes.set(prefix.bits, ofLength);
      put(ofLength, keyOf(prefix.network), rule);
    }
    // Digits and dots alone are an address that was not read.
    else if (host === null || /^[\d.]+$/.test(host)) throw new FlowError('This is neither a host, an address nor a prefix.', at);
    else put(to.startsWith('*.') ? this.#below : this.#hosts, host, rule);
  }

  /** Declared flows to a host by this transport and port; `port` is null for what has none. */
  toHost(host: string, transport: Transport, port: number | null): readonly number[] {
    const found = [...this.#hosts.get(host) ?? []];
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) found.push(...this.#below.get(host.slice(dot + 1)) ?? []);
    return this.#of(found, transport, port);
  }

  toAddress(address: string, transport: Transport, port: number | null): readonly number[] {
    const bytes = new Uint8Array(16);
    if (!readIp(address, bytes)) return [];
    const found: Rule[] = [];
    for (const [bits, ofLength] of this.#prefixes) {
      if (!(isV4(bytes) && bits < 96)) found.push(...ofLength.get(keyOf(maskTo(bytes, bits))) ?? []);
    }
    return this.#of(found, transport, port);
  }

  /** Whether any flow names the host, whatever the port: so may it be looked up. */
  names(host: string): boolean {
    if (this.#hosts.has(host)) return true;
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) if (this.#below.has(host.slice(dot + 1))) return true;
    return false;
  }

  #of(rules: readonly Rule[], transport: Transport, port: number | null): readonly number[] {
    return [...new Set(rules.filter(({ flow: n, covers }) => this.flows[n]?.transport === transport && covers(port)).map((r) => r.flow))];
  }
}

const keyOf = (ip: Uint8Array): string => Buffer.from(ip).toString('latin1');
function put(map: Map<string, Rule[]>, key: string, rule: Rule): void {
  const before = map.get(key);
  if (before) before.push(rule);
  else map.set(key, [rule]);
}

const placeOf = (path: readonly PropertyKey[]): string =>
  path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i > 0 ? '.' : ''}${String(step)}`)).join('') || 'the whole';

/** No ports are all. */
function coverOf({ ports }: DeclaredFlow): Rule['covers'] {
  return (port) => ports.length === 0 || (port !== null && ports.some((p) => (typeof p === 'number' ? p === port : p[0] <= port && port <= p[1])));
}
