/** What became of objects where they were used: said by readers, told to holders and sources, counted by month. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { GivenOutcome, SourceCard, actionsTaken, usefulness } from '../model/outcomes.ts';

const Thing = z.string().min(1).max(300);
const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/).optional();
const reading = { right: 'threat.read', by: 'mandate', ownToo: true } as const;

export const outcomesApi = {
  'threats.setOutcome': endpoint({
    method: 'POST', path: '/api/threats/:object/outcome', summary: 'Says what became of an object where one used it; its holder and its source are told.',
    input: z.strictObject({
      object: Thing, outcome: z.enum(usefulness), action: z.enum(actionsTaken).default('none'), actedAt: z.iso.datetime().optional(),
      note: z.string().trim().max(500).default(''),
    }),
    output: z.strictObject({ outcome: GivenOutcome }), needs: reading,
  }),
  'threats.outcomes': endpoint({
    method: 'GET', path: '/api/threats/:object/outcomes', summary: 'What was said of an object: one’s own word, and of one’s own objects what others said.',
    input: z.strictObject({ object: Thing }), output: z.strictObject({ mine: GivenOutcome.nullable(), others: z.array(GivenOutcome) }), needs: reading,
  }),
  'threats.sourceCards': endpoint({
    method: 'GET', path: '/api/threat-source-cards', summary: 'How useful each source of one’s library was in a month: what it brought, and what became of it.',
    input: z.strictObject({ month }), output: z.strictObject({ month: z.string(), months: z.array(z.string()), sources: z.array(SourceCard) }),
    needs: { right: 'threat.list', by: 'role' },
  }),
  'threats.myCard': endpoint({
    method: 'GET', path: '/api/my/threat-card',
    summary: 'What became in a month of what one’s organisation shared, as those who hold it say; and each word on it.',
    input: z.strictObject({ month }),
    output: z.strictObject({ month: z.string(), months: z.array(z.string()), holders: z.array(SourceCard), outcomes: z.array(GivenOutcome) }),
    needs: { right: 'threat.list', by: 'role' },
  }),
} as const;
