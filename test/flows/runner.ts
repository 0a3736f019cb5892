/**
 * Runs a story over the hub: signs in who acts, sends what they ask, and holds the answer to what the story says. It reports
 * which endpoints were asked and which of them said yes, so that a test can see that none is without a story.
 */
import { evidenceOn, keyOf } from '../../src/kit/attest/testing.ts';
import { tarOf } from '../../src/kit/archive/testing.ts';
import { sampleCapture } from '../../src/kit/flows/testing.ts';
import { isDeepStrictEqual } from 'node:util';
import { commitmentOf, parseLeaf } from '#kit/bundle/leaf';
import { nodeVerifier } from '#kit/bundle/testing';
import { verifyBundle } from '#kit/bundle/verify';
import { fromBase64, fromHex, toUtf8 } from '#kit/encoding';
import { nodeTreeHash as tree, nodeVerifying } from '#kit/hash/node';
import { verifyInclusion } from '#kit/merkle/proofs';
import { parsePolicy } from '#kit/note/policy';
import { served200, testObserver } from '../../src/kit/watch/staged.ts';
import { jpegOf, scaled, screen } from '../../src/kit/watermark/testing.ts';
import { asHub } from '#world/db/scope';
import { round } from '../../src/app/chores.ts';
import type { Answer, TestHub } from '../hub.ts';
import { at, filled, wrong, type Claim, type Place, type Step, type Story } from './story.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** Who acts: a person of the story by cookie, a program by token, or nobody. */
type Actor = { readonly cookie?: string; readonly headers?: Record<string, string> };

interface Telling {
  readonly hub: TestHub;
  readonly kept: Map<string, string>;
  readonly asked: Asked[];
  actor: Actor;
}

/** Tells a story, and adds to `asked` what it asked, also where it fails on the way. */
export async function tell(story: Story, hub: TestHub, asked: Asked[] = []): Promise<void> {
  const telling: Telling = { hub, kept: new Map(), asked, actor: {} };
  for (const step of story.steps) await take(telling, step);
}

async function take(telling: Telling, step: Step): Promise<void> {
  const { hub } = telling;
  if (step.kind === 'as') telling.actor = await actorOf(telling, step);
  else if (step.kind === 'clock') moveClock(telling, step, step.words);
  else if (step.kind === 'drain') await hub.composition.sequencer.drain();
  else if (step.kind === 'letter') keepLetter(telling, step);
  else if (step.kind === 'dns') hub.world.names.publish(step.name, filled(step, step.text, telling.kept));
  else if (step.kind === 'round') {
    await round(hub.world, hub.composition);
    await hub.composition.collector.idle();
  }
  else if (step.kind === 'attest') await attest(telling, step);
  else if (step.kind === 'source') await bring(telling, step);
  else if (step.kind === 'key') telling.kept.set(step.keyid, testObserver(step.keyid).publicKey);
  else if (step.kind === 'look') await look(telling, step);
  else if (step.kind === 'rebuilder') telling.kept.set(step.keep, keyOf(step.name).publicKey);
  else if (step.kind === 'evidence') await sendEvidence(telling, step);
  else if (step.kind === 'screen') await showScreen(telling, step);
  else if (step.kind === 'capture') await capture(telling, step);
  else if (step.kind === 'fact') await checkFact(telling, step);
  else await request(telling, step);
}

/** The secret of the link in the last letter to an address; with `-id` behind its name, the letter's own id. */
function keepLetter({ hub, kept }: Telling, step: Step & { kind: 'letter' }): void {
  const letter = hub.world.mail.letters.findLast((l) => l.to.address === step.to);
  const secret = /\/notice#([\w-]{43})/.exec(letter?.text ?? '')?.[1];
  if (!secret) throw wrong(step, `no letter with a link went to ${step.to}`);
  kept.set(step.keep, secret);
  kept.set(`${step.keep}-id`, letter?.messageId ?? '');
}

async function actorOf({ hub, kept }: Telling, step: Step & { kind: 'as' }): Promise<Actor> {
  const who = filled(step, step.who, kept);
  if (who === 'nobody') return {};
  const [, token] = /^token (\S+)$/.exec(who) ?? [];
  if (token) return { headers: { authorization: `Bearer ${token}` } };
  const [, cookie] = /^session (\S+)$/.exec(who) ?? [];
  if (cookie) return { cookie };
  return { cookie: await hub.as(who).catch((error: Error) => { throw wrong(step, error.message); }) };
}

