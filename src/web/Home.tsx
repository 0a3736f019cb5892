/** Home: for who is signed in, what waits for them and the picture in one row; for a visitor, the public overview. */
import { IconChevronRight } from '@tabler/icons-react';
import { lazy } from 'react';
import { EmptyState } from '#ui/EmptyState';
import { Block, Page, Section } from '#ui/Page';
import { useAsk } from '#ui/asking';
import { useReader } from '#ui/reader';
import { ButtonLink, Link } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '#modules/landscape/api';
import { HeadFigures } from '../modules/landscape/views/HeadFigures.tsx';
import css from './Home.module.css';
import { useQueue, type Waiting } from './queue.ts';
import { useSession } from './session.tsx';

const Overview = lazy(async () => ({ default: (await import('../modules/landscape/views/Overview.tsx')).Overview }));

export function Home() {
  const reader = useReader();
  return reader.signedIn ? <Desk /> : <Overview />;
}

function Desk() {
  const { t, own } = useWords();
  const { actor } = useSession();
  const queue = useQueue();
  const organisation = actor ? own(actor.organisation.name, actor.organisation.nameLocal) : '';
  return (
    <Page title={t('home.welcome', { name: actor?.person.name ?? '' })} description={organisation}>
      <Section title={t('home.queue')}>
        {queue.pending ? <Block height={96} /> : queue.waiting.length === 0
          ? <EmptyState title={t('home.nothing')} how={t('home.nothing-how')} /> : <Queue of={queue.waiting} />}
      </Section>
      <Picture />
    </Page>
  );
}

function Queue({ of }: { readonly of: readonly Waiting[] }) {
  return (
    <ul className={css.queue}>
      {of.map((w) => (
        <li key={w.title} data-is={w.is}>
          <Link to={w.to} className={css.item}>
            <span className={css.words}>
              <span className={css.title}>{w.title}</span>
              <span className={css.how}>{w.how}</span>
            </span>
            <IconChevronRight size={18} aria-hidden />
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Picture() {
  const { t } = useWords();
  const list = useAsk(landscapeApi.statistics, {});
  return (
    <Section
      bare title={t('home.picture')}
      aside={<ButtonLink to="/overview" variant="default" size="xs">{t('home.open-overview')}</ButtonLink>}
    >
      {list.data ? <HeadFigures items={list.data.items} area={list.data.home} period="" /> : <Block height={112} />}
    </Section>
  );
}
