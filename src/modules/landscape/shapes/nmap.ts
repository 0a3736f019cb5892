/**
 * What Nmap saw (`nmap -oX`), one row for each open port. XML is read as a stream by saxes, which knows no entities but the five of XML
 * and expands none: a DOCTYPE that declares anything ends the file here, as does whatever is not well-formed, too deep or too long without
 * an end. What was read before stays. Memory is a chunk, one port and the bound of one token.
 */
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import type { Trouble } from '#kit/lines/lines';
import { excerptOf } from '#kit/lines/lines';
import { identityHead, ObjectIdentity } from '#kit/rows/identity';
import { secondsOf } from '#kit/rows/time';
import type { Drift } from '../model.ts';
import { domainOf, portOf, type Draft, type Unfit } from './draft.ts';

export const nmapType = 'nmap';
/** Characters that may pass without an element beginning or ending. */
const longestToken = 1_048_576;
const deepest = 40;
/** Script ids of one port that are kept, and CVE ids that their words name. */
const scriptsMost = 30;
const cvesMost = 60;

/** The fields of a row, as sent: they make its identity. */
type Port = Record<string, string>;

export interface NmapSink {
  row(sent: NmapRow): void;
  trouble(t: Trouble): void;
}

/** An open port. Its fields are text; it can be filled more than once. */
export class NmapRow {
  readonly line: number;
  readonly offset: number;
  private readonly fields: Port;
  private readonly made: ObjectIdentity;
  constructor(line: number, offset: number, fields: Port, made: ObjectIdentity) {
    this.line = line;
    this.offset = offset;
    this.fields = fields;
    this.made = made;
  }
  identity(out: Uint8Array): void {
    this.made.of(this.fields, out);
  }
  excerpt(): string {
    return excerptOf(JSON.stringify(this.fields));
  }
  names(): Iterable<string> {
    return Object.keys(this.fields);
  }
  fill(draft: Draft): Unfit | null {
    draft.reset();
    draft.reportType = nmapType;
    draft.kind = 'exposure';
    draft.type = 'exposure';
    const { address = '', port = '', time = '', name = '', service = '', ...rest } = this.fields;
    if (address === '') return { reason: 'ip.missing', detail: 'the host has no IPv4 or IPv6 address before its ports' };
    if (!draft.setIp(address)) return { reason: 'ip.invalid', detail: 'the address of the host is none' };
    draft.port = portOf(port);
    if (draft.port === 0) return { reason: 'port.invalid', detail: 'the port is none' };
    draft.family = service;
    draft.domain = domainOf(name);
    for (const [key, value] of Object.entries(rest)) draft.attr(key, value);
    if (time === '') return { reason: 'time.missing', detail: 'neither the host nor the scan says when' };
    const seconds = /^\d+$/.test(time) ? secondsOf(Number(time)) : null;
    if (seconds === null) return { reason: 'time.invalid', detail: 'the time is no time' };
    draft.time = seconds;
    return null;
  }
}

interface Host { address: string; name: string; typed: string; time: string }

/** What is wrong with a file, in our words; the rest of it is not read. */
class Ended extends Error {
  readonly reason: string;
  constructor(reason: string, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

export class NmapReading {
  private readonly sink: NmapSink;
  private readonly made: ObjectIdentity;
  private readonly xml = new SaxesParser({ xmlns: false, position: true });
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  private readonly path: string[] = [];
  private scanTime = '';
  private host: Host = { address: '', name: '', typed: '', time: '' };
  private port: Port | null = null;
  private open = false;
  private scripts: string[] = [];
  private cves = new Set<string>();
  private cpes: string[] = [];
  private words = '';
  private ended = false;
  /** Characters since the last element began or ended, and the place where a port began. */
  private quiet = 0;
  private began = { line: 0, offset: 0 };
  private chunk = '';
  private chunkBegan = { characters: 0, bytes: 0 };
  private counted = { characters: 0, bytes: 0 };

  constructor(feed: string, sink: NmapSink) {
    this.sink = sink;
    this.made = new ObjectIdentity(identityHead(feed, nmapType));
    this.xml.on('doctype', (text) => {
      if (text.includes('[')) throw new Ended('xml.doctype', 'the document declares entities or elements of its own');
    });
    this.xml.on('opentag', (tag) => this.enter(tag as SaxesTagPlain));
    this.xml.on('text', (text) => this.say(text));
    this.xml.on('cdata', (text) => this.say(text));
    this.xml.on('closetag', () => this.leave());
    this.xml.on('error', ({ message }) => {
      throw new Ended(/entity/i.test(message) ? 'xml.entity' : 'xml.invalid', message.replace(/^\d+:\d+: /, ''));
    });
  }

  push(bytes: Uint8Array): void {
    if (this.ended) return;
    this.attempt(() => {
      let text: string;
      try {
        text = this.decoder.decode(bytes, { stream: true });
      } catch {
        throw new Ended('text.not-utf8', 'the bytes are not UTF-8');
      }
      this.write(text);
    });
  }

  end(): void {
    if (this.ended) return;
    this.attempt(() => {
      try {
        this.write(this.decoder.decode());
      } catch (error) {
        throw error instanceof Ended ? error : new Ended('text.not-utf8', 'the last character is cut');
      }
      if (this.chunkBegan.characters === 0 && this.chunk === '') return;
      if (this.path.length > 0) throw new Ended('xml.truncated', `it ends within <${this.path.join('><')}>`);
      this.xml.close();
    });
  }

  /** In pieces, so that a token without an end is seen before it is held. */
  private write(text: string): void {
    const piece = 65_536;
    for (let at = 0; at < text.length; at += piece) {
      this.chunkBegan = { characters: this.chunkBegan.characters + this.chunk.length, bytes: this.chunkBegan.bytes + Buffer.byteLength(this.chunk) };
      this.counted = this.chunkBegan;
      this.chunk = text.slice(at, at + piece);
      this.quiet += this.chunk.length;
      this.xml.write(this.chunk);
      if (this.quiet > longestToken) throw new Ended('xml.too-long', `more than ${longestToken} characters without an element's begin or end`);
    }
  }

  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      this.ended = true;
      this.sink.trouble({ ...this.place(), reason: error.reason, detail: excerptOf(error.message), excerpt: excerptOf(this.around()), rows: 0 });
    }
  }

