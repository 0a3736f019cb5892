/** An undeclared way in one English sentence, the same in a finding, on the command line and wherever else it is told. */
import type { Undeclared } from './review.ts';

const because: Readonly<Record<Undeclared['why'], string>> = {
  host: 'no declared flow goes there', address: 'no declared flow goes there, and nothing named it', port: 'declared, but not by this transport and port',
  name: 'looked up by a declared name, and asked for as this one',
};
const hour = (micros: number): string => (micros === 0 ? 'at an unknown hour' : new Date(Math.floor(micros / 1000)).toISOString());

/** `host (address) port n transport`, as far as they are known. */
export const wayOf = ({ host, address, port, transport }: Pick<Undeclared, 'host' | 'address' | 'port' | 'transport'>): string =>
  `${host === null ? address : `${host} (${address})`}${port === null ? '' : ` port ${port}`} ${transport}`;

export const told = (one: Undeclared): string =>
  `${wayOf(one)}: ${because[one.why]}; ${one.packets} packets, ${one.bytes} bytes, ${hour(one.firstAt)} to ${hour(one.lastAt)}`;
