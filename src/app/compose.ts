/**
 * Puts the rooms together: each module is handed the powers it asks for, and nothing else. This file and modules.ts are
 * the two places that know every module.
 */
import type { Hono } from 'hono';
import type { Api, Actor } from '#kit/endpoint';
import type { Migration } from '#world/db/port';
import type { LeasedRuns } from '#kit/leased';
import { readIp } from '#kit/ip/ip';
import { Networks } from '#kit/ip/ranges';
import { provinces } from '#kit/provinces/vn';
import { asHub } from '#world/db/scope';
import { factsMigrations, stateFact } from '#world/facts';
import { heirOf, mandateBy, otherSideOf } from '#modules/agreements/index';
import { claimsOf, guardedBy } from '#modules/constituents/index';
import {
  collectorOver, landscapeActions, landscapeApi, landscapeMigrations, landscapeRetention, landscapeRoutes, pipelineOver, type Collector,
  type Pipeline,
} from '#modules/landscape/index';
import {
  askWitnesses, createSequencer, ledgerActions, ledgerActs, ledgerApi, ledgerMigrations, ledgerRoutes, openedFact, openedTrail, provedFact, provedFacts,
  type Sequencer,
} from '#modules/ledger/index';
import { catalogueActions, catalogueApi, catalogueMigrations, catalogueRoutes, tendDocuments } from '#modules/catalogue/index';
import { buildsActions, buildsApi, buildsMigrations, buildsRoutes, equivalenceOf } from '#modules/builds/index';
import {
  centreActions, centreApi, centreMigrations, centreRoutes, controlsActions, controlsApi, controlsMigrations, flowMigrations, flowRoutes,
  indexerOver, searchMigrations, searchRoutes, tendCopies, tendFlaws, type CentreParts,
} from '#modules/centre/index';
import { alertsActions, alertsApi, alertsMigrations, tendAlerts } from '#modules/alerts/index';
import {
  everyExchangeApi, exchangeActions, exchangeMigrations, exchangeRoutes, sightingMigrations, type ExportParts,
} from '#modules/exchange/index';
import { partiesRetention, refuseHeld } from '#modules/parties/index';
import {
  parcelActions, parcelMigrations, parcelRoutes, parcelsApi, peerRunnerOver, peersActions, peersApi, peersMigrations, type PeerRunner,
} from '#modules/peers/index';
import { tendChannels, watchActions, watchApi, watchMigrations } from '#modules/watch/index';
import { vulnerabilitiesActions, vulnerabilitiesApi, vulnerabilitiesMigrations, vulnerabilitiesRoutes } from '#modules/vulnerabilities/index';
import { agreementsActions } from '../modules/agreements/actions/index.ts';
import { agreementsApi } from '../modules/agreements/api.ts';
import { copiesMigrations } from '../modules/agreements/copies-store.ts';
import { eligibilityMigrations } from '../modules/agreements/eligibility-store.ts';
import { noticesMigrations } from '../modules/agreements/notices.ts';
import { agreementsMigrations } from '../modules/agreements/store.ts';
import { successionsMigrations } from '../modules/agreements/successions-store.ts';
import { constituentsActions, tendBlocking, tendNotices } from '../modules/constituents/actions/index.ts';
import { constituentsApi } from '../modules/constituents/api/index.ts';
import { constituentsRoutes } from '../modules/constituents/routes.ts';
import { constituentsMigrations } from '../modules/constituents/store/index.ts';
import { partiesActions } from '../modules/parties/actions/index.ts';
import { agreedTo, refuseUnapprovedAct, useApproval } from '../modules/parties/actions/approvals.ts';
import { emergencyRights, stateEmergencyUse } from '../modules/parties/actions/break-glass.ts';
import type { Acts, HubIdentity, PartiesParts } from '../modules/parties/actions/parts.ts';
import { actorAgain, actorOfSession, actorOfToken } from '../modules/parties/actions/sessions.ts';
import { partiesApi } from '../modules/parties/api.ts';
import { partiesRoutes } from '../modules/parties/routes.ts';
import { partiesMigrations } from '../modules/parties/store.ts';
import { storyProvinces } from './demo/registry.ts';
import { affectedBy } from './affected.ts';
import type { Approvals } from './http/approval.ts';
import type { Posture } from './http/guard.ts';
import { invalid } from './http/input.ts';
import { json } from './http/answer.ts';
import { leasesOn, type Leases } from './http/leases.ts';
import { router, unknownAddress, type Bindings } from './http/router.ts';
import { liveRoom } from './live/room.ts';
import { streamsOver, type Streams } from './live/stream.ts';
import { ticketsMigrations, ticketsOver } from './live/tickets.ts';
import { observedBy } from './observed.ts';
import { openapiOf } from './openapi.ts';
import { reactionsMigrations } from './reactions.ts';
import { operationsOf, type Act, type Operation, type RawRoute, type Room } from './room.ts';
import type { Watch } from './http/watched.ts';
import { rowMigrations } from './rows.ts';
import { holdingsOf } from './succession.ts';
import { wantedFor } from './wanted.ts';
import type { World } from './world.ts';

