/** Names asked of the resolver that this machine uses, five seconds long, twice. */
import { Resolver } from 'node:dns/promises';
import type { NamesAsked } from './port.ts';

/** Nobody is asked: what a name's holder has published cannot be told then. */
export function closedNames(): NamesAsked {
  return { texts: () => Promise.reject(new Error('no name is asked for: the way out is closed (ENTENTE_OUTBOUND=none)')) };
}

/** `servers` are addresses with or without port; the machine's own unless said. */
export function resolvedNames(servers: readonly string[] = []): NamesAsked {
  const resolver = new Resolver({ timeout: 5_000, tries: 2 });
  if (servers.length > 0) resolver.setServers([...servers]);
  return {
    async texts(name) {
      try {
        return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
        throw error;
      }
    },
  };
}
