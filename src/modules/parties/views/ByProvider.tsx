/** The way out to the identity provider: begins a passage, keeps its secret in this browser, and goes. */
import { Button } from '@mantine/core';
import { IconBuildingBank } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { askPresent, useTransport } from '#ui/asking';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { useWords } from '#ui/words';
import { partiesApi } from '../api.ts';
import { beginPassage } from './passage.ts';

interface ByProviderProps {
  /** Where to go on to once back. */
  readonly next: string;
  /** Of an invitation, which is then accepted; without one and signed in, the own account is linked. */
  readonly secret?: string;
  readonly link?: boolean;
}

export function ByProvider({ next, secret, link }: ByProviderProps) {
  const { t } = useWords();
  const reader = useReader();
  const transport = useTransport();
  const leaving = useMutation<void, Error>({
    mutationFn: async () => {
      const { flow, url } = secret !== undefined ? await transport.ask(partiesApi['oidc.accept'], { secret })
        : link ? await askPresent(transport, () => transport.ask(partiesApi['oidc.link'], {}))
          : await transport.ask(partiesApi['oidc.start'], {});
      beginPassage({ flow, next });
      window.location.assign(url);
    },
  });
  if (reader.identityProvider === null) return null;
  return (
    <>
      <Button
        size={link ? 'xs' : 'md'} variant="default" loading={leaving.isPending} onClick={() => leaving.mutate()}
        leftSection={<IconBuildingBank size={18} aria-hidden />}
      >
        {t(link ? 'provider.link' : 'provider.act', { name: reader.identityProvider })}
      </Button>
      {leaving.error ? <ProblemNote error={leaving.error} /> : null}
    </>
  );
}
