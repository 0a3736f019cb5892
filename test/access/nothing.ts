/**
 * GR-01: whoever has no agreement is denied, whatever right, kind and role. The rights are those of the role matrix, of the
 * endpoints and of the templates; the kinds those of the templates, of what the code asks about, and one unheard of.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mandateBy } from '#modules/agreements/index';
import { Refusal } from '#kit/refusal';
import { asHub } from '#world/db/scope';
import { outline } from '../../src/app/outline.ts';
import { templates } from '../../src/modules/agreements/templates.ts';
import type { Role } from '../../src/modules/parties/model.ts';
import { roleMatrix } from '../../src/modules/parties/roles.ts';
import type { TestHub } from '../hub.ts';

const clauses = templates.flatMap((t) => [...t.parts.flatMap((part) => part.clauses), ...t.general]);
const grants = clauses.flatMap((clause) => clause.grants ?? []);

export const everyRight = [...new Set([
  ...Object.keys(roleMatrix), ...outline().map((o) => o.endpoint.needs.right), ...grants.flatMap((g) => g.actions), 'unheard.of',
])];

/** Kinds that a module asks its mandates about, read from its text: a new one falls under this unasked. */
function askedAbout(): string[] {
  const modules = join(import.meta.dirname, '..', '..', 'src', 'modules');
  const files = readdirSync(modules, { recursive: true, encoding: 'utf8' }).filter((f) => /\.ts$/.test(f) && !/\.(test|fuzz)\.ts$/.test(f));
  return files.map((f) => readFileSync(join(modules, f), 'utf8')).filter((text) => /\bmandate\b/.test(text))
    .flatMap((text) => [...text.matchAll(/\bkind: '([a-z-]+)'/g)].map((m) => m[1] ?? ''));
}
export const everyKind = [...new Set([...grants.flatMap((g) => g.kinds), ...askedAbout(), 'unheard-of'])];

export interface Told { readonly rights: number; readonly kinds: number; denied: number; readonly allowed: string[] }

/** Asks on behalf of `org_alone`, who has no agreement, for each pair with each of the roles given for it. */
export async function askForAll(hub: TestHub, rolesOf: (pair: number) => readonly Role[], together = 1): Promise<Told> {
  const may = mandateBy(hub.world);
  const told: Told = { rights: everyRight.length, kinds: everyKind.length, denied: 0, allowed: [] };
  const pairs = everyRight.flatMap((right) => everyKind.map((kind) => [right, kind] as const)).entries();
  const asking = async (): Promise<void> => {
    for (const [i, [right, kind]] of pairs) {
      for (const role of rolesOf(i)) {
        const actor = { person: 'per_alone', org: 'org_alone', roles: [role], via: 'session' as const, credential: 'x' };
        const owner = i % 2 === 0 ? 'org_hub' : 'org_kestrel';
        const about = { owner, kind, purpose: 'incident-response' as const, known: true, noun: 'thing', level: 0 as const, tlp: 'CLEAR' as const };
        const ended = await may(actor, right, about, { again: true })
          .then(() => 'allowed', (error: unknown) => { if (error instanceof Refusal) return 'denied'; throw error; });
        if (ended === 'denied') told.denied++;
        else told.allowed.push(`${right} ${kind} ${role}`);
      }
    }
  };
  await asHub('test', () => Promise.all(Array.from({ length: together }, asking)));
  return told;
}
