import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { localDay } from '#kit/zone/midnight';
import { newYearDay, solarDay } from './lunar.ts';
import { holidaysOf, isWorkingDay, nextDigest, nextWorkingMoment, type WorkingCalendar } from './working.ts';

/** Published days of Tết at UTC+7. In 1968, 1985, 2007, 2030 and 2053 they are not those of the calendar at UTC+8. */
const published = `1968-01-29 1985-01-21 2000-02-05 2001-01-24 2002-02-12 2003-02-01 2004-01-22 2005-02-09 2006-01-29 2007-02-17
2008-02-07 2009-01-26 2010-02-14 2011-02-03 2012-01-23 2013-02-10 2014-01-31 2015-02-19 2016-02-08 2017-01-28 2018-02-16
2019-02-05 2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13
2030-02-02 2031-01-23 2032-02-11 2033-01-31 2034-02-19 2035-02-08 2036-01-28 2037-02-15 2038-02-04 2039-01-24 2040-02-12 2053-02-18`
  .split(/\s+/);
const hungKings = ['2020-04-02', '2021-04-21', '2022-04-10', '2023-04-29', '2024-04-18', '2025-04-07', '2026-04-26'];

const vn: WorkingCalendar = { zone: 'Asia/Ho_Chi_Minh', opens: 480, closes: 1020, digestAt: 510, decided: [] };
const at = (text: string): number => Date.parse(text);

describe('the lunar calendar', () => {
  test.each(published)('Tết of %s', (day) => expect(newYearDay(Number(day.slice(0, 4)))).toBe(day));
  test.each(hungKings)('the Hùng Kings’ day %s', (day) => expect(solarDay(Number(day.slice(0, 4)), 3, 10)).toBe(day));
  test('has a New Year between 20 January and 21 February, 353 to 385 days apart', () => {
    for (let year = 1970; year < 2100; year++) {
      const day = newYearDay(year);
      expect(day >= `${year}-01-20` && day <= `${year}-02-21`, day).toBe(true);
      const days = (at(newYearDay(year + 1)) - at(day)) / 86_400_000;
      expect(days >= 353 && days <= 385, `${day} ${days}`).toBe(true);
    }
  });
});

describe('working days', () => {
  test('know weekends, holidays, and the day off instead', () => {
    // 26 April 2026, the Hùng Kings’ day, is a Sunday: Monday is off.
    expect(['2026-04-24', '2026-04-25', '2026-04-26', '2026-04-27', '2026-04-28'].map((d) => isWorkingDay(d, vn)))
      .toEqual([true, false, false, false, true]);
    expect(['2026-02-13', '2026-02-16', '2026-02-20', '2026-02-23'].map((d) => isWorkingDay(d, vn))).toEqual([true, false, false, true]);
    expect(holidaysOf(2026).get('2026-02-17')).toBe('tet');
  });
  test('a decision of the year moves them', () => {
    const decided = { ...vn, decided: [{ day: '2026-04-25', works: true }, { day: '2026-04-24', works: false }] };
    expect(['2026-04-24', '2026-04-25'].map((d) => isWorkingDay(d, decided))).toEqual([false, true]);
  });
  test('what is gathered before Tết goes out at the first hour after it', () => {
    // Friday 13 February 2026, 10:00 local, is after that day's digest; Tết is from the 16th to the 20th.
    expect(new Date(nextDigest(at('2026-02-13T03:00:00Z'), vn)).toISOString()).toBe('2026-02-23T01:30:00.000Z');
    expect(new Date(nextWorkingMoment(at('2026-02-13T11:00:00Z'), vn)).toISOString()).toBe('2026-02-23T01:00:00.000Z');
    expect(new Date(nextDigest(at('2026-06-15T01:30:00Z'), vn)).toISOString()).toBe('2026-06-15T01:30:00.000Z');
    expect(new Date(nextWorkingMoment(at('2026-06-15T04:00:00Z'), vn)).toISOString()).toBe('2026-06-15T04:00:00.000Z');
  });
  test('never answer a moment before the one asked for, nor one outside of hours', () => {
    fc.assert(fc.property(fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2035-01-01T00:00:00Z') }), (moment) => {
      const due = nextWorkingMoment(moment, vn);
      const minutes = (due - at(`${localDay(due, vn.zone)}T00:00:00+07:00`)) / 60_000;
      expect(due >= moment && isWorkingDay(localDay(due, vn.zone), vn) && minutes >= 480 && minutes < 1020).toBe(true);
      expect(nextDigest(moment, vn)).toBeGreaterThanOrEqual(moment);
      expect(due - moment).toBeLessThan(15 * 86_400_000);
    }), { numRuns: 300 });
  });
});
