/** Names for the ids that facts carry, as far as the reader may know them; an id stays where no name is known. */
import { partiesApi } from '#modules/parties/api';
import { useAsk } from '#ui/asking';
import { useReader } from '#ui/reader';
import { useWords } from '#ui/words';

export function useNames(): (id: string) => string | null {
  const reader = useReader();
  const { own, t } = useWords();
  const organisations = useAsk(partiesApi['organisations.list'], {}, { enabled: reader.may('organisation.list') });
  const people = useAsk(partiesApi['people.list'], {}, { enabled: reader.may('person.list') });
  return (id) => {
    if (id === 'system') return t('fact.system');
    if (id.startsWith('agr_')) {
      const title = reader.agreementTitle({ agreementId: id, agreementTitle: '' });
      return title === '' ? null : title;
    }
    const organisation = organisations.data?.organisations.find((o) => o.id === id);
    if (organisation) return own(organisation.name, organisation.nameLocal);
    return people.data?.people.find((p) => p.id === id)?.name ?? null;
  };
}

/** What an id without a name is of: the three or more letters before its underscore. */
export function useKinds(): (id: string) => string {
  const { t, has } = useWords();
  return (id) => {
    const [prefix = ''] = id.split('_');
    return has(`id-kind.${prefix}`) ? t(`id-kind.${prefix}`) : '';
  };
}
