/** Five hundred windows and five hundred facts: no view without its fact, and no fact without a view. */
import { expect, test } from 'vitest';
import { countOf } from '../some.ts';
import { isProved, openReading, type Proof } from '../reading-hub.ts';

const views = countOf(500, 100);

test('five hundred views (a hundred on any clone) give exactly as many facts, each with its own place in the log, whatever is opened again', async () => {
  const reading = await openReading(views / 2);
  const { hub, review, ask, facts } = reading;
  const places = new Set<number>();
  for (let i = 0; i < views; i++) {
    // As somebody reads: not as a copier hurries.
    hub.world.clock.advance(5_000);
    // From far to near and back, so that it is no walk.
    const file = (i * 97) % (views / 2);
    const window = { path: `src/d${file % 20}/f${file}.c`, number: i < views / 2 ? 0 : 1 };
    const answer = await ask('POST', `/api/reviews/${review}/windows`, window);
    expect(answer.status, answer.text).toBe(200);
    const shown = answer.json<{ window: { isNew: boolean; proof: Proof } }>().window;
    expect(shown.isNew).toBe(true);
    places.add(shown.proof.index);
    if (i % 50 === 0) expect(await isProved(shown.proof)).toBe(true);
    // Again within its lease: the same view.
    if (i % 10 === 0) expect((await ask('POST', `/api/reviews/${review}/windows`, window)).json<{ window: { isNew: boolean } }>().window.isNew).toBe(false);
  }
  expect([places.size, await facts('view.granted')]).toEqual([views, views]);
  await reading.close();
}, 600_000);
