/** Turns the list of pages into routes, each behind the gate that sends who is not signed in to sign in. */
import { createRootRoute, createRoute, createRouter, useLocation, useNavigate } from '@tanstack/react-router';
import { lazy, useEffect, useState, type ReactNode } from 'react';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { parseSearch, stringifySearch } from '#ui/url';
import { NotFound } from './NotFound.tsx';
import type { PageEntry } from './routes/entry.ts';
import { pages } from './routes.tsx';
import { Plain, Shell } from './Shell.tsx';

/** Goes there once: while that page loads this one stays, and the address it reads is already the other's. */
function Elsewhere({ to, next }: { readonly to: string; readonly next: string }) {
  const navigate = useNavigate();
  const [from] = useState(next);
  useEffect(() => {
    void navigate({ to, search: { next: from } as never, replace: true });
  }, [navigate, to, from]);
  return null;
}

function Gate({ page, children }: { readonly page: PageEntry; readonly children: ReactNode }) {
  const reader = useReader();
  const { pathname, searchStr } = useLocation();
  if (!page.open && !reader.signedIn) {
    return <Elsewhere to={reader.demo ? '/continue' : '/sign-in'} next={`${pathname}${searchStr}`} />;
  }
  return page.plain ? <Plain>{children}</Plain> : <Shell>{children}</Shell>;
}

function componentOf(page: PageEntry) {
  const Loaded = lazy(async () => ({ default: await page.load() }));
  const Paged = () => <Gate page={page}><Loaded /></Gate>;
  return Paged;
}

export function makeRouter() {
  const root = createRootRoute({ notFoundComponent: () => <Shell><NotFound /></Shell> });
  const routes = pages.map((page) => createRoute({
    getParentRoute: () => root,
    path: page.path,
    component: componentOf(page),
    errorComponent: ({ error, reset }) => <Shell><ProblemNote error={error instanceof Error ? error : new Error(String(error))} onRetry={reset} /></Shell>,
  }));
  return createRouter({
    routeTree: root.addChildren(routes), parseSearch, stringifySearch, scrollRestoration: true, defaultPreload: 'intent',
  });
}
