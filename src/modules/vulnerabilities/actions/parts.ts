/** What the acts of the module are handed. */
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import type { Ids } from '#world/ids';

export interface VulnParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The organisation that speaks for the hub: it alone brings in what everybody sees. */
  readonly publisher: () => Promise<string>;
}
