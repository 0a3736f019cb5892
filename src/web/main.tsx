/** Starts the web: the language first, then the hub's state, then the pages. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { ProblemError, TransportProvider } from '#ui/asking';
import { Ground } from '#ui/Ground';
import { transport } from './client.ts';
import { makeRouter } from './router.tsx';
import { SessionGate } from './session.tsx';
import { startTongues } from './tongues.ts';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && !(error instanceof ProblemError && error.problem.status < 500),
    },
  },
});

const words = await startTongues();
const router = makeRouter();
const root = document.getElementById('root');
if (!root) throw new Error('invariant broken: index.html has a #root');

createRoot(root).render(
  <StrictMode>
    <I18nextProvider i18n={words}>
      <QueryClientProvider client={queries}>
        <TransportProvider transport={transport}>
          <Ground>
            <SessionGate>
              <RouterProvider router={router} />
            </SessionGate>
          </Ground>
        </TransportProvider>
      </QueryClientProvider>
    </I18nextProvider>
  </StrictMode>,
);
