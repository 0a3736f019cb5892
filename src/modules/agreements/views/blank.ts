/** What a new machine item begins as: the narrowest that makes sense, to be widened by hand. */
import type { GrantSpec, Machine, ObligationSpec, QuotaSpec } from '../terms.ts';
import type { Agreed } from './words.ts';

export const blankGrant: GrantSpec = {
  id: '', grantee: 'authority', roles: null, persons: null, actions: ['document.view'], kinds: ['document'], purposes: ['oversight'],
  products: 'ALL_NAMED', maxTlp: 'GREEN', maxLevel: 1, notBefore: null, expires: null,
  conditions: { mfa: false, networks: [], approvals: null },
};
export const blankObligation: ObligationSpec = {
  id: '', debtor: 'counterpart', begunBy: 'agreement.suspended', doneBy: 'agreement.suspension-acknowledged', withinSeconds: 86_400,
};
export const blankQuota: QuotaSpec = {
  id: '', holder: 'authority', action: 'consultation.ask', unit: 'hour', amount: 10, per: 'year', beyond: 'approval',
};

/** The first item of a clause of a kind. */
export function firstOf(kind: string, agreed: Agreed): Partial<Machine> {
  switch (kind) {
    case 'grant': return { grants: [blankGrant] };
    case 'prohibition': return { prohibitions: [{ id: '', bound: null, actions: ['source.copy'], when: null }] };
    case 'obligation': return { obligations: [blankObligation] };
    case 'quota': return { quotas: [blankQuota] };
    case 'handling': return {
      handling: {
        id: '', encryptInTransit: 'MUST', permittedActions: 'NONE', affectedPartyNotifications: 'MUST NOT', attribution: 'MUST NOT',
        unmodifiedResale: 'MUST NOT', externalReference: null,
      },
    };
    case 'oversight': return { oversight: { id: '', monitor: agreed.authority, sees: 'actions' } };
    default: return {};
  }
}
