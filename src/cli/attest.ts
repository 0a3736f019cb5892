/**
 * `entente attest EVIDENCE`: sends a bundle of evidence to a hub, and with it the files that were built and the build's log. It needs no
 * data folder; the hub checks signature, subjects and verdicts, and says what it did not take.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { evidenceOf } from '#kit/attest/evidence';
import { StartError } from '#world/folder';
import { hubAt } from './hub.ts';

export interface Attesting {
  readonly evidence: string;
  /** Address of the release, `https://hub.example/api/releases/ID`. */
  readonly release: string;
  readonly rebuilt: readonly string[];
  readonly log: string | null;
  readonly corrects: string | null;
  readonly reason: string | null;
}
interface Taken {
  readonly rebuild: { readonly id: string };
  readonly verdicts: readonly { readonly artefact: string; readonly said: string; readonly stands: string; readonly check: string }[];
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new StartError(`The file ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`, 66);
  }
}

/** Answers 0 where the hub took all of it, 1 where it found less in a file than the evidence says. */
export async function attest(request: Attesting, token: string | undefined, out: (line: string) => void): Promise<number> {
  if (!URL.canParse(request.release)) throw new StartError('--to is the address of a release, https://hub.example/api/releases/ID.', 64);
  if (token === undefined) throw new StartError('The hub takes evidence with an API token only; give it in ENTENTE_TOKEN.', 77);
  if ((request.corrects === null) !== (request.reason === null)) throw new StartError('--corrects and --reason belong together.', 64);
  const evidence = await bytesOf(request.evidence);
  if (!evidenceOf(Buffer.from(evidence).toString('utf8'))) throw new StartError(`The file ${request.evidence} is no evidence bundle.`, 65);
  const url = new URL(request.release);
  const hub = hubAt(url.origin, token);
  const query = new URLSearchParams({
    file: basename(request.evidence), ...request.corrects === null || request.reason === null ? {} : { corrects: request.corrects, reason: request.reason },
  });
  const taken = await hub.post<Taken>(`${url.pathname.replace(/\/$/, '')}/rebuilds?${query.toString()}`, evidence);
  out(`${taken.rebuild.id}: ${taken.verdicts.map((v) => v.said).join(', ')}`);
  let { verdicts } = taken;
  const files = [...request.rebuilt.map((path) => ['rebuilt', path] as const), ...request.log === null ? [] : [['log', request.log] as const]];
  for (const [kind, path] of files) {
    ({ verdicts } = await hub.post<Taken>(`/api/rebuilds/${taken.rebuild.id}/files?${new URLSearchParams({ kind, file: basename(path) }).toString()}`,
      await bytesOf(path)));
    out(`${kind} ${basename(path)}: taken`);
  }
  for (const v of verdicts) if (v.check === 'contradicts') out(`the hub finds ${v.stands} in ${v.artefact}, where the evidence says ${v.said}`);
  return verdicts.some((v) => v.check === 'contradicts') ? 1 : 0;
}
