/**
 * Which addresses the hub may ask. Pure. An address is refused unless it is one of the open internet, however it is
 * spelt; what an operator runs inside his own networks is named in the setting, by host and port.
 */
import ipaddr from 'ipaddr.js';
import { OutboundError } from './port.ts';

/** What the operator allows: `host:port` with a name or a plain address. */
export interface OutboundPolicy {
  readonly allow: readonly string[];
}

const ports: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
/** Names that never lead to the open internet (RFC 6761, 6762, 7686, 8375 and common usage). */
const inward = /(^|\.)(localhost|local|localdomain|internal|intranet|private|corp|lan|home|test|invalid|onion|arpa)$/;

export interface Target {
  readonly url: URL;
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** The host is an address, in its plain form. */
  readonly literal: boolean;
  /** Named in the setting. */
  readonly named: boolean;
}

const no = (sentence: string): OutboundError => new OutboundError('blocked', sentence);

/** Ports that are asked without being named in the setting. */
export const webPorts: readonly number[] = [80, 443];
export const mailPorts: readonly number[] = [143, 993];

/** Reads and judges an address before any name is resolved; throws an OutboundError. */
export function targetOf(text: string, policy: OutboundPolicy, open: readonly number[] = webPorts): Target {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || text.length > 4000 || /[\s\\]/.test(text)) throw no('This is no address.');
  const usual = ports[url.protocol];
  if (usual === undefined) throw no('Only http and https are spoken.');
  if (url.username !== '' || url.password !== '') throw no('An address with a name before an @ is not asked.');
  const bracketed = /^\[(.*)\]$/.exec(url.hostname)?.[1];
  const host = bracketed ?? url.hostname;
  const literal = bracketed !== undefined || ipaddr.IPv4.isValidFourPartDecimal(host);
  // 2130706433, 0x7f.1, 0177.1, full-width digits and dots at the end all become something else when they are read.
  if (!plainlySaid(text, url)) throw no('The host must be written plainly.');
  if (host.endsWith('.') || host.length > 253) throw no('The host must be written plainly.');
  const port = url.port === '' ? usual : Number(url.port);
  const named = policy.allow.includes(`${url.hostname}:${port}`);
  if (!named) {
    if (!open.includes(port)) throw no(`Port ${port} is not asked.`);
    if (!literal && (!host.includes('.') || inward.test(host))) throw no('The host is none of the open internet.');
    if (literal && !isOpen(host)) throw no('The address is none of the open internet.');
  }
  return { url, host, port, literal, named };
}

/** The host as written is the host as read. */
function plainlySaid(text: string, url: URL): boolean {
  const [, written = ''] = /^[a-z]+:\/\/([^/?#]*)/i.exec(text) ?? [];
  const host = written.toLowerCase().replace(/:\d{1,5}$/, '');
  if (!host.startsWith('[')) return host === url.hostname;
  // IPv6 has many right spellings; a zone or an embedded dotted quad is none that we take.
  return /^\[[0-9a-f:]+\]$/.test(host);
}

/** An address of the open internet: unicast, global, and no other address wrapped in it. */
export function isOpen(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || (parsed as ipaddr.IPv6).match(ipaddr.IPv6.parse('2000::'), 3);
}

/** Inside one's own networks, but another machine: what a name in the setting may lead to. */
function isPrivate(address: string): boolean {
  return ipaddr.isValid(address) && ['private', 'uniqueLocal', 'carrierGradeNat'].includes(ipaddr.parse(address).range());
}

/**
 * Judges what a name was resolved to; throws an OutboundError. One bad address among several spoils all: whoever mixes
 * them is trying something. A name in the setting may lead to a private address, never to this machine or its neighbours
 * on the link (that takes an address in the setting).
 */
export function judgeAddresses(target: Target, addresses: readonly string[]): void {
  if (addresses.length === 0) throw new OutboundError('unreachable', 'The host has no address.');
  if (target.named && target.literal) return;
  const allowed = (address: string): boolean => isOpen(address) || (target.named && isPrivate(address));
  if (!addresses.every(allowed)) throw no('The name leads to an address that is none of the open internet.');
}

/** The entries of the setting, or null where one is no `host:port`. */
export function parseAllowed(text: string): readonly string[] | null {
  const entries = text.split(',').map((entry) => entry.trim().toLowerCase()).filter((entry) => entry !== '');
  const fits = (entry: string): boolean => {
    const [, host = '', port = ''] = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+):(\d{1,5})$/.exec(entry) ?? [];
    return host !== '' && Number(port) > 0 && Number(port) < 65_536 && URL.canParse(`http://${host}/`)
      && new URL(`http://${host}/`).hostname === host;
  };
  return entries.every(fits) ? entries : null;
}
