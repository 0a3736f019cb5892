/**
 * Opens the real ports for a hub or a command, side by side: clock, ids, trace, records, events, blobs, keys, and the
 * tables that ship with the package. What outgrows the folder comes by URL.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkTables } from '#kit/ip/ranges';
import { nodeVerifying } from '#kit/hash/node';
import { PolicyError, parsePolicy, type Policy } from '#kit/note/policy';
import type { ReportTypes } from '#kit/shadowserver/types';
import { fileBlobs } from '#world/blobs/files';
import { blobStoreOf, s3Blobs } from '#world/blobs/s3';
import type { Blobs } from '#world/blobs/port';
import { systemClock, type Clock } from '#world/clock';
import { openPglite } from '#world/db/pglite';
import type { Db, Migration } from '#world/db/port';
import { asHub } from '#world/db/scope';
import { openPostgresql } from '#world/db/postgresql';
import { systemDisassembler } from '#world/disassembler/objdump';
import type { Disassembler } from '#world/disassembler/port';
import { openIdProvider } from '#world/identity/openid';
import type { IdentityProvider } from '#world/identity/port';
import { openChdb } from '#world/events/chdb';
import { clusterAddress, openCluster } from '#world/events/cluster';
import type { Events } from '#world/events/port';
import { publishedNetworks, publishedReportTypes } from '#world/events/published';
import { StartError } from '#world/folder';
import { closedOutbound } from '#world/http/closed';
import { outboundOver } from '#world/http/client';
import type { Outbound } from '#world/http/port';
import { idsFrom, type Ids } from '#world/ids';
import { folderInbox } from '#world/inbox/folder';
import type { Inbox } from '#world/inbox/port';
import { fileKeys } from '#world/keys/files';
import { folderMail } from '#world/mail/folder';
import type { Mail } from '#world/mail/port';
import { smtpMail } from '#world/mail/smtp';
import { imapMailboxes } from '#world/mailboxes/imap';
import type { Mailboxes } from '#world/mailboxes/port';
import type { NamesAsked } from '#world/names/port';
import { closedNames, resolvedNames } from '#world/names/resolver';
import type { Objects } from '#world/objects/port';
import { s3Objects } from '#world/objects/s3';
import { systemRandom, type Random } from '#world/random';
import { sharedIndexes, type Indexes } from '#world/searching/shared';
import { fileSecrets } from '#world/secrets/files';
import type { Secrets } from '#world/secrets/port';
import { diskSpace, type Space } from '#world/space';
import type { Trace } from '#world/trace';
import { prepareEvents } from '#modules/landscape/index';
import { WrongLogKey, openLogSigners, type LogSigner } from '#modules/ledger/index';
import type { Config } from './config.ts';

export interface Ground {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly trace: Trace;
}

/** All that modules are handed parts of. */
export interface World extends Ground {
  readonly db: Db;
  readonly events: Events;
  readonly blobs: Blobs;
  /** Search indexes of sources under review. */
  readonly indexes: Indexes;
  /** Whether files may still be taken in. */
  readonly space: Space;
  /** The one way to ask another machine for something. */
  readonly outbound: Outbound;
  /** The organisation's identity provider, where one is set. */
  readonly identity: IdentityProvider | null;
  /** What a domain's holder has published in DNS. */
  readonly names: NamesAsked;
  /** Reads machine code, in a sandbox, where the machine has what that takes. */
  readonly disassembler: Disassembler;
  readonly mail: Mail;
  /** What seals other people's secrets in the records. */
  readonly secrets: Secrets;
  /** Where files are laid down for the hub; null where the operator has set no place. */
  readonly inbox: Inbox | null;
  readonly mailboxes: Mailboxes;
  readonly objects: Objects;
  /** The largest file that is taken in, in bytes; 0 sets no limit. */
  readonly uploadMax: number;
  /** Whole months before the present one whose rows are kept; 0 keeps all. */
  readonly keepMonths: number;
  /** Zone whose office hours and months count for constituents. */
  readonly zone: string;
  /** The ledger's key under the log's name. */
  readonly signer: LogSigner;
  /** Whom the ledger is cosigned by; none unless told. */
  readonly witnesses?: Policy | null;
  /** Which data folder this is, for ever: replicas on one database tell each other by it. */
  readonly replica?: string;
  readonly networks: NetworkTables;
  readonly types: ReportTypes;
}

export interface OpenWorld {
  readonly world: World;
  /** Closes what was opened, in the opposite order, whatever fails on the way. */
  close(): Promise<void>;
}

