/** The frame of every page: skip link, top bar, mandate bar, navigation. Pages without navigation get the plain one. */
import { ActionIcon } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { useLocation } from '@tanstack/react-router';
import { IconMenu2, IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { TableSkeleton } from '#ui/RowTable';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { useLive } from './live.ts';
import { MandateBar } from './MandateBar.tsx';
import mark from './mark.svg';
import { Navigation } from './Navigation.tsx';
import { Person, ThemeSwitch, TongueSwitch } from './Switches.tsx';
import css from './Shell.module.css';
import { useSession } from './session.tsx';

const Keys = lazy(async () => ({ default: (await import('./Keys.tsx')).Keys }));
const SideMenu = lazy(async () => ({ default: (await import('./SideMenu.tsx')).SideMenu }));
const Palette = lazy(async () => ({ default: (await import('./Palette.tsx')).Palette }));

export function DemoBanner() {
  const { t } = useWords();
  const { mode } = useSession();
  if (mode !== 'demo') return null;
  return <div className={css.demo} role="region" aria-label={t('demo.word')}><strong>{t('demo.word')}</strong> {t('demo.banner')}</div>;
}

function Brand() {
  const { t, own } = useWords();
  const { hub } = useSession();
  return (
    <Link to="/" className={css.brand} aria-label={`Entente, ${t('nav.home')}`}>
      <img src={mark} alt="" width={24} height={24} />
      <span className={css.brandName}>Entente</span>
      <span className={css.hub}>{own(hub.name, hub.nameLocal)}</span>
    </Link>
  );
}

/** Moves the reader's eye and keyboard to the new page, as a browser would on a full load. */
function useFocusOnMove(): React.RefObject<HTMLElement | null> {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const seen = useRef(pathname);
  useEffect(() => {
    if (seen.current === pathname) return;
    seen.current = pathname;
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}

export function Shell({ children }: { readonly children: ReactNode }) {
  const { t } = useWords();
  const [menu, { toggle, close }] = useDisclosure(false);
  const [keys, keysAct] = useDisclosure(false);
  const [palette, setPalette] = useState(0);
  const main = useFocusOnMove();
  useLive();
  const { pathname } = useLocation();
  useEffect(close, [pathname, close]);
  useHotkeys([['mod+K', () => setPalette((n) => n + 1)], ['shift+?', keysAct.toggle], ['?', keysAct.toggle]]);
  return (
    <>
      <a href="#main" className={css.skip}>{t('shell.skip')}</a>
      <DemoBanner />
      <header className={css.top}>
        <ActionIcon
          variant="subtle" color="gray" size="lg" className={css.burger} onClick={toggle} aria-expanded={menu}
          aria-label={menu ? t('shell.menu-close') : t('shell.menu-open')}
        >
          <IconMenu2 size={20} aria-hidden />
        </ActionIcon>
        <Brand />
        <button type="button" className={css.search} onClick={() => setPalette((n) => n + 1)}>
          <IconSearch size={15} aria-hidden />
          <span>{t('shell.search')}</span>
          <kbd>Ctrl K</kbd>
        </button>
        <ActionIcon
          variant="subtle" color="gray" size="lg" className={css.searchSmall} aria-label={t('shell.search')}
          onClick={() => setPalette((n) => n + 1)}
        >
          <IconSearch size={18} aria-hidden />
        </ActionIcon>
        <div className={css.switches}><TongueSwitch /><ThemeSwitch /><Person /></div>
      </header>
      <MandateBar />
      <div className={css.frame}>
        <aside className={css.side}><Navigation /></aside>
        <main id="main" className={css.main} tabIndex={-1} ref={main}>
          <Suspense fallback={<TableSkeleton />}>{children}</Suspense>
        </main>
      </div>
      <Suspense fallback={null}>
        {menu ? <SideMenu onClose={close} /> : null}
        {keys ? <Keys onClose={keysAct.close} /> : null}
        {palette > 0 ? <Palette call={palette} /> : null}
      </Suspense>
    </>
  );
}

export function Plain({ children }: { readonly children: ReactNode }) {
  const { t } = useWords();
  return (
    <>
      <a href="#main" className={css.skip}>{t('shell.skip')}</a>
      <DemoBanner />
      <header className={css.top}>
        <Brand />
        <div className={css.switches}><TongueSwitch /><ThemeSwitch /></div>
      </header>
      <main id="main" className={css.plain} tabIndex={-1}>
        <Suspense fallback={<TableSkeleton />}>{children}</Suspense>
      </main>
    </>
  );
}