/** What the page's button “Attest all that I may” does. */
async function attest({ hub, kept, actor, asked }: Telling, step: Step & { kind: 'attest' }): Promise<void> {
  const path = `/api/agreements/${filled(step, step.agreement, kept)}`;
  const seen = await hub.ask('GET', path, undefined, actor);
  if (seen.status !== 200) throw wrong(step, `it is not there to attest: ${seen.text}`);
  const open = seen.json<{ attesting: { clause: string; sha256: string; mine: string }[] }>().attesting.filter((c) => c.mine === 'open');
  const body = { clauses: open.map((c) => ({ clause: c.clause, clauseSha256: c.sha256 })) };
  const answer = await hub.ask('POST', `${path}/attest`, body, actor);
  asked.push({ method: 'POST', path: `${path}/attest`, status: answer.status });
  if (answer.status !== 200) throw wrong(step, `was not attested: ${answer.text.slice(0, 800)}`);
}

/** A small archive, sent as a steward sends one. All of it is ASCII, so it may go as text. */
async function bring({ hub, kept, actor, asked }: Telling, step: Step & { kind: 'source' }): Promise<void> {
  const path = `/api/releases/${filled(step, step.release, kept)}/sources`;
  const tar = tarOf([
    { path: 'src/main.c', text: 'int main(void) { return 0; }\n'.repeat(300) }, { path: 'src/update.c', text: '  strcpy(name, packet->name);\n' },
    { path: 'README', text: 'What it is.\n' },
  ]);
  const answer = await hub.ask('POST', `${path}?access=agreement&tlp=AMBER&keepTop=yes`, Buffer.from(tar).toString('latin1'), actor);
  asked.push({ method: 'POST', path, status: answer.status });
  const last = JSON.parse(answer.text.trim().split('\n').at(-1) ?? '{}') as { phase?: string; artefact?: { id: string } };
  if (last.phase !== 'done' || !last.artefact) throw wrong(step, `was not taken: ${answer.text.slice(0, 800)}`);
  kept.set('source', last.artefact.id);
}

/** What an observer was served at this hour; each look is a second of its own, so that its number grows. */
async function look({ hub, kept, actor, asked }: Telling, step: Step & { kind: 'look' }): Promise<void> {
  hub.world.clock.advance(1_000);
  const channel = filled(step, step.channel, kept);
  const [listed, other] = [toUtf8('The update.'), toUtf8('The Update.')];
  const view = served200({
    serial: 1, version: '1.0', at: '2026-06-01T00:00:00Z', files: { shield: { listed, ...step.served === 'other' ? { served: other } : {} } },
  });
  const at = hub.world.clock.iso();
  const envelope = await testObserver(step.keyid).look({ channel, number: hub.world.clock.now() / 1_000, at,
    url: 'https://updates.example/stable.json', view });
  const path = `/api/update-channels/${channel}/observations`;
  const answer = await hub.ask('POST', path, { envelope, view, sent: at }, actor);
  asked.push({ method: 'POST', path, status: answer.status });
  if (answer.status !== 201) throw wrong(step, `was not taken: ${answer.text.slice(0, 800)}`);
  const taken = answer.json<{ alarms: string[]; wanted: { alarm: string; sha256: string }[] }>();
  const split = taken.alarms.at(-1);
  if (split === undefined) return;
  kept.set('alarm', split);
  kept.set('piece', taken.wanted.find((w) => w.alarm === split)?.sha256 ?? '');
}

/** What a rebuilder sends; the words are files. */
async function sendEvidence({ hub, kept, actor, asked }: Telling, step: Step & { kind: 'evidence' }): Promise<void> {
  const path = `/api/releases/${filled(step, step.release, kept)}/rebuilds`;
  const query = step.corrects === null ? '' : `?reason=another+machine&corrects=${filled(step, step.corrects, kept)}`;
  const text = await evidenceOn({ signer: keyOf(step.by).signer, at: hub.world.clock.iso(), log: `$ make\n${step.rebuilt}\n` }, [
    { name: 'shipped.bin', shipped: Buffer.from(step.shipped), rebuilt: step.rebuilt === '-' ? null : Buffer.from(step.rebuilt) },
  ]);
  const answer = await hub.ask('POST', `${path}${query}`, text, actor);
  asked.push({ method: 'POST', path, status: answer.status });
  if (answer.status !== 201) throw wrong(step, `was not taken: ${answer.text.slice(0, 800)}`);
  const { rebuild, verdicts } = answer.json<{ rebuild: { id: string }; verdicts: { id: string }[] }>();
  kept.set('rebuild', rebuild.id);
  kept.set('verdict', verdicts[0]?.id ?? '');
}

