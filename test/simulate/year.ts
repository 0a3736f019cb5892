/**
 * A seeded stretch of time in the life of several organisations: people act as the schemas let them, processes are killed
 * between any two writes and started again, days pass. After each step it is asked whether the promises still hold:
 * nobody saw what no mandate allows; an accepted act is exactly one fact, a refused one none, a killed one both or neither;
 * all checkpoints ever signed agree; starting again changes nothing.
 */
import { dice } from '#kit/dice';
import { nodeTreeHash as tree, nodeVerifying } from '#kit/hash/node';
import { consistencyProof, verifyConsistency, type ReadTile } from '#kit/merkle/proofs';
import { tilePath, tileWidth } from '#kit/merkle/tiles';
import { parseCheckpoint, type Checkpoint } from '#kit/note/checkpoint';
import { parseNote, verifyNote } from '#kit/note/note';
import { people } from '../../src/app/demo/story.ts';
import { outline } from '../../src/app/outline.ts';
import type { Operation } from '../../src/app/room.ts';
import { roleMatrix } from '../../src/modules/parties/roles.ts';
import { drawRequest, newMemory, type Memory } from './draw.ts';
import { isSilent } from './expectations.ts';
import { countFacts, factsFrom, openLasting, stateOf, type Answer, type Lasting, type Process, type State, type Stated } from './hub.ts';
import { maySee, relationsIn, type Relations } from './reference.ts';

export interface Account {
  readonly seed: number;
  accepted: number;
  refused: number;
  /** Deaths by the kind of write they came at. */
  readonly deaths: Record<string, number>;
  restarts: number;
  checkpoints: number;
  facts: number;
  /** How often each operation was accepted. */
  readonly done: Map<string, number>;
  /** How often each was refused, with the code and place of the refusal. */
  readonly refusals: Map<string, number>;
}

interface Stage {
  readonly lasting: Lasting;
  process: Process;
  readonly roll: () => number;
  readonly account: Account;
  readonly cookies: Map<string, string>;
  readonly memories: Map<string, Memory>;
  readonly anyone: Memory;
  relations: Relations;
  /** The tables as they stood after the last act, where nothing but the beginning of sessions has happened since. */
  tables: State['tables'] | null;
  canaries: number;
}

/** Not simulated act by act: streams and files have suites of their own; these two end the actor's own stay. */
const leftOut = new Set(['session.end', 'sessions.revoke']);

const day = 86_400_000;

export async function simulate(plan: { readonly seed: number; readonly days: number; readonly actsADay: number }): Promise<Account> {
  const lasting = await openLasting(`simulate-${plan.seed}`);
  try {
    const stage: Stage = {
      lasting, process: await lasting.boot(), roll: dice(plan.seed), cookies: new Map(), memories: new Map(),
      anyone: newMemory(), relations: await relationsIn(lasting.db),
      tables: null, canaries: 0,
      account: { seed: plan.seed, accepted: 0, refused: 0, deaths: {}, restarts: 0, checkpoints: 0, facts: 0, done: new Map(), refusals: new Map() },
    };
    const operations = outline().filter((o) => o.run.kind === 'json' && !leftOut.has(o.id));
    for (let today = 0; today < plan.days; today++) {
      await lookAround(stage, operations);
      for (let n = 0; n < plan.actsADay; n++) await act(stage, operations);
      lasting.clock.advance(day / 2);
      await chores(stage);
      if (today % 5 === 4) await startingAgainChangesNothing(stage);
    }
    await startingAgainChangesNothing(stage);
    await allCheckpointsAgree(stage);
    stage.account.facts = (await stateOf(lasting.db)).facts;
    return stage.account;
  } finally {
    await lasting.close();
  }
}

/** Looking at every table costs more than an act: what is known of them is used again, the facts are counted anew. */
async function stateBefore(stage: Stage): Promise<State> {
  const { db } = stage.lasting;
  return stage.tables ? { tables: stage.tables, facts: await countFacts(db) } : stateOf(db);
}

