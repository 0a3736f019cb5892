/** The list of pages, filtered by what the reader's roles allow; the hub decides again on every request. */
import { useLocation } from '@tanstack/react-router';
import { useReader } from '#ui/reader';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import css from './Navigation.module.css';
import type { PageEntry } from './routes/entry.ts';
import { pages } from './routes.tsx';
import { sideOf } from './side.ts';

export function usePages(): readonly PageEntry[] {
  const reader = useReader();
  return pages.filter((page) =>
    page.name !== undefined && (page.needs ? reader.may(page.needs) : page.open || reader.signedIn)
    && (page.for === undefined || !reader.signedIn || page.for === sideOf(reader))
    && (page.kind === undefined || page.kind === reader.organisationKind));
}

const groups = ['landscape', 'exchange', 'constituents', 'agreements', 'ledger', 'parties'] as const;

export function Navigation() {
  const { t } = useWords();
  const { pathname } = useLocation();
  const shown = usePages().filter((page) => !page.act);
  const under = (path: string) => (path === '/' ? pathname === '/' : pathname === path || pathname.startsWith(`${path}/`));
  return (
    <nav aria-label={t('shell.navigation')} className={css.nav}>
      {groups.map((group) => {
        const own = shown.filter((page) => page.group === group && page.icon);
        if (own.length === 0) return null;
        return (
          <div key={group}>
            <h2 className={css.group}>{t(`group.${group}`)}</h2>
            <ul>
              {own.map(({ path, name, icon: Icon }) => (
                <li key={path}>
                  <Link to={path} className={css.link} aria-current={under(path) ? 'page' : undefined}>
                    {Icon ? <Icon size={17} stroke={1.6} aria-hidden /> : null}
                    <span>{t(name ?? '')}</span>
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
      <div className={css.foot}>
        <Link to="/about-the-data">{t('nav.about')}</Link>
      </div>
    </nav>
  );
}
