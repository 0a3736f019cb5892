/** Rooms of a centre with their calendar: one team a day. */
import { NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Answer, Block, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { useWords } from '#ui/words';
import { centreApi } from '../api.ts';
import type { Room } from '../model.ts';

/** Days that follow one another, as one. */
function spans(days: readonly string[]): string[][] {
  const out: string[][] = [];
  for (const day of [...days].sort()) {
    const last = out.at(-1);
    const before = last?.at(-1);
    if (last && before !== undefined && Date.parse(day) - Date.parse(before) === 86_400_000) last.push(day);
    else out.push([day]);
  }
  return out;
}

export function Rooms() {
  const { t, number, day } = useWords();
  const reader = useReader();
  const asked = useAsk(centreApi['rooms.list'], {});
  const booked = (r: Room): string => spans(r.booked.map((b) => b.day))
    .map((s) => (s.length === 1 ? day(s[0] ?? '') : `${day(s[0] ?? '')} – ${day(s.at(-1) ?? '')}`)).join(', ');
  return (
    <Section title={t('centre.rooms')} note={t('centre.rooms-text')}>
      <Answer of={asked} skeleton={<Block height={120} />}>
        {({ items }) => (
          <RowTable
            label={t('centre.rooms')} rows={items} rowKey={(r) => r.id} empty={<EmptyState title={t('centre.no-room')} how={t('centre.no-room-how')} />}
            columns={[
              { key: 'name', head: t('centre.room'), wrap: true, cell: (r) => r.name, sort: (r) => r.name },
              { key: 'place', head: t('centre.place'), wrap: true, cell: (r) => r.place, sort: (r) => r.place },
              { key: 'seats', head: t('centre.seats'), right: true, spare: true, cell: (r) => number(r.seats), sort: (r) => r.seats },
              { key: 'booked', head: t('centre.booked'), wrap: true, cell: booked },
            ]}
          />
        )}
      </Answer>
      {reader.may('room.change') ? <AddRoom /> : null}
    </Section>
  );
}

function AddRoom() {
  const { t } = useWords();
  const [name, setName] = useState('');
  const [place, setPlace] = useState('');
  const [seats, setSeats] = useState(4);
  const add = useAct(centreApi['rooms.add']);
  return (
    <Form
      act={t('centre.room-add')} busy={add.isPending} error={add.error} why={name.trim() === '' || place.trim() === '' ? t('centre.room-missing') : null}
      onAct={() => add.mutate({ name: name.trim(), place: place.trim(), seats }, { onSuccess: () => setName('') })}
    >
      <TextInput label={t('centre.room')} value={name} maxLength={100} onChange={(e) => setName(e.currentTarget.value)} />
      <TextInput label={t('centre.place')} value={place} maxLength={100} onChange={(e) => setPlace(e.currentTarget.value)} />
      <NumberInput label={t('centre.seats')} value={seats} min={1} max={100} onChange={(v) => setSeats(Number(v) || 1)} />
    </Form>
  );
}
