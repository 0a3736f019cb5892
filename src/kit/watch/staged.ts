/**
 * A server and observers on paper, for tests and the demonstration: an observer whose key follows from its name, and what a server with
 * these files would have served it.
 */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { Envelope } from '../attest/dsse.ts';
import { nodeDigest } from '../hash/node.ts';
import { manifestIn, notServed, served, servedManifest, viewOf } from './look.ts';
import { writeOwn, type OwnManifest } from './manifest.ts';
import { signObservation, type Observation } from './observation.ts';
import { FileDigest, viewText } from './view.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const hexOf = (bytes: Uint8Array): string => Buffer.from(sha256(bytes)).toString('hex');

function digestOf(bytes: Uint8Array): ReturnType<FileDigest['end']> {
  const digest = new FileDigest(nodeDigest, bytes.length);
  digest.update(bytes);
  return digest.end();
}

export interface Release {
  readonly serial: number;
  readonly version: string;
  readonly at: string;
  readonly expires?: string | null;
  /** By name: what the manifest lists the digest of, and what is served where that is something else; null is 404. */
  readonly files: Readonly<Record<string, { readonly listed: Uint8Array; readonly served?: Uint8Array | null }>>;
  readonly withdrawn?: OwnManifest['withdrawn'];
}

export function manifestOf({ serial, version, at, expires = null, files, withdrawn = [] }: Release): string {
  return writeOwn({
    format: 'entente-update', v: 1, product: 'Shield', channel: 'stable', serial, version, at, expires, withdrawn,
    files: Object.entries(files).map(([name, { listed }]) => ({ name, version, url: `${name}-${version}`, sha256: hexOf(listed), size: listed.length })),
  });
}

/** The canonical text of the view of somebody who is served exactly this. */
export function served200(release: Release): string {
  const bytes = new TextEncoder().encode(manifestOf(release));
  const read = manifestIn('entente-update', bytes);
  const files = (read.manifest?.entries ?? []).map((entry) => {
    const file = release.files[entry.name];
    const given = file?.served === undefined ? file?.listed ?? null : file.served;
    return given === null ? notServed(entry.name, entry.version, 404) : served(entry, digestOf(given));
  });
  return viewText(viewOf('entente-update', servedManifest(digestOf(bytes)), read, files, sha256));
}

/** Of somebody to whom the manifest itself is not served. */
export const served404 = (): string => viewText(viewOf('entente-update', notServed('manifest', null, 404), { manifest: null, fault: null }, [], sha256));

export interface TestObserver {
  readonly keyid: string;
  /** Raw, base64. */
  readonly publicKey: string;
  look(of: Pick<Observation, 'channel' | 'number' | 'at' | 'url'> & { readonly view: string; readonly served?: string | null }): Promise<Envelope>;
}

/** The key follows from its name; a forger’s from another word. */
export function testObserver(keyid: string, seed = keyid): TestObserver {
  const raw = createHash('sha256').update(`an observer's key ${seed}`).digest();
  const key = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), raw]), format: 'der', type: 'pkcs8' });
  return {
    keyid, publicKey: Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64'),
    look: ({ view, served: by = null, ...rest }) => signObservation(
      { v: 1, observer: keyid, served: by, view: hexOf(Buffer.from(view)), ...rest }, { name: keyid, sign: (message) => sign(null, message, key) },
    ),
  };
}
