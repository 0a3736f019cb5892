/**
 * What one may ask of the hub itself, whatever the noun: to be told what happens, and to fetch something long by a link
 * that carries no cookie.
 */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';

export const liveApi = {
  'stream.open': raw(endpoint({
    method: 'GET', path: '/api/stream',
    summary: 'Server-sent events: each fact your organisation may read, as it enters the ledger; `Last-Event-ID` resumes after an index.',
    input: z.strictObject({}), output: z.string(), needs: { right: 'stream.open', by: 'role' },
  })),
  'tickets.open': endpoint({
    method: 'POST', path: '/api/tickets', status: 201,
    summary: 'Makes a link that fetches one long answer once, within a minute, without the cookie.',
    input: z.strictObject({ operation: z.string().max(80) }),
    output: z.strictObject({ url: z.string(), expiresAt: z.iso.datetime() }),
    needs: { right: 'ticket.open', by: 'self' },
  }),
} as const;