/** What went wrong, with all that one needs to see it again. */
function violation(stage: Stage, what: string, detail: unknown): Error {
  const at = `seed ${stage.account.seed}, ${stage.lasting.clock.iso()}, after ${stage.account.accepted} accepted acts`;
  return new Error(`${what} (${at}): ${JSON.stringify(detail)?.slice(0, 1500)}`);
}

async function revive(stage: Stage): Promise<void> {
  const where = stage.process.life.diedIn ?? 'unknown';
  stage.account.deaths[where] = (stage.account.deaths[where] ?? 0) + 1;
  stage.account.restarts += 1;
  await boot(stage);
}

/** Starts a process, and says at which of its writes it will die: near, or in a long while. */
async function boot(stage: Stage): Promise<void> {
  stage.tables = null;
  stage.process = await stage.lasting.boot();
  stage.process.life.doom(1 + Math.floor(stage.roll() * 120), stage.roll() < 0.5);
}

const orgOf = (person: string): string => people.find((p) => p.id === person)?.organisation ?? '';

function memoryOf(stage: Stage, org: string): Memory {
  const memory = stage.memories.get(org) ?? newMemory();
  stage.memories.set(org, memory);
  return memory;
}

/** Who acts: mostly somebody whose role gives the right, sometimes anybody. */
function actorFor(stage: Stage, operation: Operation): string {
  const { roll } = stage;
  const { right, by } = operation.endpoint.needs;
  const able = people.filter((p) => by === 'public' || by === 'self' || p.roles.some((role) => roleMatrix[right]?.includes(role)));
  const among = able.length > 0 && roll() < 0.85 ? able : people;
  return (among[Math.floor(roll() * among.length)] ?? people[0])?.id ?? '';
}

/** Asks the process there is; where it dies of it, the next one is started before anything else is looked at. */
async function ask(
  stage: Stage, method: string, url: string, cookie: string | null, body?: unknown,
): Promise<{ answer: Answer; died: boolean }> {
  const answer = await stage.process.ask(method, url, cookie, body);
  const died = stage.process.life.dead;
  if (died) await revive(stage);
  return { answer, died };
}

async function cookieOf(stage: Stage, person: string): Promise<string | null> {
  const known = stage.cookies.get(person);
  if (known) {
    const { answer } = await ask(stage, 'GET', '/api/session', known);
    if (answer.text.includes('"actor":{')) return known;
  }
  // A person whom somebody suspended stays outside.
  const { answer: { cookie } } = await ask(stage, 'POST', '/api/demo/continue', null, { person });
  if (cookie) stage.cookies.set(person, cookie);
  return cookie;
}

/** What only a browser with a passkey, or who holds a secret, can bring to an end: drawn seldom. */
const ceremony = ({ id, endpoint }: Operation): boolean => endpoint.needs.by === 'public' || id.startsWith('passkeys.');

/** Now and then, of two drawn at random the one that was accepted less often: what is easy must not crowd out the rest. */
function operationFor(stage: Stage, operations: readonly Operation[]): Operation | undefined {
  const { roll, account } = stage;
  const writes = operations.filter((o) => o.endpoint.method !== 'GET' && !ceremony(o));
  const among = roll() < 0.75 ? writes : operations;
  const drawn = (roll() < 0.5 ? [0] : [0, 1]).flatMap(() => among[Math.floor(roll() * among.length)] ?? []);
  return drawn.sort((a, b) => (account.done.get(a.id) ?? 0) - (account.done.get(b.id) ?? 0))[0];
}

/** Two people begin the day by looking at all lists that are theirs: they remember what they saw, and it must be theirs. */
async function lookAround(stage: Stage, operations: readonly Operation[]): Promise<void> {
  const { lasting, roll } = stage;
  const lists = operations.filter(({ endpoint: e }) => e.method === 'GET' && !e.path.includes(':') && e.needs.by !== 'public');
  for (let n = 0; n < 2; n++) {
    const person = people[Math.floor(roll() * people.length)]?.id ?? '';
    const cookie = await cookieOf(stage, person);
    for (const operation of cookie ? lists : []) {
      const { answer } = await ask(stage, 'GET', operation.endpoint.path, cookie);
      judgeSight(stage, operation, person, operation.endpoint.path, answer);
      if (answer.status < 300) remember(stage, orgOf(person), answer.text);
    }
  }
  stage.relations = await relationsIn(lasting.db);
}

