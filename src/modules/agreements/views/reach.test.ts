/** Every clause of reach that the hub states is read by the page: none is left in the hub's English. */
import { expect, test } from 'vitest';
import type { Words } from '#ui/words';
import { draftFrom } from '../draft.ts';
import { gainsAndLosses } from '../rules/gains.ts';
import { templates } from '../templates.ts';
import { sayReach } from './reach.ts';

/** Says the key itself, so that what has no words shows. */
const words: Words = {
  t: (key) => `[${key}]`, has: () => true, tongue: 'vi', number: String, percent: String, compact: String, day: (iso) => iso,
  moment: (iso) => iso, country: (code) => code, own: (common) => common, compare: () => 0,
};

test.each(templates.map((template) => [template.name, template] as const))('the reach of each right of %s has words', (_, template) => {
  const drafted = draftFrom(template, {
    id: 'agr_one', authority: 'org_one', counterpart: 'org_two', parts: template.parts.map((p) => p.id), products: ['One', 'Two'],
    effectiveOn: '2026-01-01', expiresOn: '2029-01-01', zone: 'Asia/Ho_Chi_Minh', createdAt: '2025-12-01T00:00:00.000Z',
  });
  const strict = {
    ...drafted, clauses: drafted.clauses.map((clause) => ({
      ...clause, machine: {
        ...clause.machine, grants: clause.machine.grants.map((grant) => ({
          ...grant, roles: ['reviewer' as const], persons: ['per_one'], notBefore: '2026-02-01T00:00:00Z', expires: '2027-02-01T00:00:00Z',
          conditions: { mfa: true, networks: ['192.0.2.0/24', '2001:db8::/32'], approvals: { count: 2, from: 'other-party' as const } },
        })),
      },
    })),
  };
  const { gains } = gainsAndLosses([], [drafted, strict]);
  expect(gains.length).toBeGreaterThan(0);
  const left = gains.flatMap((c) => c.after).flatMap((reach) => sayReach(words, reach, 'UTC')).filter((said) => !said.startsWith('['));
  expect(left).toEqual([]);
});
