/** The demonstration's chooser: continue as a person of the story, by organisation, with what each comes to do. */
import { UnstyledButton } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useAct, useAsk } from '#ui/asking';
import { Answer, Block, Page } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { useGo, useUrlState, ownAddress } from '#ui/url';
import { useWords } from '#ui/words';
import css from './Continue.module.css';
import { demoApi, type StoryPerson } from './story.ts';

export function Continue() {
  const { t } = useWords();
  const asked = useAsk(demoApi.people, {});
  return (
    <Page title={t('continue.title')} description={t('continue.text')}>
      <Answer of={asked} skeleton={<Block height={420} />}>{({ people }) => <Organisations people={people} />}</Answer>
    </Page>
  );
}

function Organisations({ people }: { readonly people: readonly StoryPerson[] }) {
  const { t, own } = useWords();
  const ids = [...new Set(people.map((p) => p.organisation.id))];
  return (
    <div className={css.grid}>
      {ids.map((id) => {
        const there = people.filter((p) => p.organisation.id === id);
        const organisation = there[0]?.organisation;
        if (!organisation) return null;
        return (
          <section key={id} className={css.organisation}>
            <h2 className={css.name}>{own(organisation.name, organisation.nameLocal)}</h2>
            <p className={css.kind}>{t(`organisation-kind.${organisation.kind}`)}</p>
            <ul>{there.map((p) => <li key={p.id}><One person={p} /></li>)}</ul>
          </section>
        );
      })}
    </div>
  );
}

function One({ person }: { readonly person: StoryPerson }) {
  const { t, own } = useWords();
  const reader = useReader();
  const [search] = useUrlState();
  const queries = useQueryClient();
  const go = useGo();
  const act = useAct(demoApi.continue);
  const next = search['next'];
  return (
    <>
      <UnstyledButton
        className={css.person} disabled={act.isPending} data-current={reader.person === person.id || undefined}
        onClick={() => act.mutate({ person: person.id }, {
          onSuccess: () => {
            queries.removeQueries();
            void queries.invalidateQueries();
            go(ownAddress(next));
          },
        })}
      >
        <span className={css.who}>{person.name}</span>
        <span className={css.roles}>{person.roles.map((role) => t(`role.${role}`)).join(', ')}</span>
        <span className={css.purpose}>{own(person.purpose, person.purposeVi)}</span>
      </UnstyledButton>
      {act.error ? <ProblemNote error={act.error} /> : null}
    </>
  );
}
