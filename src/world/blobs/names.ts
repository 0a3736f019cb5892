/** What a named object may be called: a path of plain segments, so that no name leaves its folder or hides in it. */

/** Segments of letters, digits, dot, dash and underscore; no segment begins with a dot. */
export function isObjectName(name: string): boolean {
  return name.length <= 500 && /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(name);
}

export function checkObjectName(name: string): void {
  if (!isObjectName(name)) throw new Error(`not an object name: ${JSON.stringify(name)}`);
}

export function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
