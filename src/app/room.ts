/** How the app sees a module: its endpoints, the functions behind them, and the protocols that are not ours. */
import type { Api, Caller, Endpoint } from '#kit/endpoint';

/** An endpoint whose answer is not JSON of ours: streams, tiles, uploads. Rights are checked before `respond`. */
export interface RawRoute {
  /** Key of the endpoint in the module's `api.ts`; method, path and needs are read there. */
  readonly endpointName: string;
  respond(request: Request, caller: Caller): Promise<Response>;
}

export type Act = (input: never, caller: never) => Promise<unknown>;

export interface Room {
  readonly name: string;
  readonly api: Api;
  readonly actions: Readonly<Record<string, Act>>;
  readonly routes: readonly RawRoute[];
}

export interface Operation {
  /** `noun.verb` as the api has it, or `module.verb` where the api names the verb alone. */
  readonly id: string;
  readonly endpoint: Endpoint;
  readonly run: { readonly kind: 'json'; readonly act: Act } | { readonly kind: 'raw'; readonly route: RawRoute };
}

/** All operations of all rooms. Throws where an endpoint has neither an action nor a route: that hub does not start. */
export function operationsOf(rooms: readonly Room[]): Operation[] {
  return rooms.flatMap((room) =>
    Object.entries(room.api).map(([name, endpoint]): Operation => {
      const id = name.includes('.') ? name : `${room.name}.${name}`;
      const { by, agreedBy, ownToo } = endpoint.needs;
      if (by === 'mandate' && agreedBy === undefined && ownToo === undefined) {
        throw new Error(`endpoint ${id} is by mandate and does not say who of the other party may agree to it`);
      }
      if (endpoint.transport === 'raw') {
        // The body of a raw route is no part of its input: nobody could agree to it.
        if (endpoint.needs.approval) throw new Error(`endpoint ${id} is raw and cannot be a two-person act`);
        const route = room.routes.find((r) => r.endpointName === name);
        if (!route) throw new Error(`endpoint ${id} has no route`);
        return { id, endpoint, run: { kind: 'raw', route } };
      }
      const act = room.actions[name];
      if (!act) throw new Error(`endpoint ${id} has no action`);
      return { id, endpoint, run: { kind: 'json', act } };
    }));
}
