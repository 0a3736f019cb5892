/**
 * The statement in which a review ends: what was looked at, how much of it, what was found, until when it holds. Its coverage is a fold
 * over rows that name the views in the ledger, one row a file, blinded; figures that do not follow from the rows are refused, so that
 * nobody types them. What may not be public stands in a second file, of which the statement holds the hash. docs/specs/review.md.
 */
import { canonicalText, fromCanonical, type CanonicalValue } from '#kit/canonical/canonical';
import { concatBytes, fromBase64, fromUtf8, toBase64, toHex, toUtf8 } from '#kit/encoding';
import type { Awaitable, Verifying } from '#kit/hash/port';
import { ed25519Type, formatVkey, parseVkey, type VerifierKey } from '#kit/note/note';
import { blocksTouched } from './blocks.ts';
import { windowBytes } from './windows.ts';
import { faultsOfShape } from './statement-shape.ts';

export const statementVersion = 'entente-review-statement/v1';
/** More is no statement. */
export const maxStatementBytes = 64 * 1024 * 1024;

export const severities = ['critical', 'high', 'medium', 'low', 'note'] as const;
export type Severity = typeof severities[number];

/** One file of which something was read. */
export interface CoverageRow {
  /** SHA-256 over the secret part's salt and the RFC 8785 text of `{digest, path}`, hex. */
  readonly file: string;
  readonly bytes: number;
  readonly seenBytes: number;
  readonly seenLines: number;
  readonly seenBlocks: number;
  /** Of the bytes, those that were read in an earlier release and are equal. */
  readonly carriedBytes: number;
  /** Numbers of the views' facts in the ledger, rising. */
  readonly views: readonly number[];
}

export interface StatementFigures {
  readonly files: number;
  readonly bytes: number;
  readonly blocks: number;
  readonly begunFiles: number;
  readonly wholeFiles: number;
  readonly seenBytes: number;
  readonly seenLines: number;
  readonly seenBlocks: number;
  readonly carriedBytes: number;
  readonly views: number;
}

export interface Statement {
  readonly v: typeof statementVersion;
  readonly id: string;
  readonly madeAt: string;
  /** After that it says nothing any more. */
  readonly expires: string;
  readonly by: { readonly org: string; readonly name: string };
  readonly product: { readonly id: string; readonly name: string; readonly owner: string };
  /** `root`: the Merkle root of the tree of sources that was read, hex. */
  readonly release: { readonly id: string; readonly version: string; readonly root: string };
  readonly level: 'blue' | 'red' | 'black';
  readonly scope: readonly string[];
  readonly coverage: StatementFigures & { readonly rows: readonly CoverageRow[] };
  /** Whether what ships was built from what was read. */
  readonly equivalence: string;
  readonly findings: Readonly<Record<Severity, { readonly open: number; readonly closed: number }>>;
  readonly exceptions: readonly string[];
  /** SHA-256 of the secret part's bytes, hex. */
  readonly secret: string;
}

export interface SecretView {
  readonly index: number;
  readonly from: number;
  readonly to: number;
  readonly ends: number;
  readonly carried: boolean;
}

/** What the statement was computed from. */
export interface SecretPart {
  readonly v: typeof statementVersion;
  /** 32 bytes, hex. */
  readonly salt: string;
  readonly files: readonly { readonly path: string; readonly digest: string; readonly bytes: number; readonly views: readonly SecretView[] }[];
  readonly questions: readonly string[];
  readonly findings: readonly { readonly commitment: string; readonly severity: Severity }[];
}

type Sha256 = (bytes: Uint8Array) => Awaitable<Uint8Array>;

export async function blinded(sha256: Sha256, salt: string, file: { readonly path: string; readonly digest: string }): Promise<string> {
  return toHex(await sha256(toUtf8(`${salt}\n${canonicalText({ digest: file.digest, path: file.path })}`)));
}

