/** What the acts on parcels are handed. */
import type { NoteSigner } from '#kit/note/note';
import type { Blobs } from '#world/blobs/port';
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import type { Ids } from '#world/ids';
import type { Random } from '#world/random';

export interface ParcelParts {
  readonly db: Db;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  /** The hub's own key: that of its log. */
  readonly signer: NoteSigner;
}
