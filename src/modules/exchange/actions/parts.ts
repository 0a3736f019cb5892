/** What the acts of the exchange are handed. */
import type { Blobs } from '#world/blobs/port';
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import type { Ids } from '#world/ids';
import type { Secrets } from '#world/secrets/port';
import type { Random } from '#world/random';
import type { Trace } from '#world/trace';
import { uuidOf } from '#kit/stix/id';
import type { Guard } from '../exports/gather.ts';

export interface ExchangeParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
}

export interface ExportParts extends ExchangeParts {
  /** Opens the secrets of blind lists. */
  readonly secrets: Secrets;
  readonly blobs: Blobs;
  readonly trace: Trace;
  /** What an export must not put into a list that blocks; asked of a module that comes later. */
  readonly guard?: Guard;
}

/** A UUID of version 4, as TAXII wants of collections and status resources. */
export const newUuid = ({ random }: Pick<ExchangeParts, 'random'>): string => uuidOf(Buffer.from(random.bytes(16)).toString('hex'), 4);

/** Now, in µs: the clock knows milliseconds, and the log makes each number its own. */
export const nowUs = ({ clock }: Pick<ExchangeParts, 'clock'>): number => clock.now() * 1000;
