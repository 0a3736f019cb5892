/** What guards a reading room: whose a picture of the screen is. */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import { MarkFound } from '../model/controls.ts';

const Id = z.string().min(1).max(60);

const marks = {
  'reviews.mark': endpoint({
    method: 'GET', path: '/api/reviews/:review/mark',
    summary: 'What lies over everything that is shown in one’s sitting, drawn by the hub: whose it is, also in a grain that pictures keep.',
    input: z.strictObject({ review: Id }), output: z.strictObject({ tile: z.string() }),
    needs: { right: 'source.view', by: 'mandate', agreedBy: 'visit.decide' },
  }),
  'watermarks.find': raw(endpoint({
    method: 'POST', path: '/api/watermarks', upload: true,
    summary: 'Whose sitting a picture of a screen shows (body: PNG or JPEG): of a visit that one’s organisation is a side of; it is on the record of both.',
    input: z.strictObject({}), output: z.strictObject({ found: MarkFound.nullable() }), needs: { right: 'watermark.find', by: 'role' },
  })),
};

export const controlsApi = { ...marks } as const;
