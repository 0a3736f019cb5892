/** Scan jobs: asked for and fetched under a clause of the organisation that is looked at; stopped by whoever runs them. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Batch, Id } from '../model.ts';
import { Clause, Job } from './model.ts';

const Cursor = z.string().max(200).optional();
const running = { right: 'scan.run', by: 'mandate', agreedBy: 'scan.agree' } as const;

export const scansApi = {
  scans: endpoint({
    method: 'GET',
    path: '/api/scans',
    summary: 'The scan jobs of this organisation, newest first.',
    input: z.strictObject({ constituent: Id.optional(), cursor: Cursor, limit: z.coerce.number().int().min(1).max(200).default(50) }),
    output: z.strictObject({ items: z.array(Job), next: z.string().nullable() }),
    needs: { right: 'scan.list', by: 'role' },
  }),
  scan: endpoint({
    method: 'GET',
    path: '/api/scans/:job',
    summary: 'One scan job with the batches of its results.',
    input: z.strictObject({ job: Id }),
    output: z.strictObject({ job: Job, batches: z.array(Batch) }),
    needs: { right: 'scan.list', by: 'role' },
  }),
  requestScan: endpoint({
    method: 'POST',
    path: '/api/scans',
    summary: 'Makes a scan job: only of what the constituent holds, only under a clause of its agreement that lets it be scanned.',
    input: z.strictObject({
      constituent: Id,
      /** Addresses, prefixes and host names. */
      targets: z.array(z.string().trim().min(1).max(253)).min(1).max(200),
      /** `443` or `8000-8100`. */
      ports: z.array(z.string().trim().min(1).max(11)).min(1).max(200),
      from: z.iso.datetime(),
      until: z.iso.datetime(),
      reason: z.string().trim().min(3).max(500),
    }),
    output: z.strictObject({ job: Job }),
    needs: running,
    status: 201,
  }),
  scanFile: endpoint({
    method: 'GET',
    path: '/api/scans/:job/file',
    summary: 'The job as its scanner takes it: targets, ports, window, who to say one is, and the clause. Decided again each time.',
    input: z.strictObject({ job: Id }),
    output: z.strictObject({
      format: z.literal('entente-scan-job-1'),
      id: Id, constituent: z.string(), targets: z.array(z.string()), ports: z.array(z.string()), from: z.iso.datetime(), until: z.iso.datetime(),
      reason: z.string(),
      /** What the scanner calls itself, so that whoever sees it knows whom to ask. */
      userAgent: z.string(), contact: z.string(), clauses: z.array(Clause),
      /** Where its results go. */
      results: z.string(),
    }),
    needs: running,
  }),
  stopScan: endpoint({
    method: 'POST',
    path: '/api/scans/:job/stop',
    summary: 'Stops a job at once: its file is given out no more, and what was seen later is no result of it.',
    input: z.strictObject({ job: Id, reason: z.string().trim().min(3).max(500) }),
    output: z.strictObject({ job: Job }),
    needs: { right: 'scan.stop', by: 'role' },
  }),
  myScans: endpoint({
    method: 'GET',
    path: '/api/my/scans',
    summary: 'The scan jobs that are about your own organisation: what, from when until when, why, under which clause.',
    input: z.strictObject({}),
    output: z.strictObject({ items: z.array(Job) }),
    needs: { right: 'exposure.view', by: 'mandate', agreedBy: 'exposure.agree' },
  }),
} as const;
