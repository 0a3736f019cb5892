/**
 * Tells a file of MISP from one of STIX by its beginning: both are JSON, and what they call their first fields is what they are. It reads
 * the names of the outermost object alone (or of the first one in a list), so that a text inside cannot pretend to be a field.
 */
const ofMisp: ReadonlySet<string> = new Set([
  'Event', 'response', 'Attribute', 'Object', 'Orgc', 'Org', 'EventReport', 'info', 'analysis', 'threat_level_id', 'publish_timestamp', 'extends_uuid',
  'orgc_id', 'org_id', 'attribute_count', 'sharing_group_id',
]);
const ofStix: ReadonlySet<string> = new Set(['type', 'spec_version', 'objects', 'created', 'more', 'next']);

/** How much of a file is needed at most. */
export const recognisedBytes = 65_536;

/** Whether this is how a file of MISP begins. What is neither counts as STIX, whose reader tells what is wrong with it. */
export function beginsAsMisp(head: string): boolean {
  // A name of the outermost object is a text at its depth that a colon follows.
  const tokens = head.slice(0, recognisedBytes).matchAll(/"((?:[^"\\]|\\.)*)"(\s*:)?|[[\]{}]/g);
  const open: string[] = [];
  for (const [token, text, colon] of tokens) {
    if (text === undefined) {
      if (token === '{' || token === '[') open.push(token);
      else open.pop();
      if (open.length === 0) return false;
      continue;
    }
    const outermost = open.join('') === '{' || open.join('') === '[{';
    if (colon === undefined || !outermost) continue;
    if (ofMisp.has(text)) return true;
    if (ofStix.has(text)) return false;
  }
  return false;
}
