/** Conditional requests (RFC 9110, 13.1.2), as machines that fetch a list every minute send them. */

/** Whether a header If-None-Match names the tag: any of several, compared weakly. */
export function matchesTag(header: string | null, tag: string): boolean {
  return header !== null && header.split(',').map((each) => each.trim().replace(/^W\//, '')).some((each) => each === tag || each === '*');
}