/** Every module's schema, in the order of the modules. */
export const migrations: readonly Migration[] = [
  ...factsMigrations, ...ledgerMigrations, ...partiesMigrations, ...agreementsMigrations,
  ...successionsMigrations, ...noticesMigrations, ...eligibilityMigrations, ...copiesMigrations, ...catalogueMigrations, ...buildsMigrations,
    ...watchMigrations,
    ...centreMigrations, ...searchMigrations, ...controlsMigrations, ...flowMigrations,
    ...exchangeMigrations,
  ...peersMigrations, ...parcelMigrations, ...sightingMigrations, ...alertsMigrations, ...vulnerabilitiesMigrations, ...constituentsMigrations,
  ...landscapeMigrations, ...reactionsMigrations, ...ticketsMigrations, ...rowMigrations,
];

export interface Composition {
  readonly rooms: readonly Room[];
  readonly operations: readonly Operation[];
  readonly parties: PartiesParts;
  readonly sequencer: Sequencer;
  readonly pipeline: Pipeline;
  readonly collector: Collector;
  readonly peerRunner: PeerRunner;
  /** Makes the search indexes of sources under review. */
  readonly indexer: LeasedRuns;
  readonly leases: Leases;
  readonly streams: Streams;
  /** One round of what the clock does with notices. */
  readonly tending: () => Promise<void>;
  /** One round of what the clock does with alerts, and with letters on documents that were withdrawn. */
  readonly alerting: () => Promise<void>;
  /** One round of what the clock does with findings of reviews. */
  readonly reviewing: () => Promise<void>;
  /** One round of what the clock does with update channels. */
  readonly watching: () => Promise<void>;
  /** One round of what the clock does with blocking lists. */
  readonly blocking: () => Promise<void>;
  /** One round of asking the ledger's witnesses. */
  readonly witnessing: () => Promise<void>;
  app(posture: Posture): Hono<{ Bindings: Bindings }>;
}

const room = (
  name: string, api: Api, actions: object, routes: readonly RawRoute[] = [],
): Room => ({ name, api, actions: actions as Readonly<Record<string, Act>>, routes });

/** How long what is kept, of every module. */
export const retention = [...partiesRetention, ...landscapeRetention];

/** The organisation that runs the hub: its rows are the published figures. */
export const hubOrganisation = 'org_hub';

export function pipelineOf(world: World): Pipeline {
  return pipelineOver({ ...world, claims: (scope) => claimsOf(world.db, scope) });
}

