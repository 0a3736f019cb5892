/** What the acts of watching are handed. */
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import type { Ids } from '#world/ids';

export interface WatchParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
}
