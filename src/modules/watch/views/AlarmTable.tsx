/** Alarms, a line each: what, of what, where. */
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import type { Alarm } from '../model.ts';
import { AlarmState, KindMark, usePlace, useThing } from './marks.tsx';

export function AlarmTable({ items, withChannel = false }: { readonly items: readonly Alarm[]; readonly withChannel?: boolean }) {
  const { t } = useWords();
  const [place, thing] = [usePlace(), useThing()];
  return (
    <RowTable
      label={t('nav.channel-alarms')} rows={items} rowKey={(a) => a.id} to={(a) => `/channel-alarms/${a.id}`}
      columns={[
        { key: 'kind', head: t('watch.alarm'), cell: (a) => <KindMark alarm={a} />, sort: (a) => a.kind },
        { key: 'thing', head: t('watch.about'), wrap: true, cell: (a) => <Link to={`/channel-alarms/${a.id}`}>{thing(a)}</Link>, sort: (a) => a.name },
        { key: 'places', head: t('watch.where'), wrap: true, cell: (a) => a.places.map(place).join('; '), sort: (a) => a.places.join() },
        ...withChannel ? [{ key: 'channel', head: t('watch.channel'), wrap: true, spare: true,
          cell: (a: Alarm) => <Link to={`/update-channels/${a.channel}`}>{`${a.productName} · ${a.channelName}`}</Link> }] : [],
        { key: 'state', head: t('watch.state'), spare: true, cell: (a) => <AlarmState alarm={a} />, sort: (a) => a.state },
        { key: 'at', head: t('watch.raised'), spare: true, cell: (a) => <Time at={a.raisedAt} />, sort: (a) => a.raisedAt },
      ]}
    />
  );
}