function judgeSight(stage: Stage, operation: Operation, person: string, url: string, answer: Answer): void {
  const { text, status } = answer;
  const secret = maySee(stage.relations, { org: orgOf(person), operation, url, text, status, now: stage.lasting.clock.iso() });
  if (!secret) return;
  const told = { operation: operation.id, person, url, status, text: text.slice(0, 400) };
  throw violation(stage, `somebody saw what no mandate allows: ${secret}`, told);
}

async function act(stage: Stage, operations: readonly Operation[]): Promise<void> {
  const { lasting, roll } = stage;
  const operation = operationFor(stage, operations);
  if (!operation) return;
  lasting.clock.advance(Math.floor(roll() * 1_800_000));
  const person = actorFor(stage, operation);
  const org = orgOf(person);
  const cookie = await cookieOf(stage, person);
  if (!cookie) return;
  const { url, body } = drawRequest(operation.endpoint, {
    roll, memory: memoryOf(stage, org), anyone: stage.anyone, nowMs: lasting.clock.now(),
    canary: () => `zq-${org.slice(4)}-${stage.canaries++}`,
  });
  const { method } = operation.endpoint;
  const before = await stateBefore(stage);
  const { answer, died } = await ask(stage, method, url, cookie, body);
  const after = await stateOf(lasting.db);
  stage.tables = died ? null : after.tables;
  const mine = (await factsFrom(lasting.db, before.facts)).filter((f) => f.actor === person);
  const told = { operation: operation.id, person, url, body, status: answer.status, answer: answer.text.slice(0, 400), facts: mine };
  if (died) return bothOrNeither(stage, { before, after, mine, operation, told });
  if (answer.status >= 500) throw violation(stage, 'a request broke on our side', { ...told, log: lasting.faults().at(-1) });
  stage.relations = await relationsIn(lasting.db);
  judgeSight(stage, operation, person, url, answer);
  if (answer.status < 300) {
    accepted(stage, operation, mine, changed(before, after), told);
    remember(stage, org, answer.text);
  } else {
    stage.account.refused += 1;
    const why = `${operation.id} ${/"code":"([^"]+)"/.exec(answer.text)?.[1] ?? answer.status} ${/"at":"([^"]+)"/.exec(answer.text)?.[1] ?? ''}`;
    stage.account.refusals.set(why, (stage.account.refusals.get(why) ?? 0) + 1);
    if (changed(before, after) || mine.some((f) => !f.class.startsWith('decision.'))) {
      throw violation(stage, 'a refused act left something', { ...told, tables: differing(before, after) });
    }
  }
}

function remember(stage: Stage, org: string, text: string): void {
  const seen: unknown = text.startsWith('{') ? JSON.parse(text) : null;
  memoryOf(stage, org).see(seen);
  stage.anyone.see(seen);
}

function accepted(stage: Stage, operation: Operation, mine: readonly Stated[], touched: boolean, told: object): void {
  stage.account.accepted += 1;
  stage.account.done.set(operation.id, (stage.account.done.get(operation.id) ?? 0) + 1);
  if (operation.endpoint.method === 'GET' || isSilent(operation.id)) return;
  const own = actsAmong(mine);
  // Ending all other sessions where there are none is done, and nothing was done.
  if (own.length === 0 && touched) throw violation(stage, 'an accepted act stated no fact', told);
  saidOnce(stage, own, told);
}

/** What somebody did: not that it was decided, nor that it was seen by a monitor. */
const actsAmong = (facts: readonly Stated[]): Stated[] => facts.filter((f) => !/^(decision|monitor)\./.test(f.class));

/** One act may be several facts, as a signature that puts an agreement in force; none of them is stated twice. */
function saidOnce(stage: Stage, facts: readonly Stated[], told: object): void {
  const said = facts.map((f) => `${f.class} ${f.subject}`);
  if (new Set(said).size !== said.length) throw violation(stage, 'an act stated a fact twice', told);
}

