/** The command line: each command is a few lines over what the app does. One sentence and an exit code where it cannot go on. */
import { join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { ConfigError, readConfig } from '../app/config.ts';
import { demo, serve, type Running } from '../app/start.ts';
import { version } from '../app/compose.ts';
import { systemDisassembler } from '#world/disassembler/objdump';
import { systemEnvironment } from '#world/environment';
import { StartError } from '#world/folder';
import { systemRandom } from '#world/random';
import { OutboundError } from '#world/http/port';
import { Refusal } from '#kit/refusal';
import { feedShapes } from '../modules/landscape/model.ts';
import { ingest, type IngestRequest } from './ingest.ts';
import { attest, type Attesting } from './attest.ts';
import { checkBackupOf } from './backup.ts';
import { checkDayOf, checkSample, exportLedger, fsck, printPolicy, sampleLedger } from './ledger.ts';
import { importBundle, mirror } from './mirror.ts';
import { reviewFlows } from './flows.ts';
import { matchLog } from './match.ts';
import { handInFile, observe, type ObserveWords } from './observe.ts';
import { verifyParcel } from './parcel.ts';
import { checkEvidence, compareFiles, rebuildCommand, type RebuildWords } from './rebuild.ts';
import { push, type PushRequest } from './push.ts';
import { token } from './token.ts';
import { verify, type VerifyRequest } from './verify.ts';
import { witness } from './witness.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

export async function main(words: readonly string[]): Promise<void> {
  try {
    await program().parseAsync([...words], { from: 'user' });
  } catch (error) {
    process.exitCode = sentence(error);
  }
}

/** Says what went wrong in one sentence where it is the caller's to mend, else in full; returns the exit code. */
function sentence(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof StartError) {
    complain(error.message);
    return error.exitCode;
  }
  if (error instanceof ConfigError) {
    complain(`${error.message}.`);
    return 78;
  }
  if (error instanceof OutboundError) {
    complain(error.message);
    return 69;
  }
  if (error instanceof Refusal) {
    complain([error.message, error.detail.hint].filter((s) => s !== undefined).join(' '));
    return 77;
  }
  complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 70;
}

function program(): Command {
  const command = new Command('entente').version(version).exitOverride()
    .description('The platform on which governments and technology providers run a security cooperation programme.');
  command.command('serve').description('Starts the production hub (needs ENTENTE_ORIGIN).')
    .action(() => runUntilStopped(serve(readConfig(systemEnvironment()))));
  command.command('demo').description('Starts the demonstration on loopback (what npm start does).')
    .action(() => runUntilStopped(demo(readConfig(systemEnvironment()))));
  landscapeCommands(command);
  matchCommand(command);
  flowsCommand(command);
  parcelCommand(command);
  rebuildCommands(command);
  observeCommands(command);
  ledgerCommands(command);
  witnessCommands(command);
  mirrorCommands(command);
  tokenCommands(command);
  return command;
}

const settings = () => readConfig(systemEnvironment());

function landscapeCommands(command: Command): void {
  command.command('ingest').argument('<file...>').description('Takes files in, into a running hub or into the folder.')
    .option('--feed <name>', 'feed that the files belong to')
    .option('--type <type>', 'report type of the files, e.g. scan_smb')
    .addOption(new Option('--shape <shape>', 'shape of the files').choices([...feedShapes]))
    .action(async (files: string[], options: Partial<Pick<IngestRequest, 'feed' | 'type' | 'shape'>>) => {
      const { feed = null, type = null, shape = null } = options;
      process.exitCode = await ingest({ files, feed, type, shape }, settings());
    });
  command.command('push').argument('<file>')
    .description('Sends a file to another hub, signed with one’s own key (docs/specs/push.md); its token is in ENTENTE_TOKEN.')
    .requiredOption('--to <address>', 'address of the feed: https://hub.example/api/feeds/NAME')
    .requiredOption('--key <file>', 'private Ed25519 key, PEM')
    .requiredOption('--keyid <name>', 'what the hub calls the key')
    .option('--type <type>', 'report type of the file')
    .option('--content-type <type>', 'media type of the file', 'application/x-ndjson')
    .action(async (file: string, options: { to: string; contentType: string } & Pick<PushRequest, 'key' | 'keyid'> & { type?: string }) => {
      const { to: feed, key, keyid, type = null, contentType } = options;
      process.exitCode = await push({ file, feed, key, keyid, type, contentType }, settings().ENTENTE_TOKEN);
    });
}

