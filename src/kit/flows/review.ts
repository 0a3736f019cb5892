/**
 * Declared against observed: where a product's own machine was seen to send, and whether its provider said so. What is seen and not declared is
 * a finding; what is declared and not seen is told too, since a capture that is too short sees little.
 */
import { formatIp, holdsIp, parsePrefix, readIp, type Prefix } from '#kit/ip/ip';
import { packetsIn, type CaptureEnd } from './capture.ts';
import type { Declaration } from './declared.ts';
import { dnsOf, httpNameOf, tlsNameOf } from './names.ts';
import { datagramOf, knownLinks, type Datagram } from './packet.ts';
import { FlowError } from './refused.ts';
import type { reasons, tellers, Transport } from './terms.ts';

export interface Observed {
  /** The name it was reached by, told by the traffic itself (TLS, HTTP), or else looked up; null where nothing told one. */
  readonly host: string | null;
  readonly toldBy: typeof tellers[number] | null;
  readonly address: string;
  readonly transport: Transport | 'other';
  readonly port: number | null;
  readonly packets: number;
  readonly bytes: number;
  /** Microseconds since 1970. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Numbers of the declared flows that it belongs to; none: it is not declared. */
  readonly flows: readonly number[];
}
export type Undeclared = Observed & {
  readonly why: typeof reasons[number];
};
export interface FlowReview {
  readonly packets: number;
  /** Not of IP, or of a link that is not read. */
  readonly unread: number;
  readonly brokenOff: boolean;
  readonly observed: readonly Observed[];
  readonly undeclared: readonly Undeclared[];
  /** Looked up, and no flow names it: also what is asked tells something. */
  readonly lookedUp: readonly { readonly host: string; readonly times: number }[];
  /** Numbers of declared flows that nothing was seen of. */
  readonly unseen: readonly number[];
}

/** Different ways and names that are kept at most: a capture of more is of no test. */
const mostKept = 500_000;
const namesMost = 50;
const idleMicros = 120_000_000;

interface Way { address: string; transport: Transport | 'other'; port: number | null; packets: number; bytes: number; firstAt: number; lastAt: number;
  tls: string | null; http: string | null }

/** What the product's machine did, gathered from captures one after another. */
export class Watching {
  readonly #devices: ReadonlySet<string>;
  readonly #ways = new Map<string, Way>();
  readonly #lab: readonly Prefix[];
  readonly #namesOf = new Map<string, Set<string>>();
  readonly #asked = new Map<string, number>();
  readonly #opened = new Set<string>();
  readonly #connections = new Map<string, Way>();
  #packets = 0;
  #unread = 0;
  #brokenOff = false;

