/** The Vietnamese dictionary, a file for each module. */
import agreements from './vi/agreements.json';
import alerts from './vi/alerts.json';
import builds from './vi/builds.json';
import catalogue from './vi/catalogue.json';
import centre from './vi/centre.json';
import communities from './vi/communities.json';
import controls from './vi/controls.json';
import constituents from './vi/constituents.json';
import exchange from './vi/exchange.json';
import outward from './vi/exports.json';
import exposures from './vi/exposures.json';
import flows from './vi/flows.json';
import landscape from './vi/landscape.json';
import ledger from './vi/ledger.json';
import parties from './vi/parties.json';
import peers from './vi/peers.json';
import pictures from './vi/pictures.json';
import protection from './vi/protection.json';
import recalls from './vi/recalls.json';
import refusals from './vi/refusals.json';
import rights from './vi/rights.json';
import room from './vi/room.json';
import shell from './vi/shell.json';
import ui from './vi/ui.json';
import vulnerabilities from './vi/vulnerabilities.json';
import watch from './vi/watch.json';

export const dictionary: Readonly<Record<string, string>> = {
  ...agreements, ...alerts, ...builds, ...catalogue, ...centre, ...communities, ...constituents, ...controls, ...exchange, ...outward,
  ...exposures, ...flows, ...landscape, ...ledger, ...parties, ...peers, ...pictures,
  ...protection, ...recalls, ...refusals,
  ...rights, ...room, ...shell, ...ui, ...vulnerabilities, ...watch,
};