/** What somebody's own machine would save of the reading room, at four fifths of its size. */
async function showScreen({ hub, kept, actor, asked }: Telling, step: Step & { kind: 'screen' }): Promise<void> {
  const id = filled(step, step.review, kept);
  const found = await asHub('the number of a mark', () => hub.world.db.as<{ centre_review: { id: string; code: string } }>().selectFrom('centre_review')
    .select('code').where('id', '=', id).executeTakeFirst());
  if (!found) throw wrong(step, 'there is no such sitting');
  const picture = jpegOf(scaled(screen({ width: 420, height: 320, id: Number.parseInt(found.code, 16), dark: false, seed: 1 }), 0.8), 60);
  const answer = await hub.ask('POST', '/api/watermarks', picture, actor);
  asked.push({ method: 'POST', path: '/api/watermarks', status: answer.status });
  if (answer.json<{ found?: { review: string } | null }>().found?.review !== id) throw wrong(step, `it was not told whose it is: ${answer.text}`);
}

/** What a reviewer's own machine would have caught of the product in an hour: some declared, some not. */
async function capture({ hub, kept, actor, asked }: Telling, step: Step & { kind: 'capture' }): Promise<void> {
  const path = `/api/visits/${filled(step, step.visit, kept)}/flow-comparisons`;
  const query = `artefact=${filled(step, step.artefact, kept)}&device=10.0.0.5&lab=10.0.0.0/24`;
  const answer = await hub.ask('POST', `${path}?${query}`, sampleCapture('10.0.0.5'), actor);
  asked.push({ method: 'POST', path, status: answer.status });
  const last = JSON.parse(answer.text.trim().split('\n').at(-1) ?? '{}') as { phase?: string; comparison?: { id: string } };
  if (last.phase !== 'done' || !last.comparison) throw wrong(step, `was not compared: ${answer.text.slice(0, 800)}`);
  kept.set('comparison', last.comparison.id);
}

const milliseconds = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `+2h`, `+30m`, or an instant that the clock is moved on to. */
function moveClock({ hub }: Telling, place: Place, words: string): void {
  const [, count, unit] = /^\+(\d+)([smhd])$/.exec(words) ?? [];
  const by = count !== undefined
    ? Number(count) * milliseconds[unit as keyof typeof milliseconds] : Date.parse(words) - hub.world.clock.now();
  if (!Number.isFinite(by) || by < 0) throw wrong(place, `the clock cannot be moved by “${words}”`);
  hub.world.clock.advance(by);
}

async function checkFact(telling: Telling, step: Step & { kind: 'fact' }): Promise<void> {
  const { hub, kept, actor } = telling;
  await hub.composition.sequencer.drain();
  const subject = filled(step, step.subject, kept);
  const answer = await hub.ask('GET', `/api/facts?class=${step.name}&subject=${encodeURIComponent(subject)}`, undefined, actor);
  if (answer.status !== 200) throw wrong(step, `the facts are not readable: ${answer.status} ${answer.text}`);
  const { facts } = answer.json<{ facts: { index: number }[] }>();
  if (facts.length !== step.times) throw wrong(step, `${facts.length} facts ${step.name} of ${subject}, not ${step.times}`);
  if (facts[0]) kept.set('fact', String(facts[0].index));
}

async function request(telling: Telling, step: Step & { kind: 'request' }): Promise<void> {
  const { hub, kept, actor, asked } = telling;
  const path = filled(step, step.path, kept);
  const body = step.body === null ? undefined : filled(step, step.body, kept);
  const approval = step.claims.find((claim) => claim.verb === 'approval')?.words;
  const headers = {
    ...actor.headers, ...(approval === undefined ? {} : { 'entente-approval': filled(step, approval, kept) }),
    // What is added by TAXII says so; everything else is JSON of ours or a file.
    ...(step.method === 'POST' && path.startsWith('/taxii2/') ? { 'content-type': 'application/taxii+json;version=2.1' } : {}),
  };
  const answer = await hub.ask(step.method, path, body, { ...actor, headers });
  asked.push({ method: step.method, path: path.split('?')[0] ?? path, status: answer.status });
  const expected = step.claims.find((claim) => claim.verb === 'status')?.words ?? '200';
  if (String(answer.status) !== expected) {
    throw wrong(step, `${step.method} ${path} answered ${answer.status}, not ${expected}: ${answer.text.slice(0, 800)}`);
  }
  for (const claim of step.claims) await hold(telling, claim, answer);
}

