/**
 * The two encodings of ECDSA that notes of type 0x02 carry: a public key as DER SubjectPublicKeyInfo (RFC 5480) on one of
 * three curves, and a signature as DER (RFC 3279 section 2.2.3). Read strictly, so that each value has one spelling.
 */
import { fromHex } from '#kit/encoding';

export interface EcdsaCurve {
  readonly name: 'P-256' | 'P-384' | 'P-521';
  /** Bytes of one coordinate, and of each half of a raw signature. */
  readonly bytes: number;
}

/** Everything in front of the two coordinates; the last byte, 4, says that both are there. */
const heads: readonly (EcdsaCurve & { readonly head: string })[] = [
  { name: 'P-256', bytes: 32, head: '3059301306072a8648ce3d020106082a8648ce3d03010703420004' },
  { name: 'P-384', bytes: 48, head: '3076301006072a8648ce3d020106052b8104002203620004' },
  { name: 'P-521', bytes: 66, head: '30819b301006072a8648ce3d020106052b8104002303818600' + '04' },
];

/** The curve of a public key, or null where these bytes are not a key on one of the three. */
export function ecdsaCurve(spki: Uint8Array): EcdsaCurve | null {
  for (const { name, bytes, head } of heads) {
    const start = fromHex(head) ?? new Uint8Array(0);
    if (spki.length === start.length + bytes * 2 && start.every((byte, i) => spki[i] === byte)) return { name, bytes };
  }
  return null;
}

/** A DER signature as r and s of `bytes` bytes each, or null where it is not spelt as DER demands. */
export function rawEcdsa(signature: Uint8Array, bytes: number): Uint8Array | null {
  const long = signature[1] === 0x81;
  const body = long ? 3 : 2;
  const length = signature[body - 1] ?? 0;
  // A length has one spelling: the long form only from 128 on.
  if (signature[0] !== 0x30 || (long ? length < 128 : length > 127) || signature.length !== body + length) return null;
  const raw = new Uint8Array(bytes * 2);
  let at = body;
  for (let half = 0; half < 2; half++) {
    const size = signature[at + 1] ?? 0;
    const value = signature.subarray(at + 2, at + 2 + size);
    const [first = 0, second = 0] = value;
    if (signature[at] !== 0x02 || size === 0 || value.length !== size || first > 127) return null;
    if (first === 0 && size > 1 && second < 128) return null;
    const digits = first === 0 ? value.subarray(1) : value;
    if (digits.length > bytes) return null;
    raw.set(digits, bytes * (half + 1) - digits.length);
    at += 2 + size;
  }
  return at === signature.length ? raw : null;
}