/** The rows that follow from the secret part, in the order of their blinded names, so that the order says nothing of the paths. */
export async function rowsFrom(sha256: Sha256, secret: SecretPart): Promise<CoverageRow[]> {
  const rows: CoverageRow[] = [];
  for (const file of secret.files) {
    const once = [...new Map(file.views.map((v) => [v.from, v])).values()];
    const sum = (of: (v: SecretView) => number): number => once.reduce((total, v) => total + of(v), 0);
    rows.push({
      file: await blinded(sha256, secret.salt, file), bytes: file.bytes, seenBytes: sum((v) => v.to - v.from), seenLines: sum((v) => v.ends),
      seenBlocks: new Set(once.flatMap((v) => blocksTouched(v.from, v.to))).size, carriedBytes: sum((v) => (v.carried ? v.to - v.from : 0)),
      views: [...new Set(file.views.map((v) => v.index))].sort((a, b) => a - b),
    });
  }
  return rows.sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** The figures that follow from the rows; the size of the tree is the catalogue's. */
export function figuresFrom(rows: readonly CoverageRow[], tree: Pick<StatementFigures, 'files' | 'bytes' | 'blocks'>, empty: number): StatementFigures {
  const sum = (of: (row: CoverageRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return {
    files: tree.files, bytes: tree.bytes, blocks: tree.blocks, begunFiles: rows.length,
    wholeFiles: empty + rows.filter((r) => r.seenBytes === r.bytes).length, seenBytes: sum((r) => r.seenBytes), seenLines: sum((r) => r.seenLines),
    seenBlocks: sum((r) => r.seenBlocks), carriedBytes: sum((r) => r.carriedBytes), views: sum((r) => r.views.length),
  };
}

/** Why figures do not follow from the rows that stand beside them; null where they do. */
export function typedByHand({ coverage }: Statement): string | null {
  const { rows, ...said } = coverage;
  const bad = rows.find((r) => r.seenBytes > r.bytes || r.carriedBytes > r.seenBytes || (r.seenBytes > 0) !== (r.views.length > 0)
    || r.seenBlocks * 4096 < r.seenBytes || r.views.some((index, i) => i > 0 && index <= (r.views[i - 1] ?? -1)));
  if (bad) return `the row of ${bad.file.slice(0, 12)} contradicts itself`;
  if (rows.some((row, i) => i > 0 && row.file <= (rows[i - 1]?.file ?? ''))) return 'a file has two rows, or the rows are out of order';
  const indices = rows.flatMap((r) => r.views);
  if (new Set(indices).size !== indices.length) return 'one view is counted in two files';
  const follows = figuresFrom(rows, said, 0);
  for (const [name, value] of Object.entries(follows) as [keyof StatementFigures, number][]) {
    // Files without a byte have no row.
    if (name === 'wholeFiles' ? said.wholeFiles < value || said.wholeFiles > value + said.files - rows.length : said[name] !== value) {
      return `coverage.${name} is ${said[name]}, and by the views it is ${value}: it was typed by hand`;
    }
  }
  if (said.seenBytes > said.bytes || said.begunFiles > said.files || said.seenBlocks > said.blocks) return 'more was read than there is';
  return null;
}

export interface SignedStatement {
  readonly statement: Statement;
  /** C2SP vkey, and base64 of an Ed25519 signature over the version, a newline and the RFC 8785 text of the statement. */
  readonly signature: { readonly key: string; readonly value: string };
}

export const signedBytes = (statement: Statement): Uint8Array => concatBytes(toUtf8(`${statementVersion}\n`), toUtf8(canonicalText(statement)));

export async function signStatement(statement: Statement, key: VerifierKey, sign: (message: Uint8Array) => Promise<Uint8Array>): Promise<string> {
  const fault = faultsOfShape(statement)[0] ?? typedByHand(statement);
  if (fault !== null && fault !== undefined) throw new Error(`not signed: ${fault}`);
  const signed: SignedStatement = { statement, signature: { key: formatVkey(key), value: toBase64(await sign(signedBytes(statement))) } };
  return `${canonicalText(signed)}\n`;
}

export type StatementVerdict =
  | { readonly verdict: 'verified' | 'undecided'; readonly statement: Statement; readonly why: string; readonly key: string }
  | { readonly verdict: 'failed'; readonly why: string };

const failed = (why: string): StatementVerdict => ({ verdict: 'failed', why });

export interface Trust {
  /** Vkeys that the reader trusts; without one nothing is verified. */
  readonly keys: readonly string[];
  /** Bytes of the secret part, where one was given it. */
  readonly secret: Uint8Array | null;
  /** RFC 3339 UTC; null: one does not ask whether it has expired. */
  readonly at: string | null;
}

/** Reads and checks a statement with nothing but its bytes. */
export async function verifyStatement(verifying: Verifying, bytes: Uint8Array, trust: Trust): Promise<StatementVerdict> {
  const text = bytes.length > maxStatementBytes ? null : fromUtf8(bytes);
  const value = text?.endsWith('\n') ? fromCanonical(text.slice(0, -1)) as unknown : undefined;
  if (!isSigned(value)) return failed('it is not a statement in RFC 8785 form with one signature');
  const { statement, signature } = value;
  const [shape] = faultsOfShape(statement);
  if (shape !== undefined) return failed(shape);
  const key = await parseVkey(verifying, signature.key);
  const raw = fromBase64(signature.value);
  if (!key || key.type !== ed25519Type || !raw) return failed('its signature is not by an Ed25519 key');
  if (!await verifying.verifyEd25519(key.publicKey, signedBytes(statement), raw)) return failed('its signature is not that of its content');
  const typed = typedByHand(statement);
  if (typed !== null) return failed(typed);
  if (trust.secret !== null) {
    const wrong = await wrongSecret(verifying.sha256, statement, trust.secret);
    if (wrong !== null) return failed(wrong);
  }
  if (trust.at !== null && trust.at >= statement.expires) return failed(`it expired at ${statement.expires}`);
  return trust.keys.includes(signature.key)
    ? { verdict: 'verified', statement, key: key.name, why: 'signed by a key that is trusted, and its figures follow from its views' }
    : { verdict: 'undecided', statement, key: key.name, why: `nobody said that the key ${signature.key} is trusted` };
}

function isSigned(value: unknown): value is SignedStatement {
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'signature,statement') return false;
  const { signature } = value as { signature: unknown };
  return typeof signature === 'object' && signature !== null && Object.keys(signature).join() === 'key,value'
    && Object.values(signature).every((v) => typeof v === 'string');
}

/** Why the secret part does not belong to the statement, or does not give its rows; null where it does. */
async function wrongSecret(sha256: Sha256, statement: Statement, bytes: Uint8Array): Promise<string | null> {
  if (toHex(await sha256(bytes)) !== statement.secret) return 'the secret part is not the one whose hash the statement holds';
  const text = fromUtf8(bytes);
  const secret = text === null ? undefined : fromCanonical(text) as CanonicalValue | undefined;
  if (!isSecret(secret)) return 'the secret part is not in its form';
  const rows = await rowsFrom(sha256, secret);
  return canonicalText(rows) === canonicalText(statement.coverage.rows) ? null : 'by the views of the secret part the coverage is another';
}

function isSecret(value: unknown): value is SecretPart {
  const part = value as SecretPart | null | undefined;
  const whole = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;
  return typeof part === 'object' && part !== null && part.v === statementVersion && typeof part.salt === 'string' && Array.isArray(part.files)
    && part.files.every((f) => typeof f?.path === 'string' && typeof f.digest === 'string' && whole(f.bytes) && Array.isArray(f.views)
      && (f.views as readonly (SecretView | null)[]).every((v) => v !== null && [v.index, v.from, v.to, v.ends].every(whole)
        && v.to > v.from && v.to <= f.bytes && v.to - v.from <= windowBytes));
}

/** Bytes of a secret part. */
export const secretBytes = (secret: SecretPart): Uint8Array => toUtf8(canonicalText(secret));
