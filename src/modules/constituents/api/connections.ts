/** Heartbeats of bodies' monitoring, and who is connected. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Beat, BodyConnection, Connection, Share, Source } from '../model/connections.ts';
import { constituentKinds } from '../model/registry.ts';

const Id = z.string().min(1).max(60);

export const connectionsApi = {
  beat: endpoint({
    method: 'POST', path: '/api/my/connections/:source/beat',
    summary: 'A heartbeat of one’s own monitoring: says that this source still reports. Sent by a program with a token, every quarter of an hour.',
    input: z.strictObject({ source: Source, constituent: Id.optional(), ...Beat.shape }),
    output: z.strictObject({ connection: Connection, nextSeconds: z.number().int() }),
    needs: { right: 'connection.beat', by: 'role' },
  }),
  myConnections: endpoint({
    method: 'GET', path: '/api/my/connections', summary: 'Which of one’s own sources are heard, and since when one is not.',
    input: z.strictObject({}), output: z.strictObject({ connections: z.array(Connection) }),
    needs: { right: 'connection.view', by: 'role' },
  }),
  connections: endpoint({
    method: 'GET', path: '/api/connections',
    summary: 'Which bodies are connected: each with its sources, the share of all, and the share by vendor. State bodies unless kinds are named.',
    input: z.strictObject({ kind: z.enum(constituentKinds).optional() }),
    output: z.strictObject({
      bodies: z.array(BodyConnection), all: Share, vendors: z.array(z.strictObject({ vendor: z.string(), bodies: Share })),
      computedAt: z.iso.datetime(),
    }),
    needs: { right: 'connection.list', by: 'role' },
  }),
} as const;
