/** The hub's own room: the stream of what happens, and tickets for long answers. */
import type { Actions } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import { refuseWithoutRight } from '../http/rights.ts';
import type { Act, Operation, Room } from '../room.ts';
import { liveApi } from './api.ts';
import type { Streams } from './stream.ts';
import type { Tickets } from './tickets.ts';

export function liveRoom(streams: Streams, tickets: Tickets, operations: () => readonly Operation[]): Room {
  const actions: Actions<typeof liveApi> = {
    'tickets.open': async ({ operation }, { actor }) => {
      const found = operations().find((o) => o.id === operation && o.endpoint.ticket === true);
      if (!found) throw new Refusal('invalid', 'ticket.not-for-this', 'Nothing of this name is fetched by ticket.', { at: 'operation' });
      refuseWithoutRight(found.endpoint, actor);
      const { secret, expiresAt } = await tickets.open(actor, operation);
      return { url: `${found.endpoint.path}?ticket=${secret}`, expiresAt };
    },
  };
  return {
    name: 'live', api: liveApi, actions: actions as Readonly<Record<string, Act>>,
    routes: [{ endpointName: 'stream.open', respond: (request, caller) => streams.respond(request, caller) }],
  };
}
