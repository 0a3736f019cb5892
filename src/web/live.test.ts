import { expect, test } from 'vitest';
import { apis } from '../app/outline.ts';
import { touches } from './live.ts';

test.each([
  ['/api/agreements', 'agreement.signed', true], ['/api/agreements/:agreement/matrix', 'agreement.part-withdrawn', true],
  ['/api/batches', 'batch.stored', true], ['/api/public/rankings/:series', 'batch.stored', true], ['/api/people', 'person.suspended', true],
  ['/api/facts', 'batch.stored', true], ['/api/agreements', 'batch.stored', false], ['/api/feeds', 'feed.suspended', true],
  ['/api/session', 'person.assigned', true], ['/api/people', 'token.created', false], ['bytes', 'agreement.signed', false],
  // Or a page that looks would be told that it has looked, and look again.
  ['/api/exposure', 'exposure.viewed', false], ['/api/facts', 'exposure.viewed', true],
])('%s after %s: %s', (path, name, touched) => expect(touches(path, name)).toBe(touched));

test('every list of every module is asked for anew by some fact of its noun', () => {
  const lists = apis.flatMap(([, api]) => Object.values(api)).filter((e) => e.method === 'GET' && /\.(list|view)$/.test(e.needs.right));
  const nouns = new Set(lists.filter((e) => e.needs.by === 'role').map((e) => e.needs.right.split('.')[0] ?? ''));
  const untouched = [...nouns].filter((noun) => {
    const own = lists.filter((e) => e.needs.right.startsWith(`${noun}.`));
    return !own.some((e) => touches(e.path, `${noun === 'event' ? 'batch' : noun}.changed`));
  });
  expect(untouched).toEqual([]);
});