  /** Where the parser stands, in lines and bytes. */
  private place(): { line: number; offset: number } {
    const within = Math.max(0, Math.min(this.chunk.length, this.xml.position - this.chunkBegan.characters));
    const from = Math.max(0, Math.min(within, this.counted.characters - this.chunkBegan.characters));
    const bytes = this.counted.bytes + Buffer.byteLength(this.chunk.slice(from, within));
    this.counted = { characters: this.chunkBegan.characters + within, bytes };
    return { line: this.xml.line, offset: bytes };
  }

  private around(): string {
    const at = Math.max(0, Math.min(this.chunk.length, this.xml.position - this.chunkBegan.characters));
    return this.chunk.slice(Math.max(0, at - 150), at + 50);
  }

  private say(text: string): void {
    const inside = this.path.at(-1);
    if (this.port !== null && (inside === 'cpe' || inside === 'elem')) this.words = (this.words + text).slice(0, 2000);
  }

  private enter({ name, attributes: a }: SaxesTagPlain): void {
    this.quiet = 0;
    if (this.path.length >= deepest) throw new Ended('xml.too-deep', `nested deeper than ${deepest}`);
    if (this.path.length === 0 && name !== 'nmaprun') throw new Ended('xml.other', `the document is <${name.slice(0, 40)}>, not <nmaprun>`);
    const inside = this.path.at(-1) ?? '';
    this.path.push(name);
    this.words = '';
    if (name === 'nmaprun') this.scanTime = a['start'] ?? '';
    else if (name === 'host' && inside === 'nmaprun') this.host = { address: '', name: '', typed: '', time: a['endtime'] ?? a['starttime'] ?? '' };
    else if (inside === 'host' && name === 'address') {
      if (a['addrtype'] !== 'mac' && this.host.address === '') this.host.address = a['addr'] ?? '';
    } else if (inside === 'hostnames' && name === 'hostname') this.named(a['name'] ?? '', a['type'] ?? '');
    else if (inside === 'ports' && name === 'port') this.begin(a);
    else if (this.port !== null) this.within(this.port, inside, name, a);
  }

  /** The name that was asked for before one that the address itself claims. */
  private named(name: string, type: string): void {
    if (type === 'user' && this.host.typed === '') this.host.typed = name;
    else if (this.host.name === '') this.host.name = name;
  }

  private begin(a: Record<string, string>): void {
    this.began = this.place();
    this.open = false;
    [this.scripts, this.cves, this.cpes] = [[], new Set(), []];
    this.port = { port: a['portid'] ?? '', protocol: a['protocol'] ?? '' };
  }

  private within(port: Port, inside: string, name: string, a: Record<string, string>): void {
    const keep = (key: string, value: string | undefined): void => {
      if (value) port[key] = value.slice(0, 500);
    };
    if (inside === 'port' && name === 'state') {
      this.open = a['state'] === 'open';
      keep('reason', a['reason']);
    } else if (inside === 'port' && name === 'service') {
      keep('service', a['name']);
      keep('product', a['product']);
      keep('version', a['version']);
      for (const key of ['extrainfo', 'ostype', 'devicetype', 'tunnel', 'hostname', 'method', 'conf']) keep(key, a[key]);
    } else if (inside === 'port' && name === 'script') this.script(a['id'] ?? '', a['output'] ?? '');
  }

  /** What a script names; one that says that the port is not vulnerable names nothing. */
  private script(id: string, output: string): void {
    if (/^[\w.-]{1,60}$/.test(id) && this.scripts.length < scriptsMost) this.scripts.push(id);
    if (/NOT VULNERABLE/i.test(output)) return;
    for (const [cve] of output.toUpperCase().matchAll(/CVE-\d{4}-\d{4,12}/g)) if (this.cves.size < cvesMost) this.cves.add(cve);
  }

  private leave(): void {
    this.quiet = 0;
    const name = this.path.pop();
    const port = this.port;
    if (port === null) return;
    if (name === 'cpe' && this.cpes.length < 20 && this.words.trim() !== '') this.cpes.push(this.words.trim().slice(0, 200));
    if (name !== 'port') return;
    this.port = null;
    if (!this.open) return;
    const { address, name: own, typed, time } = this.host;
    const listed = (key: string, values: readonly string[]): Port => (values.length === 0 ? {} : { [key]: values.join(' ') });
    const fields: Port = {
      ...port, address, time: time || this.scanTime, ...(typed || own ? { name: typed || own } : {}), ...listed('cpe', this.cpes),
      ...listed('scripts', this.scripts), ...listed('cve', [...this.cves].sort()),
    };
    this.sink.row(new NmapRow(this.began.line, this.began.offset, fields, this.made));
  }

  drift(): Drift | null {
    return null;
  }
  seen(): readonly string[] {
    return [];
  }
}
