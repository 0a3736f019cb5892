/** Ctrl-K: pages, acts, and the objects one may see, found by name. Loaded when it is first called. */
import { Spotlight, spotlight, type SpotlightActionData } from '@mantine/spotlight';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBolt, IconBuilding, IconFileCertificate, IconFileText, IconRss, IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { agreementsApi } from '#modules/agreements/api';
import { constituentsApi } from '#modules/constituents/api/index';
import { landscapeApi } from '#modules/landscape/api';
import { useAsk } from '#ui/asking';
import { useReader } from '#ui/reader';
import { useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { usePages } from './Navigation.tsx';

interface Group {
  readonly group: string;
  readonly actions: SpotlightActionData[];
}

function useObjects(query: string): Group[] {
  const { t, own } = useWords();
  const reader = useReader();
  const go = useGo();
  const [typed] = useDebouncedValue(query.trim(), 200);
  const found = useAsk(
    constituentsApi.list, { q: typed, limit: 6 }, { enabled: typed.length > 1 && reader.may('constituent.list'), keep: true },
  );
  const agreements = useAsk(agreementsApi['agreements.list'], {}, { enabled: reader.may('agreement.list') });
  const feeds = useAsk(landscapeApi.feeds, {}, { enabled: reader.may('feed.list') });
  const icon = { size: 18, stroke: 1.6, 'aria-hidden': true } as const;
  return [
    {
      group: t('nav.constituents'),
      actions: (typed.length > 1 ? found.data?.items ?? [] : []).map((c) => ({
        id: c.id, label: c.name, leftSection: <IconBuilding {...icon} />, onClick: () => go(`/constituents/${c.id}`),
      })),
    },
    {
      group: t('nav.agreements'),
      actions: (agreements.data?.agreements ?? []).map((a) => ({
        id: a.id, label: own(a.title, a.titleVi), leftSection: <IconFileCertificate {...icon} />,
        onClick: () => go(`/agreements/${a.id}`),
      })),
    },
    {
      group: t('nav.feeds'),
      actions: (feeds.data?.items ?? []).map((f) => ({
        id: f.id, label: f.title, description: f.name, leftSection: <IconRss {...icon} />, onClick: () => go(`/feeds/${f.id}`),
      })),
    },
  ];
}

export function Palette({ call }: { readonly call: number }) {
  const { t } = useWords();
  const go = useGo();
  const shown = usePages();
  const [query, setQuery] = useState('');
  useEffect(() => spotlight.open(), [call]);
  const objects = useObjects(query);
  const of = (act: boolean) => shown.filter((p) => Boolean(p.act) === act).map((page) => {
    const Icon = page.icon ?? (act ? IconBolt : IconFileText);
    return {
      id: page.path, label: t(page.name ?? ''), onClick: () => go(page.path),
      leftSection: <Icon size={18} stroke={1.6} aria-hidden />,
    };
  });
  return (
    <Spotlight
      query={query} onQueryChange={setQuery} shortcut={null} highlightQuery limit={24} scrollable maxHeight={420}
      nothingFound={t('palette.nothing')}
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />, placeholder: t('palette.placeholder'),
        'aria-label': t('palette.placeholder'),
      }}
      actions={[
        { group: t('palette.acts'), actions: of(true) },
        { group: t('palette.pages'), actions: of(false) },
        ...objects.filter((group) => group.actions.length > 0),
      ]}
    />
  );
}
