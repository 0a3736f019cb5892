/** Opens the real ports for a hub or a command: clock, ids, trace, records. What outgrows the folder comes by URL. */
import { join } from 'node:path';
import { systemClock, type Clock } from '#world/clock';
import { openPglite } from '#world/db/pglite';
import type { Db } from '#world/db/port';
import { openPostgresql } from '#world/db/postgresql';
import { StartError } from '#world/folder';
import { idsFrom, type Ids } from '#world/ids';
import { systemRandom, type Random } from '#world/random';
import { lineTrace, type Trace } from '#world/trace';
import type { Config } from './config.ts';

export interface Ground {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly trace: Trace;
}

export function openGround(): Ground {
  const clock = systemClock();
  const random = systemRandom();
  return {
    clock, random, ids: idsFrom(clock, random), trace: lineTrace(clock, (line) => void process.stderr.write(line)),
  };
}

/** Opens the records: PostgreSQL where a URL is given, else PGlite under the folder. */
export async function openRecords(
  config: Pick<Config, 'ENTENTE_DB_URL'>, folder: string, onLost: (reason: string) => void,
): Promise<Db> {
  if (config.ENTENTE_DB_URL === undefined) return openPglite(join(folder, 'records'), onLost);
  return openPostgresql(config.ENTENTE_DB_URL).catch((error: Error) => {
    throw new StartError(`${error.message[0]?.toUpperCase()}${error.message.slice(1)}.`, 69, { cause: error });
  });
}