export interface WorldOptions {
  /** The data folder, held. */
  readonly folder: string;
  /** Name of the ledger. */
  readonly ledger: string;
  readonly migrations: readonly Migration[];
  readonly trace: Trace;
  /** Told if an engine dies unasked. */
  readonly onLost: (reason: string) => void;
  /** Whoever asks the records says on whose behalf, or it is a fault: for hubs. A command is one act of the hub's own. */
  readonly strict?: boolean;
}

type WorldConfig = Pick<Config, 'ENTENTE_DB_URL' | 'ENTENTE_OUTBOUND_ALLOW'>
  & Partial<Pick<Config, 'ENTENTE_OUTBOUND' | 'ENTENTE_SHARED' | 'ENTENTE_WITNESSES' | 'ENTENTE_SMTP_URL' | 'ENTENTE_MAIL_FROM' | 'ENTENTE_ZONE'
    | 'ENTENTE_EVENTS_URL' | 'ENTENTE_BLOBS_URL' | 'ENTENTE_KEEP_ROWS' | 'ENTENTE_DISK_FLOOR' | 'ENTENTE_INBOX' | 'ENTENTE_UPLOAD_MAX'>> & IdentitySettings;

type IdentitySettings = Partial<Pick<Config,
  'ENTENTE_OIDC_ISSUER' | 'ENTENTE_OIDC_CLIENT_ID' | 'ENTENTE_OIDC_CLIENT_SECRET' | 'ENTENTE_OIDC_NAME'>>;

export async function openWorld(
  config: WorldConfig, options: WorldOptions,
): Promise<OpenWorld> {
  const { folder, onLost } = options;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new StartError(
      `Entente runs on Linux x86-64 for now; this is ${process.platform} ${process.arch}, for which its events engine is not published.`, 69);
  }
  const { ENTENTE_SHARED: shared = folder, ENTENTE_DB_URL: url, ENTENTE_WITNESSES: witnessesFile } = config;
  if (shared !== folder && url === undefined) {
    throw new StartError('ENTENTE_SHARED needs ENTENTE_DB_URL: hubs that share keys and files share their records too.', 78);
  }
  const clock = systemClock();
  const random = systemRandom();
  const witnesses = witnessesFile === undefined ? null : await policyFrom(witnessesFile);
  const replica = await replicaOf(folder, random);
  const undo: (() => Promise<void>)[] = [];
  const keep = async <T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
    const opened = await opening;
    undo.push(() => opened.close());
    return opened;
  };
  const opening = [
    keep(openRecords(config, folder, onLost, options.strict)), keep(openEvents(config, folder, onLost)),
    openBlobs(config, { folder, shared, random, keep }), fileKeys(join(shared, 'keys'), random),
    publishedNetworks(join(folder, 'tmp')), publishedReportTypes(), fileSecrets(join(shared, 'secrets'), random),
  ] as const;
  try {
    const [db, events, blobs, keys, networks, types, secrets] = await Promise.all(opening);
    await Promise.all([db.migrate(options.migrations), prepareEvents(events)]);
    const signer = await asHub('the log’s keys', () => openLogSigners(db, keys, options.ledger)).catch((error: unknown) => {
      if (!(error instanceof WrongLogKey)) throw error;
      throw new StartError(`The ledger cannot be signed: ${error.message}. Is this the right folder of keys?`, 78, { cause: error });
    });
    const ids = idsFrom(clock, random);
    const isClosed = config.ENTENTE_OUTBOUND === 'none';
    const outbound = isClosed ? closedOutbound() : outboundOver({ policy: { allow: config.ENTENTE_OUTBOUND_ALLOW } });
    const mail = mailOf(config, folder);
    undo.push(() => mail.close());
    const indexes = sharedIndexes({ blobs, folder: join(folder, 'indexes') });
    undo.push(() => indexes.close());
    return {
      world: {
        clock, random, ids, trace: options.trace, db, events, blobs, indexes, outbound,
        space: diskSpace([...new Set([folder, shared])], config.ENTENTE_DISK_FLOOR ?? 0),
        identity: identityOf(config, outbound, clock), names: isClosed ? closedNames() : resolvedNames(), disassembler: systemDisassembler(), signer,
        networks, types,
        secrets, inbox: config.ENTENTE_INBOX === undefined ? null : folderInbox(config.ENTENTE_INBOX), mailboxes: imapMailboxes({ outbound }),
        objects: s3Objects(outbound), uploadMax: config.ENTENTE_UPLOAD_MAX ?? 0, witnesses, replica, mail, zone: config.ENTENTE_ZONE ?? 'Asia/Ho_Chi_Minh',
          keepMonths: config.ENTENTE_KEEP_ROWS ?? 0,
      },
      close: () => unwind(undo),
    };
  } catch (error) {
    // What still opens must be waited for, or it would stay open behind us.
    await Promise.allSettled(opening);
    await unwind(undo);
    throw error;
  }
}

