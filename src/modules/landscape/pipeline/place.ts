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
  readonly placed: Placed = { area: 'ZZ', asn: 0, owner: '', site: '', userLow: 0, userHigh: 0 };

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
    placed.owner = this.ownerOf(draft, placed.asn);
    placed.userLow = 0;
    placed.userHigh = 0;
    if (draft.user !== '') {
      const digest = hash('sha256', draft.user, 'buffer');
      placed.userLow = digest.readUInt32LE(0);
      placed.userHigh = digest.readUInt32LE(4);
    }
  }

  private ownerOf(draft: Draft, asn: number): string {
    const { owners } = this;
    const at = draft.time;
    const named = draft.domain === '' ? '' : owners.ofDomain(draft.domain, at);
    // A site is its owner's wherever it is hosted; for all else the address tells first.
    if (draft.kind === 'website-attack' && named !== '') return named;
    // Whose certificate a host shows is told by the certificate, wherever the host stands.
    const shown = owners.knowsCertificates ? owners.ofCertificate(certificateOf(draft), at) : '';
    if (shown !== '') return shown;
    const addressed = draft.hasIp ? owners.ofAddress(draft.ip, at) : '';
    return addressed || named || owners.ofAsn(asn, at);
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
function certificateOf(draft: Draft): string {
  const at = draft.keys.indexOf('sha256_fingerprint');
  return at < 0 || at >= draft.pairs ? '' : (draft.values[at] ?? '').toLowerCase().replaceAll(':', '');
}

/** A country-code domain's country: the last resort for a site without an address. */
function countryOf(domain: string): string {
  const top = domain.slice(domain.lastIndexOf('.') + 1);
  if (top.length !== 2) return 'ZZ';
  return top === 'uk' ? 'GB' : top === 'eu' ? 'ZZ' : top.toUpperCase();
}
