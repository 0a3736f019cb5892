/** A hub that follows collections of small servers of its own, for tests of the client: servers listen on this machine only. */
import { expect } from 'vitest';
import { asHub } from '#world/db/scope';
import { outboundOver } from '#world/http/client';
import type { Outbound } from '#world/http/port';
import { peerRunnerOver } from '#modules/peers/index';
import { indicator } from '../src/modules/exchange/testing.ts';
import type { Fetch, Following } from '../src/modules/peers/model/peers.ts';
import type { FetchHooks } from '../src/modules/peers/runs/fetch.ts';
import { testHub, type Answer, type TestHub } from './hub.ts';
import { collection, oddServer, type Manners, type OddServer } from './odd-taxii.ts';

export interface Followed {
  readonly server: OddServer; readonly peer: string; readonly id: string; readonly source: string;
  look(): Promise<{ following: Following; fetches: Fetch[]; aside: { place: string; stixId: string; text: string }[] }>;
  run(more?: { outbound?: Outbound; hooks?: FetchHooks }): Promise<void>;
  /** Ids of what this peer has brought. */
  held(): Promise<string[]>;
}

export const us = 1_781_000_000_000_000;
export const idsOf = (objects: readonly object[]): string[] => objects.map((o) => String((o as { id: string }).id)).sort();

/** Asks servers of this machine as it would ask those of others. */
export const here: Outbound = {
  ask: (request) => over(request.url).ask(request), open: (request) => over(request.url).open(request), locate: () => Promise.reject(new Error('no mail')),
};
/** Every port of this machine, as an operator would name them: where a redirect leads is then for the client to judge. */
const over = (url: string): Outbound => outboundOver({ policy: { allow: [new URL(url).host, ...ports] }, judge: () => undefined });
const ports = Array.from({ length: 65_535 }, (_, i) => `127.0.0.1:${i + 1}`);

export class Follower {
  readonly hub: TestHub;
  lan: string;
  private readonly servers: OddServer[] = [];
  private number = 0;
  constructor(hub: TestHub, lan: string) {
    [this.hub, this.lan] = [hub, lan];
  }
  static async open(): Promise<Follower> {
    const hub = await testHub();
    // Looks by the pages' own endpoints reach the same servers.
    Object.assign(hub.world.outbound, here);
    return new Follower(hub, await hub.as('per_lan'));
  }

  /** Anew, where the clock has ended the session. */
  async signIn(): Promise<void> {
    this.lan = await this.hub.as('per_lan');
  }

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.hub.ask(method, path, body, { cookie: this.lan });
  }
  /** Objects that nobody else in this hub has. */
  some(count: number): Record<string, unknown>[] {
    return Array.from({ length: count }, () => indicator(++this.number + 500_000));
  }
  async serve(manners: Manners = {}): Promise<OddServer> {
    const server = await oddServer(manners);
    this.servers.push(server);
    return server;
  }
  async closeServers(): Promise<void> {
    await Promise.all(this.servers.splice(0).map((s) => s.close()));
  }
  async close(): Promise<void> {
    expect(this.hub.trace.lines.filter((l) => l.level === 'error')).toEqual([]);
    await this.hub.close();
  }

  async follow(manners: Manners = {}, settings: { pageSize?: number; types?: string[]; agreement?: string; out?: string } = {}): Promise<Followed> {
    const server = await this.serve(manners);
    const followed = await this.followAt({
      url: server.url, auth: { scheme: 'basic', user: 'us' }, secret: 'a-long-enough-secret', root: new URL('/root/', server.url).href, collection,
      ...settings,
    });
    return { ...followed, server };
  }

  /** Adds a peer and follows one of its collections, or sends to it. */
  async followAt(at: {
    url: string; auth: object; secret: string; root: string; collection: string; pageSize?: number; types?: string[]; agreement?: string; out?: string;
  }): Promise<Omit<Followed, 'server'>> {
    const { hub } = this;
    const added = await this.call('POST', '/api/peers', {
      title: `Peer ${++this.number}`, url: at.url, auth: at.auth, secret: at.secret, unmarked: 'GREEN', everyMinutes: 60, pageSize: at.pageSize ?? 4,
      agreement: at.agreement ?? null,
    });
    expect([added.status, added.text]).toEqual([201, added.text]);
    const { peer } = added.json<{ peer: { id: string; source: string } }>();
    const made = await this.call('POST', `/api/peers/${peer.id}/followings`, {
      root: at.root, collection: at.collection, title: 'All', filters: { types: at.types ?? null, versions: 'last' },
      ...at.out === undefined ? {} : { direction: 'out', own: at.out },
    });
    expect([made.status, made.text]).toEqual([201, made.text]);
    const { id } = made.json<{ following: { id: string } }>().following;
    return {
      peer: peer.id, id, source: peer.source,
      look: async () => (await this.call('GET', `/api/followings/${id}`)).json(),
      run: async ({ outbound = here, hooks } = {}) => {
        const runner = peerRunnerOver({ ...hub.world, outbound }, hooks);
        expect(await runner.begin(id, 'per_lan')).not.toBeNull();
        await asHub('the test', () => runner.idle());
      },
      held: async () => asHub('the test', async () => (await hub.world.db.as<{ exchange_object: { stix_id: string; source: string } }>()
        .selectFrom('exchange_object').select('stix_id').where('source', '=', peer.source).execute()).map((r) => r.stix_id).sort()),
    };
  }
}
