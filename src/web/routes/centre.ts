/** Pages of the transparency centre. */
import { IconCertificate, IconFileCode, IconFlag } from '@tabler/icons-react';
import type { PageEntry } from './entry.ts';

export const centre: readonly PageEntry[] = [
  {
    path: '/visits', name: 'nav.visits', group: 'exchange', icon: IconFileCode, needs: 'visit.list',
    load: async () => (await import('../../modules/centre/views/Visits.tsx')).Visits,
  },
  {
    path: '/visits/ask', name: 'nav.visit-ask', group: 'exchange', act: true, needs: 'source.view',
    load: async () => (await import('../../modules/centre/views/AskVisit.tsx')).AskVisit,
  },
  {
    path: '/visits/$visit', group: 'exchange', needs: 'visit.list',
    load: async () => (await import('../../modules/centre/views/Visit.tsx')).Visit,
  },
  {
    path: '/flow-comparisons/$comparison', group: 'exchange', needs: 'flow.list',
    load: async () => (await import('../../modules/centre/views/FlowComparison.tsx')).FlowComparison,
  },
  {
    path: '/reviews/$review', group: 'exchange', needs: 'source.view',
    load: async () => (await import('../../modules/centre/views/ReadingRoom.tsx')).ReadingRoom,
  },
  {
    path: '/flaws', name: 'nav.flaws', group: 'exchange', icon: IconFlag, needs: 'flaw.list',
    load: async () => (await import('../../modules/centre/views/Flaws.tsx')).Flaws,
  },
  {
    path: '/watermarks', name: 'nav.watermarks', group: 'exchange', act: true, needs: 'watermark.find',
    load: async () => (await import('../../modules/centre/views/Watermarks.tsx')).Watermarks,
  },
  {
    path: '/statements', name: 'nav.statements', group: 'exchange', icon: IconCertificate, open: true,
    load: async () => (await import('../../modules/centre/views/Statements.tsx')).Statements,
  },
];