/** Tables that say how far the ledger is, or when a credential was last used: no act of anybody. */
const bookkeeping = /^(ledger_|facts_|reactions_|migrations$|sessions$|tokens$|challenges$|decision)/;

const differing = (before: State, after: State): string[] =>
  [...after.tables].filter(([name, digest]) => before.tables.get(name) !== digest && !bookkeeping.test(name)).map(([name]) => name);
const changed = (before: State, after: State): boolean => differing(before, after).length > 0;

function bothOrNeither(
  stage: Stage,
  { before, after, mine, operation, told }: {
    before: State; after: State; mine: readonly Stated[]; operation: Operation; told: object;
  },
): void {
  saidOnce(stage, actsAmong(mine), told);
  if (changed(before, after) && mine.length === 0 && !isSilent(operation.id)) {
    throw violation(stage, 'a killed act left an effect without its fact', { told, tables: differing(before, after) });
  }
}

/** A round of the chores, which may be killed as anything else; the next round does what is left. */
async function chores(stage: Stage): Promise<void> {
  stage.tables = null;
  await stage.process.round().catch((error: unknown) => {
    if (!stage.process.life.dead) throw violation(stage, 'a round of the chores broke', String(error));
  });
  if (stage.process.life.dead) {
    await revive(stage);
    await chores(stage);
  }
}

async function startingAgainChangesNothing(stage: Stage): Promise<void> {
  stage.process.life.spare();
  // What follows from facts are facts, which are heard a round later: chains are short.
  for (let i = 0; i < 4; i++) await stage.process.round();
  const before = await stateOf(stage.lasting.db);
  const objects = new Map(stage.lasting.objects);
  stage.process = await stage.lasting.boot();
  await stage.process.round();
  stage.account.restarts += 1;
  const after = await stateOf(stage.lasting.db);
  const tables = [...after.tables].filter(([name, digest]) => before.tables.get(name) !== digest).map(([name]) => name);
  if (tables.length > 0) throw violation(stage, 'starting again changed the records', tables);
  const same = objects.size === stage.lasting.objects.size
    && [...objects].every(([name, bytes]) => Buffer.from(stage.lasting.objects.get(name) ?? []).equals(Buffer.from(bytes)));
  if (!same) throw violation(stage, 'starting again changed what is published', [...stage.lasting.objects.keys()]);
  await boot(stage);
}

async function allCheckpointsAgree(stage: Stage): Promise<void> {
  const { lasting, account, roll } = stage;
  const opened: Checkpoint[] = [];
  for (const bytes of lasting.checkpoints) {
    const note = parseNote(bytes);
    const checkpoint = note && parseCheckpoint(note.text);
    if (!note || !checkpoint) throw violation(stage, 'something was published that is no checkpoint', String(bytes));
    if (!(await verifyNote(nodeVerifying, note, [lasting.vkey])).ok) throw violation(stage, 'a checkpoint is not signed', note.text);
    opened.push(checkpoint);
  }
  const readTile: ReadTile = async (tile) => {
    const named = (width: number): Uint8Array | undefined => lasting.objects.get(`ledger/${tilePath({ ...tile, width })}`);
    const bytes = named(tile.width) ?? named(tileWidth)?.subarray(0, tile.width * 32);
    if (!bytes) throw violation(stage, 'a tile is missing', tilePath(tile));
    return bytes;
  };
  const agree = async (older: Checkpoint, newer: Checkpoint): Promise<void> => {
    const claim = { from: older.size, fromRoot: older.root, to: newer.size, toRoot: newer.root };
    const proof = await consistencyProof(tree, older.size, newer.size, readTile);
    if (!await verifyConsistency(tree.sha256, claim, proof)) throw violation(stage, 'two checkpoints do not agree', claim);
  };
  for (const [i, newer] of opened.entries()) {
    if (i > 0) await agree(opened[i - 1] as Checkpoint, newer);
    // Each with some earlier one too: agreeing with the one before is not all there is to it.
    if (i > 1) await agree(opened[Math.floor(roll() * i)] as Checkpoint, newer);
  }
  account.checkpoints = opened.length;
}
