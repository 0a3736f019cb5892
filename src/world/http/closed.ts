/** No way out: for a hub that stands in a room without a network, and for whoever wants to be sure that it asks nobody. */
import { OutboundError, type Outbound } from './port.ts';

const said = 'This hub asks no other machine: its operator has closed the way out (ENTENTE_OUTBOUND=none).';

/** Refuses before a name is resolved or a byte is sent. */
export function closedOutbound(): Outbound {
  const refuse = (): Promise<never> => Promise.reject(new OutboundError('blocked', said));
  return { ask: refuse, open: refuse, locate: refuse };
}
