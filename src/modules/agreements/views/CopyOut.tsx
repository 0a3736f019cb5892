/** The copy of a signed agreement that one takes to the other party's hub: made on request, since making it is on the record. */
import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useAct } from '#ui/asking';
import { fileUrl } from '#ui/Download';
import { Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { useWords } from '#ui/words';
import { agreementsApi } from '../api.ts';
import type { Agreed } from './words.ts';

export function CopyOut({ agreed }: { readonly agreed: Agreed }) {
  const { t } = useWords();
  const reader = useReader();
  const made = useAct(agreementsApi['agreements.export']);
  if (agreed.signatures.length < 2 || !reader.may('agreement.export')) return null;
  return (
    <Section title={t('copy.title')} note={t('copy.text')}>
      {made.data ? (
        <a href={fileUrl('text/plain', made.data.text)} download={made.data.name}>
          {t('copy.download', { name: made.data.name })}
        </a>
      ) : (
        <Button
          variant="default" size="compact-xs" w="fit-content" loading={made.isPending} leftSection={<IconDownload size={14} aria-hidden />}
          onClick={() => made.mutate({ agreement: agreed.id })}
        >
          {t('copy.make')}
        </Button>
      )}
      {made.error ? <ProblemNote error={made.error} /> : null}
    </Section>
  );
}
