/** Every operation of a production hub without anything behind it: for docs, the command line and tests of the whole. */
import type { Api } from '#kit/endpoint';
import { agreementsApi } from '../modules/agreements/api.ts';
import { alertsApi } from '../modules/alerts/api.ts';
import { buildsApi } from '../modules/builds/api.ts';
import { catalogueApi } from '../modules/catalogue/api.ts';
import { centreApi } from '../modules/centre/api.ts';
import { controlsApi } from '../modules/centre/api/controls.ts';
import { constituentsApi } from '../modules/constituents/api/index.ts';
import { everyExchangeApi } from '../modules/exchange/api/index.ts';
import { landscapeApi } from '../modules/landscape/api.ts';
import { ledgerApi } from '../modules/ledger/api.ts';
import { partiesApi } from '../modules/parties/api.ts';
import { peersApi } from '../modules/peers/api/peers.ts';
import { parcelsApi } from '../modules/peers/api/parcels.ts';
import { vulnerabilitiesApi } from '../modules/vulnerabilities/api.ts';
import { watchApi } from '../modules/watch/api.ts';
import { liveApi } from './live/api.ts';
import { operationsOf, type Operation } from './room.ts';

/** The endpoints of each module, in the order of the modules. */
export const apis: readonly (readonly [name: string, api: Api])[] = [
  ['ledger', ledgerApi], ['parties', partiesApi], ['agreements', agreementsApi], ['catalogue', catalogueApi], ['builds', buildsApi],
  ['watch', watchApi], ['centre', { ...centreApi, ...controlsApi }],
  ['exchange', everyExchangeApi],
  ['peers', { ...peersApi, ...parcelsApi }], ['alerts', alertsApi], ['vulnerabilities', vulnerabilitiesApi],
  ['constituents', constituentsApi],
  ['landscape', landscapeApi], ['live', liveApi],
];

export function outline(): Operation[] {
  const nothing = async (): Promise<never> => {
    throw new Error('an outline does not act');
  };
  return operationsOf(apis.map(([name, api]) => ({
    name, api, routes: Object.keys(api).map((endpointName) => ({ endpointName, respond: nothing })),
    actions: Object.fromEntries(Object.keys(api).map((key) => [key, nothing])),
  })));
}