/** Letters go by the SMTP server that is named; without one they are laid down as files under the folder, to be seen and sent by hand. */
function mailOf(config: WorldConfig, folder: string): Mail {
  const from = config.ENTENTE_MAIL_FROM ?? 'Entente <entente@localhost>';
  return config.ENTENTE_SMTP_URL === undefined
    ? folderMail(join(folder, 'mail'), from) : smtpMail({ url: config.ENTENTE_SMTP_URL, from });
}

async function policyFrom(path: string): Promise<Policy> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`The policy ${path} cannot be read (ENTENTE_WITNESSES, ${error.code}).`, 66, { cause: error });
  });
  return parsePolicy(nodeVerifying, bytes).catch((error: unknown) => {
    if (error instanceof PolicyError) throw new StartError(`${path}: ${error.message} (ENTENTE_WITNESSES).`, 65, { cause: error });
    throw error;
  });
}

/** The folder's own name among replicas, made once. A copy of the folder must not run beside it, as its lock says too. */
async function replicaOf(folder: string, random: Random): Promise<string> {
  const path = join(folder, 'replica');
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (/^[0-9a-f]{32}\n$/.test(kept)) return kept.trim();
  const made = Buffer.from(random.bytes(16)).toString('hex');
  await writeFile(path, `${made}\n`, { flush: true });
  return made;
}

/** The records: PostgreSQL where a URL is given, else PGlite under the folder. */
export async function openRecords(
  config: Pick<Config, 'ENTENTE_DB_URL'>, folder: string, onLost: (reason: string) => void, strict = false,
): Promise<Db> {
  if (config.ENTENTE_DB_URL === undefined) return openPglite(join(folder, 'records'), onLost, strict);
  return openPostgresql(config.ENTENTE_DB_URL, undefined, strict).catch((error: Error) => {
    throw new StartError(`${error.message[0]?.toUpperCase()}${error.message.slice(1)}.`, 69, { cause: error });
  });
}

function identityOf(config: IdentitySettings, outbound: Outbound, clock: Clock): IdentityProvider | null {
  const { ENTENTE_OIDC_ISSUER: issuer, ENTENTE_OIDC_CLIENT_ID: clientId } = config;
  if (issuer === undefined && clientId === undefined) return null;
  if (issuer === undefined || clientId === undefined) {
    throw new StartError('ENTENTE_OIDC_ISSUER and ENTENTE_OIDC_CLIENT_ID are given together or not at all.', 64);
  }
  return openIdProvider({
    issuer, clientId, clientSecret: config.ENTENTE_OIDC_CLIENT_SECRET ?? null, name: config.ENTENTE_OIDC_NAME ?? issuer,
  }, { outbound, clock });
}

/** The events: ClickHouse where a URL is given, else chDB under the folder. */
function openEvents(config: Partial<Pick<Config, 'ENTENTE_EVENTS_URL'>>, folder: string, onLost: (reason: string) => void): Promise<Events> {
  const { ENTENTE_EVENTS_URL: url } = config;
  if (url === undefined) return openChdb({ folder: join(folder, 'events'), onLost });
  return openCluster(clusterAddress(url)).catch((error: Error) => {
    throw new StartError(`The events store cannot be used: ${error.message} (ENTENTE_EVENTS_URL).`, 69, { cause: error });
  });
}

interface BlobPlaces {
  readonly folder: string;
  readonly shared: string;
  readonly random: Random;
  keep<T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T>;
}

/** The blobs: a bucket where a URL is given, else files. */
function openBlobs(config: Partial<Pick<Config, 'ENTENTE_BLOBS_URL'>>, { folder, shared, random, keep }: BlobPlaces): Promise<Blobs> {
  const { ENTENTE_BLOBS_URL: url } = config;
  if (url === undefined) return fileBlobs(join(shared, 'blobs'), random);
  const store = blobStoreOf(url);
  if (!store) throw new StartError('ENTENTE_BLOBS_URL is no address of a bucket.', 78);
  return keep(s3Blobs(store, join(folder, 'tmp', 'uploads'), random).catch((error: Error) => {
    throw new StartError(`The object store cannot be used: ${error.message} (ENTENTE_BLOBS_URL).`, 69, { cause: error });
  }));
}

/** Releases what was taken, in the opposite order, whatever fails on the way. */
export async function unwind(steps: readonly (() => Promise<void>)[]): Promise<void> {
  for (const step of [...steps].reverse()) await step().catch(() => undefined);
}