function matchCommand(command: Command): void {
  const many = (path: string, paths: string[] = []): string[] => [...paths, path];
  command.command('match').argument('<file>', 'a log of any format, packed or not; - is standard input')
    .description('Finds indicators in a log, offline (exit 0 nothing found, 1 something, 64 and above an error).')
    .requiredOption('--against <file>', 'indicators: STIX, or one value a line; may be given again', many)
    .option('--except <file>', 'what is not told: a MISP warninglist, or one value a line; may be given again', many)
    .option('--json', 'a line of JSON for each')
    .action(async (file: string, o: { against: string[]; except?: string[]; json?: boolean }) => {
      const seed = Buffer.from(systemRandom().bytes(4)).readInt32LE();
      process.exitCode = await matchLog({ file, against: o.against, except: o.except ?? [], json: o.json ?? false }, seed,
        { out: say, err: complain, input: process.stdin });
    });
}

function flowsCommand(command: Command): void {
  const many = (text: string, before: string[] = []): string[] => [...before, text];
  command.command('flows').argument('<declaration>', 'what the provider says its product sends').argument('<capture...>', 'pcap or pcapng, packed or not')
    .description('Compares what a product was seen to send with what is declared, offline (exit 0 all is declared, 1 something is not).')
    .requiredOption('--device <address>', 'an address of the machine that runs the product; may be given again', many)
    .option('--lab <prefix>', 'the laboratory’s own, of which nothing is told; may be given again', many)
    .option('--json', 'one line of JSON')
    .action(async (declaration: string, captures: string[], o: { device: string[]; lab?: string[]; json?: boolean }) => {
      process.exitCode = await reviewFlows({ declaration, captures, devices: o.device, lab: o.lab ?? [], json: o.json ?? false },
        { out: say, err: complain });
    });
}

function parcelCommand(command: Command): void {
  command.command('verify-parcel').argument('<file>').description('Checks a parcel offline against its sender’s key (exit 0 yes, 1 no).')
    .requiredOption('--key <vkey>', 'verifier key of the sending hub')
    .action(async (file: string, { key }: { key: string }) => {
      process.exitCode = await verifyParcel(file, key, say);
    });
}

