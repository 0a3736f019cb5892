/** The door of peers: what later modules and the app may use. */
export { peersActions } from './actions.ts';
export { peersApi } from './api/peers.ts';
export { parcelActions } from './parcels/actions.ts';
export { parcelsApi } from './api/parcels.ts';
export { parcelRoutes } from './parcels/routes.ts';
export { parcelMigrations, passOnParcels } from './parcels/store.ts';
export { peerRunnerOver, type PeerRunner } from './runs/runner.ts';
export { peerCount, passOnPeers } from './store/peers.ts';
export { peersMigrations } from './store/schema.ts';
