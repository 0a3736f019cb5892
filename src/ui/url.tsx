/** State in the address: filters are search parameters, always text, so that a page can be sent to a colleague. */
import { Link as RouterLink, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Button, type ButtonProps } from '@mantine/core';
import type { ReactNode } from 'react';

export type Search = Readonly<Record<string, string>>;

export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== '') out.set(key, String(value));
  }
  const text = out.toString();
  return text ? `?${text}` : '';
}

/** The search parameters, and a way to change some; an empty value leaves the address. */
export function useUrlState(): [Search, (patch: Readonly<Record<string, string>>) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const patch = (change: Readonly<Record<string, string>>) => {
    void navigate({ to: '.', search: { ...search, ...change } as never, replace: true });
  };
  return [search, patch];
}

export function usePathParameter(name: string): string {
  const parameters = useParams({ strict: false }) as Readonly<Record<string, string>>;
  return parameters[name] ?? '';
}

/** An address of our own to go on to, or the home page: never another host, however it is spelt. */
export function ownAddress(address: string | undefined): string {
  if (address === undefined || !/^\/(?![/\\])[^\s\\\p{Cc}]*$/u.test(address)) return '/';
  // Steps upwards may leave a path that begins with two slashes, which the next reader takes for a host.
  const { origin, pathname } = new URL(address, 'http://own.invalid');
  return origin === 'http://own.invalid' && !pathname.startsWith('//') ? address : '/';
}

/** Goes to an address such as `/events?feed=f1`. */
export function useGo(): (address: string) => void {
  const navigate = useNavigate();
  return (address) => {
    const { to, search } = split(address);
    void navigate({ to, search: search as never });
  };
}

function split(address: string): { to: string; search: Record<string, string> } {
  const [to = '/', query = ''] = address.split('?');
  return { to, search: parseSearch(query) };
}

interface LinkProps {
  readonly to: string;
  readonly children: ReactNode;
  readonly className?: string | undefined;
  readonly 'aria-label'?: string | undefined;
  readonly 'aria-current'?: 'page' | undefined;
}

export function Link({ to: address, ...rest }: LinkProps) {
  const { to, search } = split(address);
  return <RouterLink to={to} search={search as never} {...rest} />;
}

/** A door that looks like an act. */
export function ButtonLink({ to: address, children, ...rest }: ButtonProps & { to: string; children: ReactNode }) {
  const { to, search } = split(address);
  return (
    <Button renderRoot={(props) => <RouterLink to={to} search={search as never} {...props} />} {...rest}>
      {children}
    </Button>
  );
}