function rebuildCommands(command: Command): void {
  const many = (word: string, words: string[] = []): string[] => [...words, word];
  const terminal = { out: say, err: complain };
  command.command('rebuild').argument('[recipe]', 'recipe, JSON')
    .description('Builds by a recipe in a sandbox and compares with what was shipped (exit 0 identical or equivalent, 1 different, 2 not rebuilt).')
    .option('--self', 'Entente itself, against what it packs').option('--against <file>', 'a shipped file; may be given again', many)
    .option('--explain', 'search the environment for what makes them equal').option('--clock <time>', 'when the shipped file was made')
    .option('--set-clock', 'build with that clock').option('--keep <folder>', 'keep what was built').option('--json',
      'end with one line of JSON').option('--log <file>', 'keep the build’s log')
    .option('--evidence <file>', 'write a signed evidence bundle').option('--key <file>',
      'private Ed25519 key, PEM').option('--keyid <name>', 'the rebuilder’s key name')
    .action(async (recipe: string | undefined, o: Partial<RebuildWords>) => {
      const { self = false, against = [], explain = false, clock = null, setClock = false, json = false, log = null, keep = null,
        evidence = null, key = null, keyid = null } = o;
      process.exitCode = await rebuildCommand({ recipe: recipe ?? null, self, against, explain, clock, setClock, json, log, keep, evidence, key,
        keyid }, terminal);
    });
  command.command('compare').argument('<shipped>').argument('<rebuilt>').description('Compares two files region by region (docs/specs/compare.md).')
    .option('--json', 'one line of JSON').option('--disassemble', 'show differing machine code as instructions, read by objdump in a sandbox')
    .action(async (shipped: string, rebuilt: string, o: { json?: boolean; disassemble?: boolean }) => {
      process.exitCode = await compareFiles(shipped, rebuilt, o.json ?? false, terminal, o.disassemble === true ? systemDisassembler() : null);
    });
  command.command('attest').argument('<evidence>')
    .description('Sends evidence to a hub (exit 0 taken, 1 the hub finds less in a file than was said); its token is in ENTENTE_TOKEN.')
    .requiredOption('--to <address>', 'address of the release: https://hub.example/api/releases/ID')
    .option('--rebuilt <file>', 'a file that was built, for the hub to compare; may be given again', many).option('--log <file>', 'the build’s log')
    .option('--corrects <id>', 'an earlier rebuild that this takes the place of').option('--reason <text>', 'why')
    .action(async (evidence: string, o: { to: string } & Partial<Attesting>) => {
      const { to: release, rebuilt = [], log = null, corrects = null, reason = null } = o;
      process.exitCode = await attest({ evidence, release, rebuilt, log, corrects, reason }, settings().ENTENTE_TOKEN, say);
    });
  command.command('verify-evidence').argument('<file>').description('Checks a bundle of rebuilders’ statements offline (exit 0 yes, 1 no).')
    .requiredOption('--trust <name=file>', 'a rebuilder’s key name and public key, PEM; may be given again', many).option('--json', 'one line of JSON')
    .action(async (file: string, o: { trust: string[]; json?: boolean }) => {
      process.exitCode = await checkEvidence(file, o.trust, o.json ?? false, terminal);
    });
}

const wholeNumber = (name: string, least: number, most: number) => (text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least || number > most) throw new StartError(`--${name} is a whole number from ${least} to ${most}.`, 64);
  return number;
};

function observeCommands(command: Command): void {
  command.command('observe')
    .description('Looks at an update channel, signs what it was served and hands it in (docs/specs/watch.md; exit 0 nothing raised, 1 an alarm).')
    .requiredOption('--channel <id>', 'the channel: chn_…').option('--hub <origin>', 'hub to hand in to; its token is in ENTENTE_TOKEN')
    .option('--key <file>', 'the observer’s private Ed25519 key, PEM').option('--keyid <name>', 'what the hub calls the key')
    .option('--url <address>', 'address of the manifest, where the hub is not asked for it').option('--format <form>', 'its form', 'entente-update')
    .option('--out <file>', 'write what is signed to a file too').option('--send <file>', 'hand in such a file, and look at nothing')
    .option('--data <folder>', 'what was served, and what waits', join('data', 'observe'))
    .option('--every <seconds>', 'look so often, until stopped', wholeNumber('every', 5, 86_400))
    .option('--file-megabytes <n>', 'larger files are not read', wholeNumber('file-megabytes', 1, 100_000), 512)
    .option('--keep-megabytes <n>', 'files kept to hand in pieces of', wholeNumber('keep-megabytes', 1, 100_000), 1_024)
    .action(async (o: Partial<ObserveWords> & { channel: string; format: string; data: string; every?: number; fileMegabytes: number; keepMegabytes: number;
      send?: string }) => {
      const outside = { allow: settings().ENTENTE_OUTBOUND_ALLOW, token: settings().ENTENTE_TOKEN };
      const terminal = { out: say, err: complain };
      if (o.send !== undefined) {
        if (!o.hub) throw new StartError('--send wants the hub: --hub.', 64);
        process.exitCode = await handInFile(o.send, { hub: o.hub, data: o.data, keepMegabytes: o.keepMegabytes }, outside, terminal);
        return;
      }
      if (!o.key || !o.keyid) throw new StartError('An observer has a key: --key and --keyid.', 64);
      const stop = new AbortController();
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
      process.exitCode = await observe({
        channel: o.channel, hub: o.hub ?? null, url: o.url ?? null, format: o.format, key: o.key, keyid: o.keyid, data: o.data, out: o.out ?? null,
        everySeconds: o.every ?? null, fileMegabytes: o.fileMegabytes, keepMegabytes: o.keepMegabytes,
      }, { ...outside, signal: stop.signal }, terminal);
    });
}

