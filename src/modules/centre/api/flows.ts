/**
 * Where a product sends (F24): a reviewer's capture against what its provider declares for the release under review. What was seen is the
 * reviewing side's alone; the provider reads of it what stands in a finding, once that is disclosed.
 */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import { Flaw, Severity } from '../model.ts';
import { Comparison, ComparisonShown } from '../model/flows.ts';

const Id = z.string().min(1).max(60);
const listing = { right: 'flow.list', by: 'role' } as const;
/** So that a finding can be read to its end. */
const ofOneFinding = 100;

export const flowsApi = {
  'flows.list': endpoint({
    method: 'GET', path: '/api/visits/:visit/flow-comparisons',
    summary: 'Comparisons of captured traffic with what the provider declares, made in a visit of one’s own, and declarations to compare with.',
    input: z.strictObject({ visit: Id }),
    output: z.strictObject({
      items: z.array(Comparison), declarations: z.array(z.strictObject({ artefact: z.string(), name: z.string(), sha256: z.string() })),
      /** Whether whoever asks may make one now. */
      mayCompare: z.boolean(),
    }),
    needs: listing,
  }),
  'flows.compare': raw(endpoint({
    method: 'POST', path: '/api/visits/:visit/flow-comparisons', upload: true,
    summary: 'Compares a capture (body: pcap or pcapng) with declared flows of the release under review; answers line by line, and keeps no packet.',
    input: z.strictObject({
      visit: Id, artefact: Id,
      /** Addresses of the machine, a comma between them; and prefixes of the laboratory's own. */
      device: z.string().min(1).max(1_000), lab: z.string().max(4_000).default(''), file: z.string().max(255).optional(),
    }),
    output: z.unknown(), needs: { right: 'source.view', by: 'mandate', agreedBy: 'visit.decide' },
  })),
  'flows.view': endpoint({
    method: 'GET', path: '/api/flow-comparisons/:comparison',
    summary: 'One comparison: ways that no declaration names, with the reason, and what was seen of each flow.',
    input: z.strictObject({ comparison: Id }), output: ComparisonShown, needs: listing,
  }),
  'flows.file': endpoint({
    method: 'POST', path: '/api/flow-comparisons/:comparison/flaws', status: 201,
    summary: 'Commits to a finding that lists undeclared ways of a comparison: those named, else the first hundred that stand in none yet.',
    input: z.strictObject({
      comparison: Id, ways: z.array(z.number().int().min(0)).min(1).max(ofOneFinding).optional(),
      names: z.array(z.string().max(300)).max(ofOneFinding).default([]),
      severity: Severity, remark: z.string().trim().max(5_000).default(''), discloseInDays: z.number().int().min(0).max(90).default(5),
    }),
    output: z.strictObject({ flaw: Flaw }), needs: { right: 'flaw.file', by: 'role' },
  }),
} as const;
