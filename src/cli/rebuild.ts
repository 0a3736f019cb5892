/**
 * `entente rebuild` and `entente compare`: what a rebuilder runs on a machine of its own, without a hub. The last line of --json is one
 * compact object with the verdict; exit 0 is identical or equivalent, 1 different, 2 not rebuilt.
 */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { compare } from '#kit/compare/compare';
import { summaryOf, type Comparison, type Difference, type Summary } from '#kit/compare/model';
import { nodeVerifying } from '#kit/hash/node';
import { bundleOf } from '#kit/attest/bundle';
import type { AttestKey, AttestSigner } from '#kit/attest/dsse';
import { evidenceOf, evidenceText, verifyEvidence } from '#kit/attest/evidence';
import { recipe as recipeSchema, type Recipe } from '#kit/rebuild/recipe';
import { systemClock } from '#world/clock';
import type { Disassembler } from '#world/disassembler/port';
import { StartError } from '#world/folder';
import { linuxSandbox } from '#world/sandbox/linux';
import { compilerRevisions, environmentText } from '#world/sandbox/machine';
import { NoSandbox } from '#world/sandbox/port';
import type { Product } from '../app/rebuild/build.ts';
import { rebuild, sha256, type Rebuilt, type RebuildRequest } from '../app/rebuild/rebuild.ts';
import { ownBuild, ownRelease } from '../app/rebuild/self.ts';
import { allDisassembled, tellDisassembly } from './disassemble.ts';

export interface Terminal { readonly out: (line: string) => void; readonly err: (line: string) => void }

const exitOf: Readonly<Record<Summary, number>> = { identical: 0, equivalent: 0, different: 1, 'cannot-build': 2 };

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new StartError(`The file ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`, 66);
  }
}

const shownDifference = (d: Difference): string =>
  `  ${[...d.part, d.region].join(' > ')}: ${d.bytes} bytes${d.executable ? ' of code' : ''}${d.rule === null ? '' : ` (rule ${d.rule})`}`;

function tell(name: string, found: Comparison, out: (line: string) => void): void {
  out(`${found.verdict} ${name}`);
  for (const difference of found.differences.slice(0, 200)) out(shownDifference(difference));
  for (const { part, side, sentence } of found.unopened) out(`  not looked into (${side}): ${part.join(' > ') || 'the file'}: ${sentence}`);
}

/** `disassembler` where instructions are asked for. */
export async function compareFiles(shipped: string, rebuilt: string, json: boolean, { out }: Terminal, disassembler: Disassembler | null): Promise<number> {
  const [a, b, name] = [await bytesOf(shipped), await bytesOf(rebuilt), basename(shipped)];
  const found = await compare(a, b, { name });
  const code = disassembler === null ? null : await allDisassembled(a, b, name, found, disassembler.decode);
  if (json) out(JSON.stringify({ ...found, summary: summaryOf[found.verdict], ...code === null ? {} : { disassembly: code } }));
  else tell(name, found, out);
  if (!json && code !== null) tellDisassembly(code, out);
  return exitOf[summaryOf[found.verdict]];
}

export interface RebuildWords {
  readonly recipe: string | null;
  readonly self: boolean;
  readonly against: readonly string[];
  readonly explain: boolean;
  readonly clock: string | null;
  /** Builds with this clock from the beginning, not only as a trial. */
  readonly setClock: boolean;
  readonly json: boolean;
  readonly log: string | null;
  /** Where what was built is kept, by its name without folders. */
  readonly keep: string | null;
  readonly evidence: string | null;
  readonly key: string | null;
  readonly keyid: string | null;
}

async function recipeIn(path: string): Promise<{ recipe: Recipe; source: string }> {
  const text = Buffer.from(await bytesOf(path)).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new StartError(`The recipe ${path} is no JSON.`, 65);
  }
  const read = recipeSchema.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new StartError(`The recipe ${path} is none: ${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'wrong'}.`, 65);
  }
  return { recipe: read.data, source: resolve(dirname(path), read.data.source) };
}

async function requestOf(words: RebuildWords, environment: string): Promise<RebuildRequest> {
  if (words.clock !== null && Number.isNaN(Date.parse(words.clock))) throw new StartError('--clock is a time, such as 2022-12-26T15:30:00Z.', 64);
  const clock = words.clock === null ? null : new Date(words.clock).toISOString();
  const revisions = words.explain ? compilerRevisions() : [];
  const rest = { explain: words.explain, clock, environment, revisions,
    facts: clock !== null && words.setClock ? [{ name: 'clock', value: clock } as const] : [] };
  if (words.self) return { ...ownBuild(), ...rest, shipped: [await ownRelease(words.against[0] ?? null)] };
  if (words.recipe === null) throw new StartError('Which recipe? entente rebuild RECIPE --against FILE, or --self.', 64);
  const shipped: Product[] = [];
  for (const path of words.against) shipped.push({ name: basename(path), bytes: await bytesOf(path) });
  if (shipped.length === 0) throw new StartError('--against names a shipped file; it may be given again.', 64);
  return { ...await recipeIn(words.recipe), ...rest, shipped, only: null, readOnly: [] };
}

async function signerOf(key: string, keyid: string): Promise<AttestSigner> {
  const pem = await bytesOf(key);
  try {
    const secret = createPrivateKey(Buffer.from(pem));
    if (secret.asymmetricKeyType !== 'ed25519') throw new Error('another kind');
    return { name: keyid, sign: (message) => new Uint8Array(sign(null, message, secret)) };
  } catch {
    throw new StartError(`The file ${key} holds no Ed25519 key in PEM.`, 65);
  }
}

