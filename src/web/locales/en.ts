/** The English dictionary, a file for each module. */
import agreements from './en/agreements.json';
import alerts from './en/alerts.json';
import builds from './en/builds.json';
import catalogue from './en/catalogue.json';
import centre from './en/centre.json';
import communities from './en/communities.json';
import controls from './en/controls.json';
import constituents from './en/constituents.json';
import exchange from './en/exchange.json';
import outward from './en/exports.json';
import exposures from './en/exposures.json';
import flows from './en/flows.json';
import landscape from './en/landscape.json';
import ledger from './en/ledger.json';
import parties from './en/parties.json';
import peers from './en/peers.json';
import pictures from './en/pictures.json';
import protection from './en/protection.json';
import recalls from './en/recalls.json';
import refusals from './en/refusals.json';
import rights from './en/rights.json';
import room from './en/room.json';
import shell from './en/shell.json';
import ui from './en/ui.json';
import vulnerabilities from './en/vulnerabilities.json';
import watch from './en/watch.json';

export const dictionary: Readonly<Record<string, string>> = {
  ...agreements, ...alerts, ...builds, ...catalogue, ...centre, ...communities, ...constituents, ...controls, ...exchange, ...outward,
  ...exposures, ...flows, ...landscape, ...ledger, ...parties, ...peers, ...pictures,
  ...protection, ...recalls, ...refusals,
  ...rights, ...room, ...shell, ...ui, ...vulnerabilities, ...watch,
};