/** The rooms of every hub; `extra` are those of one composition only, as the demonstration's chooser. */
export function compose(
  world: World, hub: HubIdentity, extra: (parties: PartiesParts) => readonly Room[] = () => [],
): Composition {
  // Approvals speak of every module's acts, which stand only once all rooms do.
  const all: { operations: readonly Operation[] } = { operations: [] };
  const parties: PartiesParts = {
    db: world.db, clock: world.clock, ids: world.ids, hub, acts: actsOf(world, () => all.operations),
    placeOf: placesOf(world), identity: world.identity, note: (event, fields) => world.trace.warn(event, fields),
    retention,
  };
  const sequencer = createSequencer({
    ...world, onFault: (error) => world.trace.error('ledger.fault', error),
  });
  const pipeline = pipelineOf(world);
  const collector = collectorOver({ ...world, pipeline, bytesMax: world.uploadMax });
  const peerRunner = peerRunnerOver(world);
  const indexer = indexerOver(world);
  const constituents = {
    ...world, centre: hubOrganisation, observed: observedBy(world),
    hub: { name: hub.name, origin: hub.passkeyOrigin, zone: world.zone },
  };
  const exchange: ExportParts = { ...world, guard: (q, scope, values) => guardedBy(world, q, scope, values) };
  const again = (actor: Actor): Promise<Actor | null> => actorAgain(parties, actor);
  const publisher = () => heirOf(world.db, hubOrganisation);
  const centreParts: CentreParts = { ...world, ...logFor(world, sequencer) };
  const [streams, tickets] = [streamsOver(world), ticketsOver({ ...world, again })];
  const rooms = [
    room('ledger', ledgerApi, ledgerActions({ ...world, acts: ledgerActs({ ...world, operator: hubOrganisation, mayErase: refuseHeld }) }),
      ledgerRoutes(world)),
    room('parties', partiesApi, partiesActions(parties), partiesRoutes(parties)),
    room('agreements', agreementsApi, agreementsActions({
      ...world, holdings: holdingsOf, proved: (scope, about) => provedFacts(world, scope, { ...about, limit: 500 }),
    })),
    room('catalogue', catalogueApi, catalogueActions({
      ...world, affected: affectedBy({ ...world, publisher }), equivalence: async (release) => (await equivalenceOf(world, release)).state,
    }), catalogueRoutes(world)),
    room('builds', buildsApi, buildsActions(world), buildsRoutes(world)),
    room('watch', watchApi, watchActions(world)),
    room('centre', { ...centreApi, ...controlsApi }, { ...centreActions(centreParts), ...controlsActions(centreParts) }, [
      ...centreRoutes(centreParts), ...searchRoutes(centreParts), ...flowRoutes(centreParts),
    ]),
    room('exchange', everyExchangeApi, exchangeActions(exchange), exchangeRoutes(exchange)),
    room('alerts', alertsApi, alertsActions(world)),
    room('peers', { ...peersApi, ...parcelsApi }, { ...peersActions({ ...world, runner: peerRunner }), ...parcelActions(world) }, parcelRoutes(world)),
    room('vulnerabilities', vulnerabilitiesApi, vulnerabilitiesActions({ ...world, publisher }), vulnerabilitiesRoutes({ ...world, publisher })),
    room('constituents', constituentsApi, constituentsActions(constituents), constituentsRoutes(constituents)),
    room('landscape', landscapeApi,
      landscapeActions({
        ...world, sources: { ...world, collector, hasInbox: world.inbox !== null }, publisher, home: hub.country,
        hub: { name: hub.name, origin: hub.passkeyOrigin },
        stateSuffixes: [`.gov.${hub.country.toLowerCase()}`, ...hub.mode === 'demo' ? ['-gov.example'] : []],
        provinces: [...provinces, ...hub.mode === 'demo' ? storyProvinces : []],
      }),
      landscapeRoutes({ ...world, pipeline, publisher })),
    liveRoom(streams, tickets, () => operations),
    ...extra(parties),
  ];
  const operations: readonly Operation[] = operationsOf(rooms);
  all.operations = operations;
  const mandate = mandateBy(world);
  const leases = leasesOn(world.clock);
  const credentials = {
    bySession: (secret: string): Promise<Actor | null> => actorOfSession(parties, secret),
    byToken: (secret: string, address: string): Promise<Actor | null> => actorOfToken(parties, secret, address),
    byTicket: (secret: string, operation: string): Promise<Actor | null> => tickets.take(secret, operation),
    again,
  };
  const approvals: Approvals = {
    refuse: (act) => refuseUnapprovedAct(parties, act), agreedTo: (acts) => agreedTo(parties, acts),
    use: (tx, act) => useApproval(parties, tx, act),
  };
  const watch: Watch = {
    emergencyRights: (actor) => emergencyRights(parties, actor),
    stateEmergencyUse: (actor, right, operation) => stateEmergencyUse(parties, actor, right, operation),
    stateMonitorLook: (actor, operation, input) => stateMonitorLook(world, actor, operation, input),
  };
  return {
    rooms, operations, parties, sequencer, pipeline, collector, peerRunner, indexer, leases, streams,
    tending: () => tendNotices(constituents),
    alerting: async () => {
      await tendAlerts({ ...world, origin: hub.passkeyOrigin });
      await tendDocuments({ ...world, origin: hub.passkeyOrigin });
    },
    reviewing: async () => {
      await tendFlaws(world);
      await tendCopies(world);
    },
    watching: () => tendChannels(world),
    blocking: () => tendBlocking(constituents),
    witnessing: () => askWitnesses({ ...world, policy: world.witnesses ?? null }),
    app(posture) {
      const afterFacts = (): void => asHub('sequencing', () => sequencer.kick());
      const app = router({ ...world, posture, credentials, mandate, approvals, watch, leases, afterFacts }, operations);
      // Made when somebody first asks: half a second that no start has to wait for.
      let openapi: ReturnType<typeof openapiOf> | undefined;
      app.get('/openapi.json', () => json(openapi ??= openapiOf(operations, version)));
      app.all('*', () => unknownAddress(world));
      return app;
    },
  };
}