function ledgerCommands(command: Command): void {
  command.command('verify').argument('<file>')
    .description('Checks a bundle, opened facts, a .tlog-proof, a checkpoint or the statement of a review offline (exit 0 yes, 1 no, 2 not decided).')
    .option('--policy <file>', 'whom to trust: log key, witnesses, least checkpoint')
    .option('--from <checkpoint>', 'an older checkpoint that the log must have grown from')
    .option('--artifact <file>', 'the entry that a proof is about').option('--tiles <folder>', 'the tiles of the log')
    .option('--keys <file>', 'of the statement of a review: vkeys that one trusts, one a line').option('--secret <file>', 'its secret part')
    .option('--json', 'one line of JSON')
    .action(async (file: string, options: Partial<VerifyRequest>) => {
      const { policy = null, from = null, artifact = null, tiles = null, keys = null, secret = null, json = false } = options;
      process.exitCode = await verify({ file, policy, from, artifact, tiles, keys, secret, json }, { out: say, err: complain });
    });
  const ledger = command.command('ledger').description('The ledger of this hub.');
  ledger.command('export').description('Writes the bundle for `entente verify`.').option('--out <file>', 'where to', 'ledger.entente-bundle')
    .action((options: { out: string }) => exportLedger(options.out, settings()));
  ledger.command('fsck').description('Checks the whole ledger anew and names the first place that is wrong (exit 0 whole, 1 not).')
    .option('--folder <folder>', 'a copy: the data folder of a mirror, or a hub’s blobs').option('--url <url>', 'a log behind an address')
    .option('--policy <file>', 'whom to trust; without it signatures are not judged')
    .action(async (o: { folder?: string; url?: string; policy?: string }) => {
      process.exitCode = await fsck({ folder: o.folder ?? null, url: o.url ?? null, policy: o.policy ?? null }, settings(), say);
    });
  ledger.command('sample').description('Writes facts that the checkpoint draws, opened as far as your organisation may read them.')
    .option('--count <number>', 'how many', '20').option('--out <file>', 'where to', 'ledger.entente-sample')
    .action((o: { count: string; out: string }) => {
      const count = Number(o.count);
      if (!Number.isInteger(count) || count < 1 || count > 1000) throw new StartError('--count is a whole number from 1 to 1000.', 64);
      return sampleLedger(count, o.out, settings());
    });
  ledger.command('check-sample').argument('<file>').description('Checks such a sample offline (exit 0 yes, 1 no, 2 not decided).')
    .requiredOption('--policy <file>', 'whom to trust')
    .action(async (file: string, o: { policy: string }) => { process.exitCode = await checkSample(file, o.policy, say); });
  ledger.command('check-day').argument('<file>').description('Counts a day’s signed totals again (the note of GET /api/ledger/day).')
    .requiredOption('--policy <file>', 'whom to trust').option('--folder <folder>', 'a copy of the log').option('--url <url>', 'the log')
    .action(async (file: string, o: { policy: string; folder?: string; url?: string }) => {
      process.exitCode = await checkDayOf(file, { folder: o.folder ?? null, url: o.url ?? null, policy: o.policy }, say);
    });
  ledger.command('check-backup').description('Compares the records with what was published (exit 0 whole, 1 something is missing or different).')
    .option('--folder <folder>', 'a copy: the data folder of a mirror; else the hub’s own files').option('--url <url>', 'a mirror behind an address')
    .option('--recover', 'put the missing leaves back')
    .action(async (o: { folder?: string; url?: string; recover?: boolean }) => {
      process.exitCode = await checkBackupOf({ folder: o.folder ?? null, url: o.url ?? null, recover: o.recover ?? false }, settings(), say);
    });
  ledger.command('import').argument('<bundle>').description('Brings a copy of another hub’s log on from its bundle, without a network.')
    .requiredOption('--policy <file>', 'whom to trust').option('--data <folder>', 'the copy', join('data', 'mirror'))
    .action(async (bundle: string, o: { policy: string; data: string }) => {
      process.exitCode = await importBundle({ bundle, ...o }, say);
    });
  ledger.command('policy').description('Prints the policy line of this log, for verifiers.').action(() => printPolicy(settings()));
}

