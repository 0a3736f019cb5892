/**
 * May it be told to them? FIRST's TLP 2.0 as rules, each with the sentence it rests on; docs/specs/tlp.md has all two hundred cases.
 * What an agreement says is another question, and both have to say yes. Pure; pages run it too.
 */
import type { Tlp } from '#kit/endpoint';

export const recipients = ['named', 'colleague-needing', 'colleague', 'client-needing', 'client', 'peer', 'outsider', 'public'] as const;
export type Recipient = typeof recipients[number];
export const passingActs = ['show', 'derive', 'relay-inside', 'relay-clients', 'publish'] as const;
export type PassingAct = typeof passingActs[number];

/** Rules by the names that docs/specs/tlp.md gives them. */
export type RuleName = 'R1' | 'R2' | 'S1' | 'A1' | 'A2' | 'A3' | 'G1' | 'G2' | 'G3' | 'C1';
export interface Passing { readonly may: boolean; readonly rule: RuleName }

const within: Readonly<Record<Tlp, readonly Recipient[]>> = {
  RED: ['named'],
  'AMBER+STRICT': ['named', 'colleague-needing'],
  AMBER: ['named', 'colleague-needing', 'client-needing'],
  GREEN: ['named', 'colleague-needing', 'colleague', 'client-needing', 'client', 'peer'],
  CLEAR: recipients,
};
const yes = (rule: RuleName): Passing => ({ may: true, rule });
const no = (rule: RuleName): Passing => ({ may: false, rule });

/** Whether a label lets a kind of recipient be told, or pass on, what carries it. What is derived is no wider than what it came from. */
export function mayPass(tlp: Tlp, recipient: Recipient, act: PassingAct): Passing {
  const inside = within[tlp].includes(recipient);
  switch (tlp) {
    case 'CLEAR': return yes('C1');
    case 'GREEN': {
      if (act === 'publish' || recipient === 'public') return no('G2');
      return inside ? yes(recipient === 'peer' ? 'G2' : 'G1') : no('G3');
    }
    case 'AMBER': {
      if (act === 'publish' || !inside) return no('A1');
      // A client acts for itself; whom it serves is not its source's concern, so that it goes no further than its own house.
      if (act === 'relay-clients') return recipient === 'client-needing' ? no('A1') : yes('A2');
      return yes(recipient === 'client-needing' && act !== 'relay-inside' ? 'A3' : 'A2');
    }
    case 'AMBER+STRICT': return inside && act !== 'publish' && act !== 'relay-clients' ? yes('S1') : no('S1');
    case 'RED': return inside && (act === 'show' || act === 'derive') ? yes('R1') : no('R2');
  }
}
