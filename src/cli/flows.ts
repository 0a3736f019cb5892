/**
 * `entente flows DECLARATION CAPTURE...`: where a product's machine was seen to send, against what its provider declared, offline. Says each way that
 * is not declared, with the reason, and ends with what it saw; exit 0 all is declared, 1 something is not.
 */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Declaration } from '#kit/flows/declared';
import { FlowError } from '#kit/flows/refused';
import { Watching, type FlowReview } from '#kit/flows/review';
import { told } from '#kit/flows/told';
import { inflated, type Broken } from '#kit/lines/inflate';
import { StartError } from '#world/folder';
import type { Terminal } from './rebuild.ts';

export interface FlowsRequest {
  readonly declaration: string;
  /** Captures, packed by gzip or not. */
  readonly captures: readonly string[];
  readonly devices: readonly string[];
  readonly lab: readonly string[];
  readonly json: boolean;
}

/** What a file's reading throws, told with its name. */
async function named<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FlowError) throw new StartError(`${basename(path)}: ${error.message} (${error.at})`, 65, { cause: error });
    if (error instanceof StartError) throw error;
    throw new StartError(`The file ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? (error as Error).message}).`, 66, { cause: error });
  }
}

function tell(found: FlowReview, declaration: Declaration, { out, err }: Terminal): void {
  for (const one of found.undeclared) out(told(one));
  for (const { host, times } of found.lookedUp) out(`${host}: looked up ${times} times, and no declared flow names it`);
  for (const n of found.unseen) {
    const flow = declaration.flows[n];
    if (flow) err(`Declared and not seen: ${flow.to.slice(0, 3).join(', ')} (${flow.purpose}).`);
  }
  if (found.brokenOff) err('A capture breaks off; it was read up to there.');
  if (found.unread > 0) err(`${found.unread} of ${found.packets} packets are not of IP, or of a link that is not read.`);
  out(`${declaration.product} ${declaration.release}: ${found.observed.length} ways seen, ${found.undeclared.length} not declared, `
    + `${found.lookedUp.length} names looked up and not declared, in ${found.packets} packets`);
}

/** Answers the exit code. Errors are StartErrors, whose codes begin at 64. */
export async function reviewFlows(request: FlowsRequest, terminal: Terminal): Promise<0 | 1> {
  const { declaration: path, captures, devices, lab, json } = request;
  const declaration = await named(path, async () => Declaration.read(await readFile(path)));
  const watching = await named('--device', async () => new Watching(devices, lab));
  for (const capture of captures) {
    await named(capture, async () => {
      const broken: Broken[] = [];
      await watching.read(inflated(createReadStream(capture, { highWaterMark: 262_144 }) as AsyncIterable<Uint8Array>, (b) => broken.push(b)));
      if (broken[0]) throw new StartError(`The file ${capture} is broken: ${broken[0].detail}.`, 65);
    });
  }
  const found = watching.against(declaration);
  if (json) terminal.out(JSON.stringify({ product: declaration.product, release: declaration.release, ...found }));
  else tell(found, declaration, terminal);
  return found.undeclared.length + found.lookedUp.length > 0 ? 1 : 0;
}
