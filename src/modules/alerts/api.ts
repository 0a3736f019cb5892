/** Alerts for named eyes: the line of one's own people, sending, withdrawing, and opening with a receipt. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { AlertLabel, AlertLine, OpenAlert, SentAlert, WaitingAlert } from './model.ts';

const Id = z.string().min(1).max(60);
const Cursor = z.string().max(60).optional();

export const alertsApi = {
  'alerts.viewLine': endpoint({
    method: 'GET', path: '/api/my/alert-line', summary: 'Who of one’s own people is told of an alert, the first first.',
    input: z.strictObject({}), output: AlertLine, needs: { right: 'alert.list', by: 'role' },
  }),
  'alerts.setLine': endpoint({
    method: 'PUT', path: '/api/my/alert-line', summary: 'Sets who is told of an alert, in which order.',
    input: z.strictObject({ people: z.array(Id).max(10) }), output: AlertLine, needs: { right: 'alert.set-line', by: 'role' },
  }),
  'alerts.recipients': endpoint({
    method: 'GET', path: '/api/alert-recipients', summary: 'Organisations that an agreement in force lets one alert, and how many would be told.',
    input: z.strictObject({}),
    output: z.strictObject({ items: z.array(z.strictObject({ org: z.string(), name: z.string(), onLine: z.number().int() })) }),
    needs: { right: 'alert.send', by: 'role' },
  }),
  'alerts.send': endpoint({
    method: 'POST', path: '/api/alerts', status: 201,
    summary: 'Alerts an organisation that an agreement lets read that label: the first on its line is told at once, the next if nobody opens it.',
    input: z.strictObject({
      to: Id, tlp: AlertLabel.default('RED'), title: z.string().trim().min(1).max(120), text: z.string().trim().min(1).max(10_000),
      objects: z.array(z.string().min(1).max(300)).max(100).default([]), minutes: z.number().int().min(5).max(1_440).default(60),
    }),
    output: z.strictObject({ alert: SentAlert }), needs: { right: 'alert.send', by: 'role' },
  }),
  'alerts.sent': endpoint({
    method: 'GET', path: '/api/alerts', summary: 'Alerts that one’s own organisation sent, the newest first; of what is RED only what one wrote oneself.',
    input: z.strictObject({ cursor: Cursor }), output: z.strictObject({ items: z.array(SentAlert), next: z.string().nullable() }),
    needs: { right: 'alert.list', by: 'role' },
  }),
  'alerts.withdraw': endpoint({
    method: 'POST', path: '/api/alerts/:alert/withdraw', summary: 'Takes an alert back: nobody opens it any more, and nobody else is told.',
    input: z.strictObject({ alert: Id, reason: z.string().trim().min(1).max(300) }), output: z.strictObject({ alert: SentAlert }),
    needs: { right: 'alert.send', by: 'role' },
  }),
  'alerts.inbox': endpoint({
    method: 'GET', path: '/api/my/alerts', summary: 'Alerts that one was told of oneself, the newest first; unopened ones say only from whom.',
    input: z.strictObject({ cursor: Cursor }), output: z.strictObject({ items: z.array(WaitingAlert), next: z.string().nullable() }),
    needs: { right: 'threat.read', by: 'mandate', ownToo: true },
  }),
  'alerts.open': endpoint({
    method: 'POST', path: '/api/my/alerts/:alert/open', summary: 'Opens an alert that one was told of: its sender has the receipt, and nobody else is told.',
    input: z.strictObject({ alert: Id }), output: z.strictObject({ alert: OpenAlert }),
    needs: { right: 'threat.read', by: 'mandate', ownToo: true },
  }),
} as const;
