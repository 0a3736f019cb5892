import { expect, test } from 'vitest';
import { testEvents } from '#world/events/fake';
import { hoursToRepair, median } from './websites.ts';
import { websitesSuite } from './websites-suite.ts';

websitesSuite(testEvents);

test('hours to repair are from the first sight; a repair before it is none', () => {
  expect(hoursToRepair('2020-04-01T00:00:00Z', '2020-04-01T06:03:00Z')).toBe(6.1);
  expect(hoursToRepair('2020-04-01T00:00:00Z', '2020-03-31T23:00:00Z')).toBeNull();
  expect(hoursToRepair('2020-04-01T00:00:00Z', null)).toBeNull();
});

test('the median of an even count is between the two in the middle; of none there is none', () => {
  expect([median([]), median([5]), median([9, 1, 4]), median([1, 2, 3, 10])]).toEqual([null, 5, 4, 2.5]);
});
