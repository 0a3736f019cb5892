/**
 * `entente ledger check-backup`: records that were put back from a backup, against what was published since. With --recover
 * the leaves that are missing are put back from the published entries (docs/operations.md).
 */
import { nodeVerifying } from '#kit/hash/node';
import { parseNote, verifyNote } from '#kit/note/note';
import { LogFault, checkBackup, objectsAmong, recoverLeaves } from '#modules/ledger/index';
import type { ReadObject } from '#modules/ledger/index';
import { StartError } from '#world/folder';
import type { Config } from '../app/config.ts';
import type { World } from '../app/world.ts';
import { objectsElsewhere, withLog } from './ledger.ts';

export interface BackupRequest {
  readonly folder: string | null;
  readonly url: string | null;
  readonly recover: boolean;
}

/** What is put back becomes the hub's own record: only what the log's own keys have signed. */
async function refuseUnsigned(world: World, read: ReadObject): Promise<void> {
  const note = parseNote(await read('checkpoint') ?? new Uint8Array(0));
  const verdict = note && await verifyNote(nodeVerifying, note, world.signer.known?.() ?? [world.signer.key]);
  if (!verdict?.ok) throw new LogFault('checkpoint', verdict ? verdict.why : 'it is not a signed note');
}

/** 0 the records have all of it; 1 something is missing, or different. */
export async function checkBackupOf(request: BackupRequest, config: Config, say: (line: string) => void): Promise<number> {
  const result = { code: 0 };
  await withLog(config, async (log) => {
    if ('ask' in log) throw new StartError('A hub holds the data folder; stop it first.', 75);
    const read = objectsElsewhere(request) ?? objectsAmong(log.blobs);
    try {
      await refuseUnsigned(log, read);
      const { recorded, published, missing } = await checkBackup(log.db, read);
      if (missing === 0) {
        say(`Nothing was cut off: the records have ${recorded} facts, ${published} are published.`);
      } else if (request.recover) {
        const { openings } = await recoverLeaves(log, read);
        say(`${missing} leaves were put back; ${openings} of them have their opening, ${missing - openings} openings are lost to this hub.`);
      } else {
        say(`${missing} of ${published} published facts are missing from the records. --recover puts their leaves back.`);
        result.code = 1;
      }
    } catch (error) {
      if (!(error instanceof LogFault)) throw error;
      say(`WRONG at ${error.place}: ${error.why}.`);
      result.code = 1;
    }
  }, true);
  return result.code;
}
