/** A constituent's desk: what changed since one last looked, and its findings as a table to take away. */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import { Change, DeskMark } from '../model/desk.ts';

const receiving = { right: 'notice.receive', by: 'mandate', agreedBy: 'notice.agree' } as const;
const Count = z.number().int();

export const deskApi = {
  myChanges: endpoint({
    method: 'GET', path: '/api/my/changes',
    summary: 'What changed in one’s own findings since one said last that one has seen it: new, seen again, closed by observation, overdue.',
    input: z.strictObject({}),
    output: z.strictObject({
      /** When that was; null where one never said so: then what stands open is told. */
      since: z.iso.datetime().nullable(),
      counts: z.strictObject({ new: Count, reopened: Count, closed: Count, overdue: Count }),
      /** At most 200, newest first. */
      items: z.array(Change),
      /** To be handed back when it has been seen. */
      mark: DeskMark,
    }),
    needs: receiving,
  }),
  seeChanges: endpoint({
    method: 'POST', path: '/api/my/changes/seen', summary: 'Says that one has seen what changed up to a mark; remembered for this person alone.',
    input: DeskMark, output: z.strictObject({ since: z.iso.datetime() }), needs: receiving,
  }),
  exportFindings: raw(endpoint({
    method: 'GET', path: '/api/my/findings/export', summary: 'All findings that one’s own organisation was told of, as CSV: streamed as they are read.',
    input: z.strictObject({}), output: z.strictObject({}), needs: receiving,
  })),
} as const;
