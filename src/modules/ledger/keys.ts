/**
 * The log's keys over time. A rotation makes a new key and states so in the log; the next checkpoint that covers that fact
 * is signed by both, so that who trusts the old key learns of the new one from what the old one signed; then the old key is
 * retired for ever. What it signed still verifies, by a policy that names it.
 *
 * If we crash after the rotation's commit, both keys sign until a checkpoint over its fact is kept; if between that and the
 * end of the old key, the next start ends it. Two hubs on one database share the keys' folder and read the same rows.
 */
import { nodeVerifying } from '#kit/hash/node';
import { ed25519Type, formatVkey, parseVkey, verifierKey } from '#kit/note/note';
import type { NoteSigner, VerifierKey } from '#kit/note/note';
import type { Queryable } from '#world/db/port';
import { RetiredKey, type Keys } from '#world/keys/port';
import { addKey, endKey, keyRows, rotationIndex } from './key-store.ts';
import type { KeyRow } from './key-store.ts';
import type { LogSigner } from './log.ts';
import { ledgerKeyName } from './model.ts';

/** The records name another key for this log than the key store has: two hubs with two keys, or a lost folder. */
export class WrongLogKey extends Error {
  override readonly name = 'WrongLogKey';
}

const nameOf = (number: number): string => (number === 1 ? ledgerKeyName : `${ledgerKeyName}-${number}`);

async function signerOf(keys: Keys, origin: string, number: number): Promise<NoteSigner> {
  const signer = await keys.signer(nameOf(number));
  return {
    key: await verifierKey(nodeVerifying, origin, ed25519Type, signer.publicKey),
    sign: (message) => signer.sign(message),
  };
}

/** Signs as the log: by its newest key, and during a rotation by the one before as well. */
export class LogSigners implements LogSigner {
  readonly #keys: Keys;
  readonly #origin: string;
  #signing: readonly [NoteSigner, ...NoteSigner[]];
  #known: readonly VerifierKey[];
  #rows: readonly KeyRow[] = [];

  constructor(keys: Keys, origin: string, first: NoteSigner) {
    this.#keys = keys;
    this.#origin = origin;
    this.#signing = [first];
    this.#known = [first.key];
  }

  get key(): VerifierKey {
    return this.#signing[0].key;
  }

  // As properties: whoever signs a note takes them out of their object.
  readonly sign = async (message: Uint8Array): Promise<Uint8Array> => this.#signing[0].sign(message);
  readonly signing = (): readonly NoteSigner[] => this.#signing;
  readonly known = (): readonly VerifierKey[] => this.#known;

  /** Follows the records: another replica may have rotated. */
  async refresh(db: Queryable): Promise<void> {
    const rows = await keyRows(db);
    if (JSON.stringify(rows) === JSON.stringify(this.#rows)) return;
    const known = await Promise.all(rows.map(({ vkey }) => parseVkey(nodeVerifying, vkey)));
    const signing: NoteSigner[] = [];
    for (const row of rows.filter(({ state }) => state !== 'retired').reverse()) {
      const signer = await signerOf(this.#keys, this.#origin, row.number).catch((error: unknown) => {
        // It was ended, and the crash came before the records said so.
        if (error instanceof RetiredKey && row.state === 'ending') return null;
        throw error;
      });
      if (signer && formatVkey(signer.key) !== row.vkey) {
        throw new WrongLogKey(`the records name the key ${row.vkey} for this log, and the key store has ${formatVkey(signer.key)}`);
      }
      if (signer) signing.push(signer);
    }
    const [newest, ...others] = signing;
    if (!newest) throw new WrongLogKey('the records name no key for this log that can sign');
    this.#signing = [newest, ...others];
    this.#known = known.filter((key) => key !== null);
    this.#rows = rows;
  }

  /** A checkpoint of this size is kept: ends the keys whose rotation it covers. */
  async published(db: Queryable, size: number): Promise<void> {
    for (const row of this.#rows.filter(({ state }) => state === 'ending')) {
      const next = this.#rows.find(({ number }) => number === row.number + 1);
      const index = next ? await rotationIndex(db, next.firstSize) : null;
      if (index === null || index >= size) continue;
      await endKey(db, row.number, size);
      await this.#keys.retire(nameOf(row.number));
    }
    if (this.#rows.some(({ state }) => state === 'ending')) await this.refresh(db);
  }

  /** Makes the next key; the caller's transaction enters it and states the fact. */
  async next(): Promise<{ readonly number: number; readonly vkey: string; readonly before: string }> {
    const number = (this.#rows.at(-1)?.number ?? 1) + 1;
    const { key } = await signerOf(this.#keys, this.#origin, number);
    return { number, vkey: formatVkey(key), before: formatVkey(this.key) };
  }
}

/**
 * The log's signer as the records have it. The first start enters the first key; a key store that does not fit the records
 * is refused, lest one log be signed with two keys that do not know of each other.
 */
export async function openLogSigners(db: Queryable, keys: Keys, origin: string): Promise<LogSigners> {
  const rows = await keyRows(db);
  if (rows.length === 0) {
    const first = await signerOf(keys, origin, 1);
    await addKey(db, { number: 1, vkey: formatVkey(first.key), firstSize: 0 });
  }
  const entered = await keyRows(db);
  const newest = entered.findLast(({ state }) => state === 'signing');
  if (!newest) throw new WrongLogKey('the records name no key for this log that can sign');
  for (const { number } of entered.filter(({ state }) => state === 'retired')) await keys.retire(nameOf(number));
  const signers = new LogSigners(keys, origin, await signerOf(keys, origin, newest.number));
  await signers.refresh(db);
  return signers;
}