/** What approvals need of the whole: an operation by its id, its input read, and who the other party of an object is. */
function actsOf(world: World, operations: () => readonly Operation[]): Acts {
  return {
    find: (operation) => operations().find((o) => o.id === operation)?.endpoint ?? null,
    read(endpoint, input) {
      const parsed = endpoint.input.safeParse(input);
      if (!parsed.success) throw invalid(parsed.error);
      return parsed.data;
    },
    otherParty: (kind, id, org) => (kind === 'agreement' ? otherSideOf(world.db, org, id) : Promise.resolve(null)),
    wanted: (operation, input, caller) => wantedFor(world, operations().find((o) => o.id === operation), input, caller),
  };
}

/** Writes within so many milliseconds are sequenced together: a view waits no longer for its place in the log. */
const batchMs = 20;

/** What the reading room needs of the log: that everything stated is in it, and where. Whoever waits at the same time waits for one batch. */
function logFor(world: World, sequencer: Sequencer): Pick<CentreParts, 'durable' | 'logged' | 'opened' | 'trail'> {
  const state: { next: Promise<void> | null } = { next: null };
  return {
    durable() {
      state.next ??= new Promise<void>((resolve) => { setTimeout(resolve, batchMs); }).then(async () => {
        state.next = null;
        await asHub('a view on its way into the log', () => sequencer.drain());
      });
      return state.next;
    },
    logged: (org, find) => asHub('where a view stands in the log', () => provedFact(world, org, find)),
    opened: (org, find) => asHub('what opens a step of a trail', () => openedFact(world, org, find)),
    trail: (org, about) => asHub('a trail for an arbiter', () => openedTrail(world, org, about)),
  };
}

/** Country and network of an address by the published lists, as people read it. */
function placesOf(world: World): (address: string) => string | null {
  const networks = new Networks(world.networks);
  return (address) => {
    const bytes = new Uint8Array(16);
    const found = { area: 'ZZ', asn: 0 };
    if (!readIp(address, bytes)) return null;
    networks.locate(bytes, found);
    const said = [found.area === 'ZZ' ? null : found.area, found.asn === 0 ? null : `AS${found.asn}`].filter((x) => x !== null);
    return said.length > 0 ? said.join(', ') : null;
  };
}

/** A monitor's look is on the record of the own organisation and, where it is at an agreement, of the other party. */
async function stateMonitorLook(world: World, actor: Actor, operation: string, input: unknown): Promise<void> {
  const fields = input as Readonly<Record<string, unknown>> | null;
  const agreement = typeof fields?.['agreement'] === 'string' ? fields['agreement'] : null;
  const other = agreement === null ? null : await otherSideOf(world.db, actor.org, agreement);
  await world.db.transaction((tx) => stateFact(tx, {
    class: 'monitor.looked', at: world.clock.iso(), actor: actor.person, org: actor.org, subject: agreement ?? actor.person,
    readers: other === null ? [] : [other], clauses: [], body: { operation },
  }));
}

/** Of the product; the package's own number. */
export const version = '0.1.0';

export type { World };
