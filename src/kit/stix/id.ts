/** Identifiers of STIX 2.1 (2.9): `type--uuid`. References match an id to the letter; for keys of one's own there is the UUID in lower case. */

export interface StixId {
  readonly type: string;
  /** In lower case. */
  readonly uuid: string;
  /** The UUID's version digit, 0 to 15. */
  readonly version: number;
  /** Whether the UUID has the variant of RFC 4122 and one of its versions, 1 to 5. */
  readonly rfc4122: boolean;
}

const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether a text can name a type (3.1, 11.2): 3 to 250 of a-z, 0-9 and hyphen, first a letter. */
export function isTypeName(text: string): boolean {
  return text.length >= 3 && text.length <= 250 && /^[a-z][a-z0-9-]*$/.test(text);
}

/** The parts of an id, or null where it is none. That the UUID's version is a good one is the caller's to ask. */
export function parseId(value: unknown): StixId | null {
  if (typeof value !== 'string' || value.length < 41 || value.length > 288) return null;
  const type = value.slice(0, -38);
  if (value.slice(-38, -36) !== '--' || !isTypeName(type)) return null;
  const uuid = value.slice(-36).toLowerCase();
  const digits = uuidShape.exec(uuid);
  if (!digits) return null;
  const version = Number.parseInt(digits[1] ?? '0', 16);
  return { type, uuid, version, rfc4122: '89ab'.includes(digits[2] ?? '') && version >= 1 && version <= 5 };
}

/** The type that a reference names, or null where it is no id. */
export function typeOfId(value: unknown): string | null {
  return parseId(value)?.type ?? null;
}

/** 32 hex digits of 16 bytes as a UUID of this version, with the variant of RFC 4122. */
export function uuidOf(hex: string, version: number): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  const text = `${hex.slice(0, 12)}${version.toString(16)}${hex.slice(13, 16)}${variant}${hex.slice(17, 32)}`;
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}
