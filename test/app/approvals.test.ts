/** Two-person acts over the whole hub (OV-02, OV-03, OV-04, GR-11): who may agree, to what, for how long, and how often. */
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endpoint, type Caller } from '#kit/endpoint';
import { stateFact } from '#world/facts';
import type { Room } from '../../src/app/room.ts';
import type { World } from '../../src/app/world.ts';
import { rememberPasskey } from '../../src/modules/parties/approvals-store.ts';
import { approvalOf } from '../../src/modules/parties/approvals-store.ts';
import { personById, savePerson } from '../../src/modules/parties/store.ts';
import { testHub, type Answer, type TestHub } from '../hub.ts';

const input = z.strictObject({ agreement: z.string(), text: z.string(), fail: z.boolean().default(false) });
const output = z.strictObject({ by: z.string() });
const across = { from: 'other-party', right: 'agreement.sign', when: 'always', party: 'agreement' } as const;

/** An act that needs the other party, done as it should be; and one that forgets to use its approval up. */
const trialApi = {
  'trials.amend': endpoint({
    method: 'POST', path: '/api/trials/amend', summary: 'Amends, with the other party.', input, output,
    needs: { right: 'agreement.sign', by: 'role', approval: across },
  }),
  'trials.forget': endpoint({
    method: 'POST', path: '/api/trials/forget', summary: 'Forgets its approval.', input, output,
    needs: { right: 'agreement.sign', by: 'role', approval: across },
  }),
} as const;

function trialRoom(world: World): Room {
  return {
    name: 'trials', api: trialApi, routes: [],
    actions: {
      'trials.amend': (given: z.output<typeof input>, { actor, approved }: Caller) => world.db.transaction(async (tx) => {
        const { by } = await approved(tx);
        await stateFact(tx, {
          class: 'trial.amended', at: world.clock.iso(), actor: actor.person, org: actor.org, subject: given.agreement,
          readers: [], clauses: [], body: {},
        });
        if (given.fail) throw new Error('the act broke after its approval was used');
        return { by };
      }),
      'trials.forget': async () => ({ by: 'nobody' }),
    },
  };
}

const at: { hub?: TestHub } = {};
const hub = (): TestHub => at.hub as TestHub;
const code = (answer: Answer): string => answer.json<{ code: string }>().code;

beforeAll(async () => { at.hub = await testHub({ rooms: (world) => [trialRoom(world)] }); });
afterAll(() => at.hub?.close());

interface Asked { readonly id: string; readonly inputSha256: string }
const raise = { person: 'per_lan', roles: ['duty-officer', 'administrator'] };
const amend = { agreement: 'agr_kestrel', text: 'one word more' };

async function request(cookie: string, operation: string, content: object): Promise<Asked> {
  const answer = await hub().ask('POST', '/api/approvals', { operation, input: content, reason: 'for the test' }, { cookie });
  expect(answer.status, answer.text).toBe(201);
  return answer.json<Asked>();
}
const approve = (cookie: string, { id, inputSha256 }: Asked) =>
  hub().ask('POST', `/api/approvals/${id}/approve`, { inputSha256 }, { cookie });
const perform = (cookie: string, { id }: Asked, path: string, body: object, method = 'POST') =>
  hub().ask(method, path, body, { cookie, headers: { 'entente-approval': id } });
const amended = async (): Promise<number> => {
  await hub().composition.sequencer.drain();
  const answer = await hub().ask('GET', '/api/facts?class=trial.amended&subject=agr_kestrel', undefined, { cookie: await hub().as('per_minh') });
  return answer.json<{ facts: unknown[] }>().facts.length;
};