const portNumber = (text: string): number => {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65535) throw new StartError('--port is a number from 0 to 65535.', 64);
  return port;
};

function witnessCommands(command: Command): void {
  command.command('witness').description('Runs a witness that cosigns the logs of a policy (C2SP tlog-witness).')
    .requiredOption('--name <name>', 'its key name, for example witness.example/w1')
    .requiredOption('--policy <file>', 'policy whose log lines are witnessed')
    .option('--data <folder>', 'its keys and what it has cosigned', join('data', 'witness'))
    .option('--address <address>', 'address to listen on', '127.0.0.1').option('--port <port>', 'port to listen on', portNumber, 8090)
    .action((o: { name: string; policy: string; data: string; address: string; port: number }) => witness(o, say));
}

function mirrorCommands(command: Command): void {
  command.command('mirror').description('Keeps a checked copy of another hub’s log (exit 1 when that log shrinks or forks).')
    .requiredOption('--url <url>', 'the log: https://hub.example/ledger').requiredOption('--policy <file>', 'whom to trust')
    .option('--data <folder>', 'the copy', join('data', 'mirror')).option('--once', 'one step, then end')
    .option('--every <seconds>', 'seconds between steps', '10').option('--cosign <name>', 'cosign what is held, under this key name')
    .option('--port <port>', 'serve the copy on this port', portNumber).option('--address <address>', 'address to serve on', '127.0.0.1')
    .action(async (o: { url: string; policy: string; data: string; once?: boolean; every: string; cosign?: string; port?: number; address: string }) => {
      const everySeconds = Number(o.every);
      if (!(everySeconds >= 1 && everySeconds <= 86_400)) throw new StartError('--every is a number of seconds from 1 to 86400.', 64);
      const { url, policy, data, address } = o;
      process.exitCode = await mirror({
        url, policy, data, address, everySeconds, once: o.once ?? false, port: o.port ?? null, cosign: o.cosign ?? null,
      }, say);
    });
}

function tokenCommands(command: Command): void {
  const tokens = command.command('token').description('API tokens (of a person of this hub).');
  const person = ['--person <id>', 'whose: per_…'] as const;
  tokens.command('create').requiredOption(...person).requiredOption('--scopes <rights>', 'rights, comma separated')
    .option('--name <name>', 'what for', 'command line').option('--days <days>', 'days until it expires', '30')
    .action((o: { person: string; scopes: string; name: string; days: string }) => {
      const days = Number(o.days);
      if (!Number.isInteger(days) || days < 1 || days > 365) throw new StartError('--days is a whole number from 1 to 365.', 64);
      return token({ act: 'create', person: o.person, name: o.name, scopes: o.scopes.split(','), days }, settings());
    });
  tokens.command('list').requiredOption(...person).action((o: { person: string }) => token({ act: 'list', person: o.person }, settings()));
  tokens.command('revoke').argument('<token>').requiredOption(...person)
    .action((id: string, o: { person: string }) => token({ act: 'revoke', person: o.person, token: id }, settings()));
}

/**
 * Runs a hub until Ctrl-C, SIGTERM or the loss of an engine; a second signal ends it at once. While it starts, one signal ends
 * it: the engines close by themselves when they are left, and the next start goes on where this one was.
 */
async function runUntilStopped(starting: Promise<Running>): Promise<void> {
  const signal = new Promise<string>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.on(name, () => resolve(name));
    }
  });
  const hub = await Promise.race([starting, signal]);
  if (typeof hub === 'string') process.exit(hub === 'SIGINT' ? 130 : 143);
  say(`Entente is ready at ${hub.address}`);
  const reason = await Promise.race([signal, hub.lost.then((why) => `lost: ${why}`)]);
  if (reason.startsWith('lost: ')) {
    complain(`The hub stops: ${reason.slice(6)}.`);
    process.exitCode = 70;
  }
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  await hub.stop();
}
