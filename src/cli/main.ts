/** The command line: each command is a few lines over what the app does. One sentence and an exit code where it cannot go on. */
import { Command, CommanderError } from 'commander';
import { ConfigError, readConfig } from '../app/config.ts';
import { demo, serve, type Running } from '../app/start.ts';
import { version } from '../app/compose.ts';
import { systemEnvironment } from '#world/environment';
import { StartError } from '#world/folder';

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
  return command;
}

/** Runs a hub until Ctrl-C, SIGTERM or the loss of an engine; a second signal ends it at once. */
async function runUntilStopped(starting: Promise<Running>): Promise<void> {
  const signal = new Promise<string>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.on(name, () => resolve(name));
    }
  });
  const first = await Promise.race([starting, signal]);
  const hub = typeof first === 'string' ? await starting : first;
  if (typeof first !== 'string') {
    say(`Entente is ready at ${hub.address}`);
    const reason = await Promise.race([signal, hub.lost.then((why) => `lost: ${why}`)]);
    if (reason.startsWith('lost: ')) {
      complain(`The hub stops: ${reason.slice(6)}.`);
      process.exitCode = 70;
    }
  }
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  await hub.stop();
}