/** JSON as it is; NDJSON as `lines` and `last`. */
function documentOf(answer: Answer): unknown {
  if (!/ndjson/.test(answer.headers.get('content-type') ?? '')) return answer.json();
  const lines = answer.text.trim().split('\n').map((line) => JSON.parse(line) as unknown);
  return { lines, last: lines.at(-1) };
}

async function hold(telling: Telling, claim: Claim, answer: Answer): Promise<void> {
  const words = filled(claim, claim.words, telling.kept);
  const [path = '', ...rest] = words.split(' ');
  const value = rest.join(' ');
  const no = (what: string): Error => wrong(claim, `${what}\n${answer.text.slice(0, 1500)}`);
  switch (claim.verb) {
    case 'status':
    case 'approval': return;
    case 'code': return is(at(documentOf(answer), 'code'), words, no);
    case 'is': return is(at(documentOf(answer), path), JSON.parse(value), no);
    case 'has':
      if (at(documentOf(answer), path) === undefined) throw no(`${path} is not there`);
      return;
    case 'contains':
      if (!answer.text.includes(words)) throw no(`does not contain ${words}`);
      return;
    case 'lacks':
      if (answer.text.includes(words)) throw no(`contains ${words}`);
      return;
    case 'count': {
      const list = at(documentOf(answer), path);
      if (!Array.isArray(list)) throw no(`${path} is no list`);
      return is(list.length, Number(value), no);
    }
    case 'header':
      if (!(answer.headers.get(path) ?? '').includes(value)) throw no(`the header ${path} is ${answer.headers.get(path)}`);
      return;
    case 'keep': return keep(telling, claim, words, answer);
    case 'same': return is(answer.text, telling.kept.get(words.replace(/^as /, '')), no);
    case 'verifies': return verifies(telling, claim, answer);
    case 'proves': return proves(claim, answer);
  }
}

function is(found: unknown, expected: unknown, no: (what: string) => Error): void {
  if (!isDeepStrictEqual(found, expected)) throw no(`is ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
}

/** `keep PATH as NAME`, `keep PATH after TEXT as NAME`, `keep the answer as NAME`, `keep the session as NAME`. */
function keep({ kept }: Telling, claim: Claim, words: string, answer: Answer): void {
  const [, path = '', after, name = ''] = /^(.+?)(?: after (\S+))? as ([\w-]+)$/.exec(words) ?? [];
  const value = path === 'the answer' ? answer.text
    : path === 'the session' ? answer.headers.get('set-cookie')?.split(';')[0]
      : at(documentOf(answer), path);
  if (name === '' || value === undefined || value === null || typeof value === 'object') {
    throw wrong(claim, `cannot keep ${words}: ${JSON.stringify(value)}`);
  }
  const text = String(value);
  kept.set(name, after === undefined ? text : text.slice(text.indexOf(after) + after.length));
}

/** The answer is a bundle that the verifier accepts by the log's own key. */
async function verifies({ hub }: Telling, claim: Claim, answer: Answer): Promise<void> {
  const { vkey } = (await hub.ask('GET', '/api/ledger/status')).json<{ vkey: string }>();
  const policy = await parsePolicy(nodeVerifying, toUtf8(`log ${vkey}\nquorum none\n`));
  const verdict = await verifyBundle([toUtf8(answer.text)], policy, nodeVerifier);
  if (verdict.verdict !== 'verified') throw wrong(claim, `the bundle does not verify: ${JSON.stringify(verdict)}`);
}

/** The answer is a leaf with its proof, and where it is a whole fact, the text that the leaf commits to. */
async function proves(claim: Claim, answer: Answer): Promise<void> {
  type Proof = { readonly index: number; readonly size: number; readonly root: string; readonly hashes: readonly string[] };
  type Opened = { readonly leaf: string; readonly text?: string; readonly salt?: string; readonly proof?: Proof };
  const opened = answer.json<Opened & Proof>();
  const bytes = (text: string): Uint8Array => fromBase64(text) ?? new Uint8Array(0);
  if (opened.text !== undefined) {
    const commitment = commitmentOf(tree.sha256, fromHex(opened.salt ?? '') ?? new Uint8Array(0), toUtf8(opened.text));
    if (parseLeaf(opened.leaf)?.commitment !== commitment) throw wrong(claim, 'the leaf does not commit to the text');
  }
  const { index, size, root, hashes } = opened.proof ?? opened;
  const leafHash = tree.leaf(toUtf8(opened.leaf));
  if (!await verifyInclusion(tree.sha256, { index, size, leafHash, root: bytes(root) }, hashes.map(bytes))) {
    throw wrong(claim, 'the proof does not lead to the root');
  }
}
