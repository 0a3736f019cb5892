/**
 * `entente token create|list|revoke`: API tokens for people who keep the machine. Whoever may read the data folder may do
 * this; it states the same facts as the page does. While a hub holds a PGlite folder, tokens are made on its pages.
 */
import { join } from 'node:path';
import { systemClock } from '#world/clock';
import type { Db } from '#world/db/port';
import { StartError, holdFolder, kindOf } from '#world/folder';
import { idsFrom } from '#world/ids';
import { systemRandom } from '#world/random';
import type { Actor } from '#kit/endpoint';
import { noActs } from '../modules/parties/actions/parts.ts';
import { tokenActions } from '../modules/parties/actions/tokens.ts';
import { personById } from '../modules/parties/store.ts';
import { migrations } from '../app/compose.ts';
import type { Config } from '../app/config.ts';
import { openRecords } from '../app/world.ts';

export type TokenRequest =
  | { readonly act: 'create'; readonly person: string; readonly name: string; readonly scopes: readonly string[]; readonly days: number }
  | { readonly act: 'list'; readonly person: string }
  | { readonly act: 'revoke'; readonly person: string; readonly token: string };

const say = (line: string): void => void process.stdout.write(`${line}\n`);

export async function token(request: TokenRequest, config: Config): Promise<void> {
  await withRecords(config, async (db) => {
    const person = await personById(db, request.person);
    if (!person || person.status !== 'active') throw new StartError(`There is no active person ${request.person}.`, 65);
    const clock = systemClock();
    const hub = { mode: 'production', name: '', country: 'ZZ', passkeyOrigin: 'https://unused.example', idleMs: 0 } as const;
    const acts = tokenActions({ db, clock, ids: idsFrom(clock, systemRandom()), hub, acts: noActs,
      placeOf: () => null, identity: null, note: () => undefined });
    const actor: Actor = {
      person: person.id, org: person.organisation, roles: person.roles, via: 'system', credential: 'command-line',
    };
    const caller = { actor } as Parameters<typeof acts['tokens.list']>[1];
    if (request.act === 'create') {
      const { token: made, secret } = await acts['tokens.create']({ ...request, scopes: [...request.scopes], addresses: [] }, caller);
      say(`${made.id} expires ${made.expiresAt}\n${secret}`);
    } else if (request.act === 'list') {
      for (const t of (await acts['tokens.list']({}, caller)).tokens) say(`${t.id}  ${t.expiresAt}  ${t.name}  ${t.scopes.join(',')}`);
    } else {
      await acts['tokens.revoke']({ token: request.token }, caller);
      say(`${request.token} is revoked`);
    }
  });
}

async function withRecords(config: Config, work: (db: Db) => Promise<void>): Promise<void> {
  const folder = config.ENTENTE_DATA ?? join('data', 'hub');
  const held = config.ENTENTE_DB_URL === undefined
    ? await holdFolder(folder, (await kindOf(folder)) ?? 'production') : null;
  try {
    const db = await openRecords(config, held?.path ?? folder, () => undefined);
    try {
      await db.migrate(migrations);
      await work(db);
    } finally {
      await db.close();
    }
  } finally {
    await held?.release();
  }
}
