/** What one says of a peer: where it is, how one signs in there, under which agreement, and what label has what carries none. */
import { NativeSelect, NumberInput, PasswordInput, TextInput } from '@mantine/core';
import { useAsk } from '#ui/asking';
import { useWords } from '#ui/words';
import { agreementsApi } from '#modules/agreements/api';
import { NewPeer, TlpLabel, type Auth } from '../model/peers.ts';

export interface Typed {
  readonly title: string; readonly url: string; readonly scheme: Auth['scheme']; readonly user: string; readonly secret: string; readonly unmarked: string;
  readonly agreement: string; readonly everyMinutes: number; readonly pageSize: number;
}
export const blank: Typed = {
  title: '', url: '', scheme: 'basic', user: '', secret: '', unmarked: 'AMBER', agreement: '', everyMinutes: 60, pageSize: 1_000,
};

export const authOf = ({ scheme, user }: Typed): Auth => (scheme === 'basic' ? { scheme, user } : { scheme });

/** As the hub wants it; null while something is not filled in. */
export function settingsOf(typed: Typed): NewPeer | null {
  const read = NewPeer.safeParse({
    title: typed.title, url: typed.url, auth: authOf(typed), unmarked: typed.unmarked, agreement: typed.agreement === '' ? null : typed.agreement,
    everyMinutes: typed.everyMinutes, pageSize: typed.pageSize, ...(typed.secret === '' ? {} : { secret: typed.secret }),
  });
  return read.success ? read.data : null;
}

interface FieldsProps { readonly typed: Typed; readonly change: (patch: Partial<Typed>) => void; readonly kept?: boolean }

/** Where it is and how one signs in: enough for a look. */
export function PlaceFields({ typed, change, kept = false }: FieldsProps) {
  const { t } = useWords();
  return (
    <>
      <TextInput label={t('peers.url')} description={t('peers.url-how')} value={typed.url} onChange={(e) => change({ url: e.currentTarget.value.trim() })} />
      <NativeSelect
        label={t('peers.scheme')} value={typed.scheme} onChange={(e) => change({ scheme: e.currentTarget.value as Auth['scheme'] })}
        data={(['basic', 'bearer', 'none'] as const).map((value) => ({ value, label: t(`peers.scheme-${value}`) }))}
      />
      {typed.scheme === 'basic' ? <TextInput label={t('peers.user')} value={typed.user} autoComplete="off" onChange={(e) =>
        change({ user: e.currentTarget.value })} /> : null}
      {typed.scheme === 'none' ? null : (
        <PasswordInput
          label={t(typed.scheme === 'basic' ? 'peers.password' : 'peers.token')} description={t(kept ? 'peers.secret-kept' : 'peers.secret-how')}
          value={typed.secret} autoComplete="new-password" onChange={(e) => change({ secret: e.currentTarget.value })}
        />
      )}
    </>
  );
}

/** Everything else that is settled of it. */
export function TermFields({ typed, change }: FieldsProps) {
  const { t } = useWords();
  const agreements = useAsk(agreementsApi['agreements.list'], {});
  const active = (agreements.data?.agreements ?? []).filter((a) => a.status === 'active');
  return (
    <>
      <TextInput label={t('peers.title')} description={t('peers.title-how')} value={typed.title} onChange={(e) => change({ title: e.currentTarget.value })} />
      <NativeSelect
        label={t('peers.unmarked')} description={t('peers.unmarked-how')} value={typed.unmarked} onChange={(e) => change({ unmarked: e.currentTarget.value })}
        data={[...TlpLabel.options].reverse().map((l) => ({ value: l, label: `TLP:${l}` }))}
      />
      <NativeSelect
        label={t('peers.agreement')} description={t('peers.agreement-how')} value={typed.agreement}
        onChange={(e) => change({ agreement: e.currentTarget.value })}
        data={[{ value: '', label: t('peers.no-agreement') }, ...active.map((a) => ({ value: a.id, label: a.title }))]}
      />
      <NumberInput label={t('peers.every')} min={5} max={44_640} value={typed.everyMinutes} onChange={(n) => change({ everyMinutes: Number(n) })} />
      <NumberInput label={t('peers.page-size')} description={t('peers.page-size-how')} min={1} max={10_000} value={typed.pageSize}
        onChange={(n) => change({ pageSize: Number(n) })} />
    </>
  );
}
