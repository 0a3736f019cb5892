/** The closed lists of docs/specs/flows.md, for readers, forms and pages. */

export const transports = ['tcp', 'udp', 'icmp'] as const;
export type Transport = typeof transports[number];
/** `by-default`: until it is switched off; `support`: while help is asked for. */
export const occasions = ['always', 'by-default', 'opt-in', 'support'] as const;
/** `host` and `address`: no flow goes there; `port`: one does, by another way; `name`: it was reached by a name that is not the one it was looked up by. */
export const reasons = ['host', 'address', 'port', 'name'] as const;
/** What told a host's name. */
export const tellers = ['tls', 'http', 'dns'] as const;
