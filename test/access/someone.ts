/** People of the tests' own, beside those of the story: any roles, any organisation, signed in. */
import type { Role } from '../../src/modules/parties/model.ts';
import { openSession } from '../../src/modules/parties/actions/sessions.ts';
import { insertPerson, personById } from '../../src/modules/parties/store.ts';
import type { TestHub } from '../hub.ts';

/** The cookie of a new session of this person, who is made where there is none yet. */
export async function someone(
  { world, composition }: TestHub, id: string, organisation: string, roles: readonly Role[],
): Promise<string> {
  if (!(await personById(world.db, id))) {
    await insertPerson(world.db, {
      id, organisation, name: id, email: null, roles: [...roles], status: 'active', language: 'en', createdAt: world.clock.iso(),
    });
  }
  const person = await personById(world.db, id);
  const cookie = { value: '' };
  await world.db.transaction((tx) => openSession(composition.parties, tx, person as never, {
    reply: { setSession: (secret: string) => { cookie.value = `entente-demo=${secret}`; } },
  } as never, 'test'));
  return cookie.value;
}
