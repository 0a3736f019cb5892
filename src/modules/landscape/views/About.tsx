/** Where data and shapes come from, under which terms, and what is invented. The wording of the licences is theirs. */
import { Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { useWords } from '#ui/words';

const sources = [
  { key: 'routeviews', href: 'https://www.routeviews.org', name: 'RouteViews' },
  { key: 'dbip', href: 'https://db-ip.com', name: 'IP Geolocation by DB-IP' },
  { key: 'nro', href: 'https://www.nro.net', name: 'NRO' },
  { key: 'naturalearth', href: 'https://www.naturalearthdata.com', name: 'Natural Earth' },
  { key: 'fonts', href: 'https://fonts.google.com/specimen/Be+Vietnam+Pro', name: 'Be Vietnam Pro, JetBrains Mono' },
] as const;

export function About() {
  const { t } = useWords();
  const reader = useReader();
  return (
    <Page title={t('about.title')} description={t('about.text')}>
      {reader.demo ? <Section title={t('about.demo')}><p style={{ margin: 0, maxWidth: '72ch' }}>{t('about.demo-text')}</p></Section> : null}
      <Section title={t('about.sources')}>
        <dl style={{ margin: 0, display: 'grid', gap: 14, maxWidth: '80ch' }}>
          {sources.map(({ key, href, name }) => (
            <div key={key}>
              <dt><a href={href} rel="noreferrer">{name}</a></dt>
              <dd style={{ margin: 0 }} className="e-quiet">{t(`about.${key}`)}</dd>
            </div>
          ))}
        </dl>
      </Section>
      <Section title={t('about.reading')}>
        <ul style={{ margin: 0, paddingLeft: 18, maxWidth: '80ch', display: 'grid', gap: 6 }}>
          {['place', 'add', 'rank', 'missing', 'few', 'map'].map((key) => <li key={key}>{t(`about.reading-${key}`)}</li>)}
        </ul>
      </Section>
    </Page>
  );
}
