/** Pages of builds: the register, what a release came to, a rebuild, a verdict. */
import { IconHammer, IconServerCog } from '@tabler/icons-react';
import type { PageEntry } from './entry.ts';

export const builds: readonly PageEntry[] = [
  {
    path: '/rebuilds', name: 'nav.rebuilds', group: 'exchange', icon: IconHammer, open: true,
    load: async () => (await import('../../modules/builds/views/Rebuilds.tsx')).Rebuilds,
  },
  {
    path: '/rebuilders', name: 'nav.rebuilders', group: 'exchange', icon: IconServerCog, needs: 'rebuilder.list',
    load: async () => (await import('../../modules/builds/views/Rebuilders.tsx')).Rebuilders,
  },
  {
    path: '/rebuilders/register', name: 'nav.rebuilder-register', group: 'exchange', act: true, needs: 'rebuilder.register',
    load: async () => (await import('../../modules/builds/views/Register.tsx')).Register,
  },
  {
    path: '/releases/$release/rebuilds', group: 'exchange', needs: 'product.view',
    load: async () => (await import('../../modules/builds/views/Matrix.tsx')).Matrix,
  },
  {
    path: '/rebuilds/$rebuild', group: 'exchange', needs: 'product.view',
    load: async () => (await import('../../modules/builds/views/Rebuild.tsx')).Rebuild,
  },
  {
    path: '/verdicts/$verdict', group: 'exchange', needs: 'product.view',
    load: async () => (await import('../../modules/builds/views/Verdict.tsx')).Verdict,
  },
];
