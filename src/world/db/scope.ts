/**
 * On whose behalf the records are asked. Whoever answers a request says so once; each connection then takes that part
 * before its first statement, and the database itself shows no row of anybody else (row-level security). It is the second
 * lock: the stores' own scopes are the first, and neither knows of the other.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { partyRole } from './party.ts';

/** A person acting for an organisation. */
export interface Party {
  readonly org: string;
  readonly person: string;
  /** Organisations whose shared records a mandate has opened during this request. */
  readonly opened: Set<string>;
}

/** The hub itself: credentials, the sequencer, reactions, migrations, commands. It is in no row's way. */
export const hubItself = 'hub';
export type Scope = typeof hubItself | Party;

const scopes = new AsyncLocalStorage<Scope>();

export function within<T>(scope: Scope, work: () => T): T {
  return scopes.run(scope, work);
}

/** Work of the hub's own. `why` is for whoever reads the call: each is a place where only the stores' scopes protect. */
export function asHub<T>(why: string, work: () => T): T {
  if (why === '') throw new Error('the hub acts for a reason');
  return scopes.run(hubItself, work);
}

/** A mandate was given: what its owner shares may be seen for the rest of this request. */
export function openFor(owner: string): void {
  const scope = scopes.getStore();
  if (scope !== undefined && scope !== hubItself) scope.opened.add(owner);
}

/** What a connection must be set to for what is running now: role, organisation, person, opened. */
export type Setting = readonly [role: string, org: string, person: string, opened: string];

/** `strict`: who asks without having said for whom has found a fault of ours. */
export function settingNow(strict: boolean): Setting {
  const scope = scopes.getStore();
  if (scope === undefined && strict) throw new Error('the records are asked on nobody’s behalf');
  if (scope === undefined || scope === hubItself) return ['none', '', '', ''];
  return [partyRole, scope.org, scope.person, [...scope.opened].sort().join(',')];
}

export const schemaWork = (work: () => Promise<void>): Promise<void> => asHub('the schema', work);