async function writeEvidence(path: string, signer: AttestSigner, found: Rebuilt, times: { startedAt: string; finishedAt: string }): Promise<void> {
  const { recipeSha256, environmentSha256, products, files } = found;
  await writeFile(path, evidenceText(await bundleOf(nodeVerifying, {
    signer, recipeSha256, environmentSha256, products, runId: sha256(found.log).slice(0, 32), ...times, sources: [{ name: 'source',
      sha256: found.sourceSha256 }],
    files: files.map(({ name, sha256: digest, comparison, trials }) => ({ name, sha256: digest, judgement: { comparison, trials } })),
  })));
}

const compact = (found: Rebuilt) => ({
  verdict: found.verdict, summary: found.summary, why: found.why, facts: found.facts, recipe: found.recipeSha256,
    source: found.sourceSha256, environment: found.environmentSha256,
  files: found.files.map(({ name, sha256: digest, verdict, recovered, causes, trials, comparison }) => ({
    name, sha256: digest, verdict, recovered, causes, rules: comparison?.rules ?? [], trials: trials.map(({ fact, verdict: own }) =>
      ({ fact, verdict: own })),
  })),
});

function tellRebuilt(found: Rebuilt, out: (line: string) => void): void {
  for (const { name, verdict, comparison, recovered, causes, trials } of found.files) {
    if (comparison) tell(name, comparison, out);
    if (comparison === null || comparison.verdict !== verdict) out(`${verdict} ${name}`);
    if (recovered) out(`  the same bytes with ${recovered.name} = ${recovered.value}`);
    if (recovered?.name === 'toolchain') out('  (the revision as stated in the files; the compiler was the one that is here)');
    for (const { difference,
      fact } of causes) out(`  ${(JSON.parse(difference) as string[]).join(' > ')}: caused by ${fact.name}; not there with ${fact.value}`);
    for (const { fact, verdict: own } of trials) out(`  with ${fact.name} = ${fact.value}: ${own}`);
  }
  if (found.why !== null) out(found.why);
}

export async function rebuildCommand(words: RebuildWords, { out, err }: Terminal): Promise<number> {
  if ((words.evidence === null) !== (words.key === null) || (words.key === null) !== (words.keyid === null)) {
    throw new StartError('--evidence, --key and --keyid belong together: a rebuilder signs what it found.', 64);
  }
  const signer = words.key === null || words.keyid === null ? null : await signerOf(words.key, words.keyid);
  const clock = systemClock();
  const startedAt = clock.iso();
  let found: Rebuilt;
  try {
    const sandbox = linuxSandbox(tmpdir());
    found = await rebuild(sandbox, await requestOf(words, environmentText(sandbox.kind)), err);
  } catch (error) {
    if (error instanceof NoSandbox) throw new StartError(error.message, 69);
    throw error;
  }
  if (words.log !== null) await writeFile(words.log, found.log);
  if (words.keep !== null) {
    await mkdir(words.keep, { recursive: true });
    for (const { name, bytes } of found.built) await writeFile(join(words.keep, basename(name)), bytes);
  }
  if (words.evidence !== null && signer) await writeEvidence(words.evidence, signer, found, { startedAt, finishedAt: clock.iso() });
  if (words.json) out(JSON.stringify(compact(found)));
  else tellRebuilt(found, out);
  return exitOf[found.summary];
}

/** `NAME=FILE`: whom to trust, and their public key in PEM. */
async function keyOf(word: string): Promise<AttestKey> {
  const at = word.lastIndexOf('=');
  const [name, path] = [word.slice(0, at), word.slice(at + 1)];
  try {
    const { x, crv } = createPublicKey(Buffer.from(await bytesOf(path))).export({ format: 'jwk' });
    if (at > 0 && crv === 'Ed25519' && x !== undefined) return { name, publicKey: new Uint8Array(Buffer.from(x, 'base64url')) };
  } catch (error) {
    if (error instanceof StartError) throw error;
  }
  throw new StartError(`--trust ${word} is not NAME=FILE of an Ed25519 public key in PEM.`, 64);
}

/** Exit 0 where every statement holds and every file is identical or equivalent, 1 where not, 65 where it is no evidence. */
export async function checkEvidence(path: string, trust: readonly string[], json: boolean, { out }: Terminal): Promise<number> {
  const evidence = evidenceOf(Buffer.from(await bytesOf(path)).toString('utf8'));
  if (!evidence) throw new StartError(`The file ${path} is no evidence bundle.`, 65);
  const keys: AttestKey[] = [];
  for (const word of trust) keys.push(await keyOf(word));
  const verdict = await verifyEvidence(nodeVerifying, evidence, keys);
  if (json) out(JSON.stringify(verdict));
  else if (!verdict.ok) out(`failed: ${verdict.why}`);
  else {
    for (const { name, verdict: own, summary, voices, dissent } of verdict.files) {
      out(`${summary} (${own}) ${name}${dissent ? ' — the rebuilders do not agree' : ''}`);
      for (const voice of voices) out(`  ${voice.rebuilder}, ${voice.at}: ${voice.verdict}`);
    }
  }
  return verdict.ok && verdict.files.every((f) => exitOf[f.summary] === 0) ? 0 : 1;
}