describe('OV-02: two people are two humans', () => {
  test('the same person, a second account by e-mail or passkey, and the one who gains are refused', async () => {
    const thao = await hub().as('per_thao');
    const { db } = hub().world;
    const asker = await hub().enter({
      id: 'per_asker', organisation: 'org_hub', roles: ['administrator'], email: 'Asker@Centre.example',
    });
    const twin = await hub().enter({
      id: 'per_twin', organisation: 'org_hub', roles: ['administrator'], email: ' asker@centre.EXAMPLE ',
    });
    const keyed = await hub().enter({ id: 'per_keyed', organisation: 'org_hub', roles: ['principal'] });
    await rememberPasskey(db, 'one-key-of-two', 'per_asker');
    await rememberPasskey(db, 'one-key-of-two', 'per_keyed');
    const asked = await request(asker, 'people.assign', raise);
    expect(code(await approve(asker, asked))).toBe('approval.own');
    expect(code(await approve(twin, asked))).toBe('approval.same-identity');
    expect(code(await approve(keyed, asked))).toBe('approval.same-identity');
    const gains = await request(asker, 'people.assign', { person: 'per_thao', roles: ['administrator', 'principal'] });
    expect(code(await approve(thao, gains))).toBe('approval.own-gain');
    const invited = await request(thao, 'invitations.create', { name: 'x', email: 'asker@centre.example', roles: ['principal'] });
    expect(code(await approve(asker, invited))).toBe('approval.own-gain');
    expect((await approve(thao, asked)).status).toBe(200);
  });
  test('what the other party has to agree to, nobody of the own organisation can; strangers do not know of it', async () => {
    const minh = await hub().as('per_minh');
    const colleague = await hub().enter({ id: 'per_second-head', organisation: 'org_hub', roles: ['principal'] });
    const asked = await request(minh, 'trials.amend', amend);
    expect(code(await approve(colleague, asked))).toBe('approval.wrong-organisation');
    expect(code(await approve(await hub().as('per_moser'), asked))).toBe('approval.right-missing');
    expect(code(await approve(await hub().as('per_rivera'), asked))).toBe('approval.not-found');
    const unknown = await hub().ask('POST', '/api/approvals',
      { operation: 'trials.amend', input: { ...amend, agreement: 'agr_meridian' }, reason: 'not mine' }, { cookie: await hub().as('per_keller') });
    expect([unknown.status, code(unknown)]).toEqual([404, 'agreement.not-found']);
    expect((await approve(await hub().as('per_keller'), asked)).status).toBe(200);
    const done = await perform(minh, asked, '/api/trials/amend', amend);
    expect([done.status, done.json()]).toEqual([200, { by: 'per_keller' }]);
  });
  test('who approved and lost the right before the act has approved nothing', async () => {
    const minh = await hub().as('per_minh');
    const keller = await hub().as('per_keller');
    const asked = await request(minh, 'trials.amend', amend);
    await approve(keller, asked);
    const person = await personById(hub().world.db, 'per_keller');
    if (!person) throw new Error('no Keller');
    await savePerson(hub().world.db, { ...person, roles: ['feed-operator'] });
    expect(code(await perform(minh, asked, '/api/trials/amend', amend))).toBe('approval.void');
    await savePerson(hub().world.db, person);
    expect((await perform(minh, asked, '/api/trials/amend', amend)).status).toBe(200);
  });
});