  /** Addresses of the machine, and prefixes of the laboratory's own that are of no interest. Throws a FlowError where one is none. */
  constructor(devices: readonly string[], lab: readonly string[] = []) {
    this.#devices = new Set(devices.map((text) => {
      const bytes = new Uint8Array(16);
      if (!readIp(text, bytes)) throw new FlowError('This is no address of a machine.', text.slice(0, 60));
      return formatIp(bytes);
    }));
    if (this.#devices.size === 0) throw new FlowError('The machine that is watched is not named.', 'its address');
    this.#lab = lab.map((text) => {
      const prefix = parsePrefix(text);
      if (!prefix) throw new FlowError('This is neither an address nor a prefix.', text.slice(0, 60));
      return prefix;
    });
  }

  #isLab(address: string): boolean {
    if (this.#lab.length === 0) return false;
    const bytes = new Uint8Array(16);
    return readIp(address, bytes) && this.#lab.some((prefix) => holdsIp(prefix, bytes));
  }

  /** Throws a FlowError with the place in the capture. */
  async read(bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const end: CaptureEnd = { brokenOff: false };
    for await (const { link, at, bytes: frame, size } of packetsIn(bytes, end)) {
      this.#packets++;
      const datagram = knownLinks.has(link) ? datagramOf(link, frame) : null;
      if (datagram === null) this.#unread++;
      else this.#take(datagram, at, size);
    }
    this.#brokenOff ||= end.brokenOff;
  }

  #take(d: Datagram, at: number, size: number): void {
    if (this.#devices.has(d.to)) this.#hear(d);
    // What answers a connection that another opened is not the product's sending.
    if (!this.#devices.has(d.from) || this.#opened.has(`${d.to} ${d.toPort} ${d.fromPort}`)) return;
    if (d.transport === 'udp' && d.toPort === 53) this.#ask(dnsOf(d.payload)?.name ?? null);
    if (this.#isLab(d.to)) return;
    const key = `${d.transport} ${d.fromPort} ${d.to} ${d.toPort}`;
    const before = this.#connections.get(key);
    if (before && d.opens) this.#close(key, before);
    const one = d.opens || !before ? { address: d.to, transport: d.transport, port: d.toPort, packets: 0, bytes: 0, firstAt: at, lastAt: at, tls: null,
      http: null } : before;
    if (d.transport === 'tcp') {
      one.tls ??= tlsNameOf(d.payload);
      one.http ??= httpNameOf(d.payload);
    }
    one.packets++;
    one.bytes += size;
    one.firstAt = Math.min(one.firstAt, at);
    one.lastAt = Math.max(one.lastAt, at);
    if (one !== before && this.#connections.size >= mostKept) this.#closeIdle(at);
    this.#keep(this.#connections, key, one);
  }

  /** Each name that an address was reached by is a way of its own, so that nothing hides behind one that is declared. */
  #close(key: string, one: Way): void {
    this.#connections.delete(key);
    const name = `${one.transport} ${one.address} ${one.port} ${one.tls ?? ''} ${one.http ?? ''}`;
    const way = this.#ways.get(name);
    this.#keep(this.#ways, name, way ? {
      ...way, packets: way.packets + one.packets, bytes: way.bytes + one.bytes, firstAt: Math.min(way.firstAt, one.firstAt),
      lastAt: Math.max(way.lastAt, one.lastAt),
    } : one);
  }

  #closeIdle(now: number): void {
    for (const [key, one] of this.#connections) if (now - one.lastAt > idleMicros) this.#close(key, one);
  }

  /** What comes to the machine: connections that others open, and answers that name addresses. */
  #hear(d: Datagram): void {
    if (d.opens) {
      const key = `${d.from} ${d.fromPort} ${d.toPort}`;
      if (this.#opened.size >= mostKept && !this.#opened.has(key)) throw tooMany(key);
      this.#opened.add(key);
    }
    const message = d.transport === 'udp' && d.fromPort === 53 ? dnsOf(d.payload) : null;
    if (!message?.isAnswer) return;
    for (const address of message.addresses) {
      const names = this.#namesOf.get(address) ?? new Set();
      if (names.size < namesMost) names.add(message.name);
      this.#keep(this.#namesOf, address, names);
    }
  }

  #ask(name: string | null): void {
    if (name !== null) this.#keep(this.#asked, name, (this.#asked.get(name) ?? 0) + 1);
  }

  #keep<V>(map: Map<string, V>, key: string, value: V): void {
    if (map.size >= mostKept && !map.has(key)) throw tooMany(key);
    map.set(key, value);
  }

  /** The name that an address was looked up by: one that is declared, if there is one. */
  #lookedUpAs(address: string, declaration: Declaration): string | null {
    const names = [...this.#namesOf.get(address) ?? []];
    return names.find((name) => declaration.names(name)) ?? names[0] ?? null;
  }

  against(declaration: Declaration): FlowReview {
    const seen = new Set<number>();
    const observed: Observed[] = [];
    const undeclared: Undeclared[] = [];
    for (const [key, one] of this.#connections) this.#close(key, one);
    for (const way of this.#ways.values()) {
      const named = { ...way, dns: this.#lookedUpAs(way.address, declaration) };
      const flows = flowsOf(declaration, named);
      const one = observedOf(named, flows);
      observed.push(one);
      for (const flow of flows) seen.add(flow);
      const why = flows.length > 0 ? null : whyNot(declaration, named, this.#namesOf.get(way.address));
      if (why !== null) undeclared.push({ ...one, why });
    }
    const lookedUp = [...this.#asked].filter(([host]) => !declaration.names(host)).map(([host, times]) => ({ host, times }));
    return {
      packets: this.#packets, unread: this.#unread, brokenOff: this.#brokenOff,
      observed: observed.sort(byBytes), undeclared: undeclared.sort(byBytes), lookedUp: lookedUp.sort((a, b) => b.times - a.times),
      unseen: declaration.flows.flatMap((_, n) => (seen.has(n) ? [] : [n])),
    };
  }
}

const byBytes = (a: Observed, b: Observed): number => b.bytes - a.bytes || (a.address < b.address ? -1 : 1);
const tooMany = (at: string): FlowError => new FlowError(`The capture holds more than ${mostKept} ways: it is of no test of one machine.`, at);

type Named = Way & { readonly dns: string | null };
const observedOf = ({ tls, http, dns, ...way }: Named, flows: readonly number[]): Observed => ({
  host: tls ?? http ?? dns, toldBy: tls !== null ? 'tls' : http !== null ? 'http' : dns !== null ? 'dns' : null, ...way, flows,
});

/** What a connection says of itself goes before what was looked up: who fronts behind another's name is seen by it. */
function flowsOf(declaration: Declaration, { tls, http, dns, address, transport, port }: Named): readonly number[] {
  if (transport === 'other') return [];
  const host = tls ?? http ?? dns;
  const byAddress = declaration.toAddress(address, transport, port);
  return host === null ? byAddress : [...declaration.toHost(host, transport, port), ...tls === null && http === null ? byAddress : []];
}

function whyNot(declaration: Declaration, { tls, http, dns }: Named, lookedUp: ReadonlySet<string> | undefined): Undeclared['why'] {
  const told = tls ?? http;
  if (told !== null && dns !== null && !lookedUp?.has(told) && declaration.names(dns) && !declaration.names(told)) return 'name';
  const host = told ?? dns;
  if (host !== null && declaration.names(host)) return 'port';
  return host === null ? 'address' : 'host';
}
