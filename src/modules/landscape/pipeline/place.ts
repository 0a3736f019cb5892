/**
 * Where a row belongs: network and country of its address, the registered domain of its site, and the constituent that
 * answered for it at the time it happened. What the feed itself says about place is used only where no list knows.
 */
import { getDomain } from 'tldts';
import { hash } from 'node:crypto';
import type { Networks } from '#kit/ip/ranges';
import type { Owners } from '#kit/ip/owners';
import type { Draft } from '../shapes/draft.ts';
import type { Placed } from './writer.ts';

/** Registered domains looked up lately; a feed repeats its sites. */
const remembered = 20_000;

export class Placer {
  private readonly networks: Networks;
  private readonly owners: Owners;
  private readonly sites = new Map<string, string>();
  private readonly located = { asn: 0, area: 'ZZ' };
  readonly placed: Placed = { area: 'ZZ', asn: 0, owner: '', site: '', peerArea: '', userLow: 0, userHigh: 0 };

  constructor(networks: Networks, owners: Owners) {
    this.networks = networks;
    this.owners = owners;
  }

  /** Fills `placed` for a draft. */
  place(draft: Draft): void {
    const { placed, located } = this;
    located.asn = 0;
    located.area = 'ZZ';
    if (draft.hasIp) this.networks.locate(draft.ip, located);
    placed.asn = located.asn !== 0 ? located.asn : draft.asn;
    placed.site = draft.domain === '' ? '' : this.siteOf(draft.domain);
    placed.area = located.area !== 'ZZ' ? located.area : draft.area !== '' ? draft.area : countryOf(draft.domain);
    placed.peerArea = '';
    if (draft.hasPeer) {
      located.area = 'ZZ';
      this.networks.locate(draft.peer, located);
      placed.peerArea = located.area;
    }
    placed.owner = ownerOf(this.owners, {
      hasIp: draft.hasIp, ip: draft.ip, domain: draft.domain, asn: placed.asn, time: draft.time, website: draft.kind === 'website-attack',
      certificate: this.owners.knowsCertificates ? certificateOf(draft) : '',
    });
    placed.userLow = 0;
    placed.userHigh = 0;
    if (draft.user !== '') {
      const digest = hash('sha256', draft.user, 'buffer');
      placed.userLow = digest.readUInt32LE(0);
      placed.userHigh = digest.readUInt32LE(4);
    }
  }

  private siteOf(domain: string): string {
    const known = this.sites.get(domain);
    if (known !== undefined) return known;
    const site = getDomain(domain, { allowPrivateDomains: false }) ?? domain;
    if (this.sites.size >= remembered) this.sites.clear();
    this.sites.set(domain, site);
    return site;
  }
}

/** SHA-256 of the certificate that a scan saw, as Shadowserver's reports name it; '' where there is none. */
export const certificateKey = 'sha256_fingerprint';
function certificateOf(draft: Draft): string {
  const at = draft.keys.indexOf(certificateKey);
  return at < 0 || at >= draft.pairs ? '' : (draft.values[at] ?? '').toLowerCase().replaceAll(':', '');
}

/** What tells who answers for a row. */
export interface Placeable {
  readonly hasIp: boolean;
  readonly ip: Uint8Array;
  readonly domain: string;
  readonly asn: number;
  readonly time: number;
  readonly website: boolean;
  readonly certificate: string;
}

/** Who answered for it then. A site is its owner's wherever it is hosted; for all else the address tells first. */
export function ownerOf(owners: Owners, row: Placeable): string {
  const named = row.domain === '' ? '' : owners.ofDomain(row.domain, row.time);
  if (row.website && named !== '') return named;
  // Whose certificate a host shows is told by the certificate, wherever the host stands.
  const shown = row.certificate === '' ? '' : owners.ofCertificate(row.certificate, row.time);
  if (shown !== '') return shown;
  const addressed = row.hasIp ? owners.ofAddress(row.ip, row.time) : '';
  return addressed || named || owners.ofAsn(row.asn, row.time);
}

/** A country-code domain's country: the last resort for a site without an address. */
function countryOf(domain: string): string {
  const top = domain.slice(domain.lastIndexOf('.') + 1);
  if (top.length !== 2) return 'ZZ';
  return top === 'uk' ? 'GB' : top === 'eu' ? 'ZZ' : top.toUpperCase();
}
