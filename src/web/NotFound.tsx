/** The page for an address that leads nowhere, or to what the reader may not know of: one page for both. */
import { Page } from '#ui/Page';
import { EmptyState } from '#ui/EmptyState';
import { ButtonLink } from '#ui/url';
import { useWords } from '#ui/words';

export function NotFound() {
  const { t } = useWords();
  return (
    <Page title={t('not-found.title')}>
      <EmptyState
        title={t('not-found.text')} how={t('not-found.how')} act={<ButtonLink to="/" variant="default">{t('nav.home')}</ButtonLink>}
      />
    </Page>
  );
}