describe('OV-03, OV-04: exactly this, once, within a day', () => {
  const agreed = async (content: object = amend): Promise<{ minh: string; asked: Asked }> => {
    const minh = await hub().as('per_minh');
    const asked = await request(minh, 'trials.amend', content);
    expect((await approve(await hub().as('per_keller'), asked)).status).toBe(200);
    return { minh, asked };
  };
  test('without it the act does not begin; the refusal says whom to ask', async () => {
    const answer = await hub().ask('POST', '/api/trials/amend', amend, { cookie: await hub().as('per_minh') });
    expect([answer.status, code(answer)]).toEqual([403, 'approval.required']);
    expect(answer.json<{ ask: string }>().ask).toBe('a person of the other party who is principal');
  });
  test('one byte more makes it void, for the first content too; a field left to its default is the same content', async () => {
    const { minh, asked } = await agreed();
    expect(code(await perform(minh, asked, '/api/trials/amend', { ...amend, text: 'one word more.' }))).toBe('approval.other-content');
    expect(code(await perform(minh, asked, '/api/trials/amend', amend))).toBe('approval.void');
    const again = await agreed({ text: amend.text, fail: false, agreement: amend.agreement });
    expect((await perform(minh, again.asked, '/api/trials/amend', amend)).status).toBe(200);
  });
  test('an approval for one act is void for another, and is nobody else’s', async () => {
    const { minh, asked } = await agreed();
    const colleague = await hub().enter({ id: 'per_second-head', organisation: 'org_hub', roles: ['principal'] });
    expect(code(await perform(colleague, asked, '/api/trials/amend', amend))).toBe('approval.not-found');
    expect(code(await perform(await hub().as('per_keller'), asked, '/api/trials/amend', amend))).toBe('approval.not-found');
    expect(code(await perform(minh, asked, '/api/trials/forget', amend))).toBe('approval.other-content');
    expect(code(await perform(minh, asked, '/api/trials/amend', amend))).toBe('approval.void');
  });
  test('of ten requests at one moment one acts; the act and the use of its approval are one transaction', async () => {
    const { minh, asked } = await agreed();
    const before = await amended();
    const answers = await Promise.all(Array.from({ length: 10 }, () => perform(minh, asked, '/api/trials/amend', amend)));
    expect(answers.map((a) => a.status).sort()).toEqual([200, ...Array<number>(9).fill(409)]);
    expect(await amended()).toBe(before + 1);
    const broken = await agreed({ ...amend, fail: true });
    expect((await perform(minh, broken.asked, '/api/trials/amend', { ...amend, fail: true })).status).toBe(500);
    expect((await approvalOf(hub().world.db, 'org_hub', broken.asked.id))?.state).toBe('approved');
    expect(await amended()).toBe(before + 1);
  });
  test('an act that would be done without using its approval up is a fault, and its answer is withheld', async () => {
    const minh = await hub().as('per_minh');
    const asked = await request(minh, 'trials.forget', amend);
    await approve(await hub().as('per_keller'), asked);
    const answer = await perform(minh, asked, '/api/trials/forget', amend);
    expect([answer.status, answer.text.includes('nobody')]).toEqual([500, false]);
  });
  test('it holds a millisecond short of a day and not at the day; a request waits a week', async () => {
    const { minh, asked } = await agreed();
    const { asked: late } = await agreed({ ...amend, text: 'late' });
    const waiting = await request(minh, 'trials.amend', { ...amend, text: 'waits' });
    hub().world.clock.advance(86_400_000 - 1);
    expect((await perform(await hub().as('per_minh'), asked, '/api/trials/amend', amend)).status).toBe(200);
    hub().world.clock.advance(1);
    expect(code(await perform(await hub().as('per_minh'), late, '/api/trials/amend', { ...amend, text: 'late' }))).toBe('approval.expired');
    hub().world.clock.advance(6 * 86_400_000);
    expect(code(await approve(await hub().as('per_keller'), waiting))).toBe('approval.not-waiting');
  });
});

describe('a weighty act asks that the person is there', () => {
  test('a session left open for five minutes agrees to nothing and signs nothing; a token never does', async () => {
    const { clock } = hub().world;
    const head = await hub().enter({ id: 'per_present', organisation: 'org_hub', roles: ['principal'] });
    const sign = (options: object) => hub().ask('POST', '/api/agreements/agr_neverwas/sign', { documentSha256: 'f'.repeat(64) }, options);
    clock.advance(5 * 60_000 - 1);
    expect(code(await sign({ cookie: head }))).toBe('agreement.not-found');
    clock.advance(1);
    expect(code(await sign({ cookie: head }))).toBe('session.not-fresh');
    expect(code(await approve(head, { id: 'apv_neverwas', inputSha256: 'f'.repeat(64) }))).toBe('session.not-fresh');
    const made = await hub().ask('POST', '/api/tokens', { name: 'x', scopes: ['agreement.sign', 'approval.decide'], days: 1 }, { cookie: head });
    const headers = { authorization: `Bearer ${made.json<{ secret: string }>().secret}` };
    expect(code(await sign({ headers }))).toBe('token.not-in-person');
  });
  test('the chooser’s sessions are always fresh in the demonstration, and only there', async () => {
    const chosen = await hub().enter({ id: 'per_present', organisation: 'org_hub' }, 'demonstration');
    hub().world.clock.advance(3600_000);
    const sign = (on: TestHub, cookie: string) =>
      on.ask('POST', '/api/agreements/agr_neverwas/sign', { documentSha256: 'f'.repeat(64) }, { cookie });
    expect(code(await sign(hub(), chosen))).toBe('agreement.not-found');
    const production = await testHub({ demo: false });
    const same = await production.enter({ id: 'per_present', organisation: 'org_hub', roles: ['principal'] }, 'demonstration');
    production.world.clock.advance(3600_000);
    expect(code(await sign(production, same))).toBe('session.not-fresh');
    await production.close();
  });
});
