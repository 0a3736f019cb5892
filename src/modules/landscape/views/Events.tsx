/** The rows behind the figures, under the same filters as the figures, each opened for everything the provider sent. */
import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useAsk } from '#ui/asking';
import { Choice, Filters, Typed } from '#ui/Filters';
import { usePaged } from '#ui/paged';
import { Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { useUrlState, type Search } from '#ui/url';
import { useWords } from '#ui/words';
import type { InputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { EventKind, eventKinds, writtenFormats } from '../model.ts';
import { EventRows } from './EventRows.tsx';

const names = ['kind', 'feed', 'area', 'asn', 'owner', 'family', 'ip', 'domain', 'batch', 'type', 'from', 'to'] as const;

/** What of the address the hub would take; a half-typed filter is left out instead of refused. */
export function filterOf(search: Search): InputOf<typeof landscapeApi.events> {
  const kept = names.flatMap((name) => {
    const value = search[name];
    if (!value) return [];
    if (name === 'kind') return EventKind.safeParse(value).success ? [[name, value]] : [];
    if (name === 'area') return /^[A-Z]{2}$/.test(value.toUpperCase()) ? [[name, value.toUpperCase()]] : [];
    if (name === 'asn') return /^(AS)?\d+$/i.test(value) ? [[name, value.replace(/^AS/i, '')]] : [];
    if (name === 'from' || name === 'to') return /^\d{4}-\d{2}-\d{2}$/.test(value) ? [[name, value]] : [];
    return [[name, value]];
  });
  return Object.fromEntries(kept) as InputOf<typeof landscapeApi.events>;
}

/** The same rows as a file: all that the filter finds, in the format of whoever takes them. */
function Export({ search }: { readonly search: Search }) {
  const { t } = useWords();
  const asked = filterOf(search);
  return (
    <Menu position="bottom-end">
      <Menu.Target><Button variant="default" leftSection={<IconDownload size={16} aria-hidden />}>{t('events.export')}</Button></Menu.Target>
      <Menu.Dropdown>
        {writtenFormats.map((format) => (
          <Menu.Item
            key={format} component="a" download
            href={`/api/events/export?${new URLSearchParams({ ...asked as Record<string, string>, format })}`}
          >
            {t(`events.format-${format}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function Events() {
  const { t } = useWords();
  const reader = useReader();
  const [search] = useUrlState();
  const feeds = useAsk(landscapeApi.feeds, {}, { enabled: reader.may('feed.list') });
  const found = usePaged(landscapeApi.events, { ...filterOf(search), limit: 100 }, (a) => a);
  return (
    <Page title={t('nav.events')} description={t('events.text')} act={<Export search={search} />}>
      <Filters names={names}>
        <Typed name="from" label={t('event.from')} type="date" />
        <Typed name="to" label={t('event.to')} type="date" />
        <Choice
          name="kind" label={t('event.kind')} all={t('ui.all')}
          options={eventKinds.map((value) => ({ value, label: t(`kind.${value}`) }))}
        />
        <Choice
          name="feed" label={t('feed.feed')} all={t('ui.all')}
          options={(feeds.data?.items ?? []).map((f) => ({ value: f.id, label: f.title }))}
        />
        <Typed name="family" label={t('families.family')} />
        <Typed name="area" label={t('event.area-code')} placeholder="VN" />
        <Typed name="asn" label={t('event.asn')} placeholder="AS64500" />
        <Typed name="ip" label={t('event.ip')} />
        <Typed name="domain" label={t('event.domain')} />
      </Filters>
      <Section><EventRows of={found} owner /></Section>
    </Page>
  );
}
