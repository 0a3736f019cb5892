/** One two-person act: exactly what is asked for and why; agreed to or denied by a second person, then done by the first. */
import { Button, Checkbox, Group, Modal, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { askPresent, useAct, useAsk, useTransport } from '#ui/asking';
import { Code } from '#ui/Code';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Block, Columns, Page, Particulars, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { Timeline, type Step } from '#ui/Timeline';
import { Trail } from '#ui/Trail';
import { Link, usePathParameter } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import { partiesApi } from '../api.ts';
import { actName, stateMeanings, type Listed } from './Approvals.tsx';

export function Approval() {
  const words = useWords();
  const { t } = words;
  const id = usePathParameter('approval');
  const asked = useAsk(partiesApi['approvals.view'], { approval: id });
  const { data } = asked;
  return (
    <Page
      title={data ? actName(words, data) : t('nav.approvals')} above={<Link to="/approvals">{t('nav.approvals')}</Link>}
      description={data ? t('approval.asked-by', { who: data.requester.name }) : null}
    >
      <Answer of={asked} skeleton={<Block height={360} />}>{(approval) => <Body approval={approval} />}</Answer>
    </Page>
  );
}

function Body({ approval }: { readonly approval: Listed }) {
  const words = useWords();
  const { t, own } = words;
  return (
    <>
      <Columns wide="left">
        <Section
          title={t('approval.content')} note={t('approval.content-note')}
          aside={<Mark is={stateMeanings[approval.state]}>{t(`approval.state.${approval.state}`)}</Mark>}
        >
          <Content approval={approval} />
          <Particulars
            items={[
              [t('approval.reason'), approval.reason],
              [t('approval.requester'), `${approval.requester.name}, ${own(approval.organisation.name, approval.organisation.nameLocal)}`],
              [t('approval.decides'), own(approval.approverOrganisation.name, approval.approverOrganisation.nameLocal)],
              [t('approval.digest'), <Hash value={approval.inputSha256} />],
              ...(approval.clauses.length > 0 ? [[t('approval.clauses'), <Clauses clauses={approval.clauses} />] as const] : []),
            ]}
          />
        </Section>
        <Section title={t('approval.life')}><Timeline label={t('approval.life')} steps={life(words, approval)} /></Section>
      </Columns>
      {approval.whyNot === null ? <Decide approval={approval} /> : null}
      {approval.state === 'waiting' && approval.whyNot !== null && !approval.mine && words.has(`refusal.${approval.whyNot}`)
        ? <Section title={t('approval.not-you')}><p style={{ margin: 0 }}>{t(`refusal.${approval.whyNot}`)}</p></Section> : null}
      {approval.mine ? <Mine approval={approval} /> : null}
      <Trail subject={approval.id} />
    </>
  );
}

/** Whom it is about before the rest. */
const first = ['person', 'name', 'hold', 'to', 'subject', 'organisation', 'roles', 'rights'];
const placeOf = (field: string): number => (first.includes(field) ? first.indexOf(field) : first.length);

/** The input, field by field. Ids that the reader's organisation has names for are named; nothing is left out. */
function Content({ approval }: { readonly approval: Listed }) {
  const words = useWords();
  const reader = useReader();
  const people = useAsk(partiesApi['people.list'], {}, { enabled: reader.may('person.list') });
  const organisations = useAsk(partiesApi['organisations.list'], {}, { enabled: reader.may('organisation.list') });
  const protection = useAsk(partiesApi['protection.view'], {}, { enabled: 'hold' in approval.input && reader.may('protection.view') });
  const person = (id: string): string | null => {
    const found = people.data?.people.find((p) => p.id === id);
    return found ? `${found.name} (${found.roles.map((r) => words.t(`role.${r}`)).join(', ')})` : null;
  };
  const organisation = (id: string): string | null => {
    const found = organisations.data?.organisations.find((o) => o.id === id);
    return found ? words.own(found.name, found.nameLocal) : null;
  };
  const hold = (id: string): string | null => {
    const found = protection.data?.holds.find((h) => h.id === id);
    return found ? `${person(found.subject) ?? words.t('protection.whole')}: ${found.reason}` : null;
  };
  const known: Readonly<Record<string, (id: string) => string | null>> = { per_: person, org_: organisation, hld_: hold };
  const named = (id: string): ReactNode => known[id.slice(0, 4)]?.(id) ?? <span className="e-mono">{id}</span>;
  const label = (key: string) => (words.has(`field.${key}`) ? words.t(`field.${key}`) : key);
  const value = (key: string, of: unknown): ReactNode => {
    if (key === 'roles' && Array.isArray(of)) {
      return <Group gap={4}>{of.map((r) => <Tag key={String(r)}>{words.t(`role.${String(r)}`)}</Tag>)}</Group>;
    }
    if (key === 'rights' && Array.isArray(of)) {
      return <Group gap={4}>{of.map(String).map((r) => <Tag key={r}>{words.has(`right.${r}`) ? words.t(`right.${r}`) : r}</Tag>)}</Group>;
    }
    if (key === 'language') return of === 'en' ? 'English' : 'Tiếng Việt';
    if (typeof of === 'string' && /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(of)) return <Time at={of} />;
    if (typeof of === 'string') return /^[a-z]{3}_/.test(of) ? named(of) : of;
    return typeof of === 'number' || typeof of === 'boolean' ? String(of) : <Code label={label(key)} text={JSON.stringify(of, null, 2)} />;
  };
  if (Object.keys(approval.input).length === 0) return <p className="e-quiet">{words.t('approval.no-content')}</p>;
  const fields = Object.entries(approval.input).toSorted(([x], [y]) => placeOf(x) - placeOf(y));
  return <Particulars items={fields.map(([key, of]) => [label(key), value(key, of)] as const)} />;
}

function Clauses({ clauses }: Pick<Listed, 'clauses'>) {
  const { t } = useWords();
  return clauses.map((c) => (
    <span key={`${c.agreementId} ${c.clause}`} style={{ display: 'block' }}>
      {t('ui.problem.clause', { clause: c.clause })} <Link to={`/agreements/${c.agreementId}`}>{c.agreementTitle}</Link>
    </span>
  ));
}

function life({ t }: Words, a: Listed): Step[] {
  const decided: Step = a.decidedBy
    ? {
        key: 'decided', at: a.decidedAt, by: a.denial ? `${a.decidedBy.name}: ${a.denial}` : a.decidedBy.name,
        is: a.denial === null ? 'good' : 'danger', title: t(a.denial === null ? 'approval.state.approved' : 'approval.state.denied'),
      }
    : { key: 'decided', at: null, is: 'none', title: t('approval.to-decide') };
  const end: Step = ['used', 'withdrawn', 'expired', 'void'].includes(a.state)
    ? { key: 'end', at: a.state === 'expired' ? a.expiresAt : null, is: stateMeanings[a.state], title: t(`approval.state.${a.state}`) }
    : { key: 'end', at: a.expiresAt, is: 'none', title: t(a.state === 'approved' ? 'approval.holds-until' : 'approval.waits-until') };
  return [
    { key: 'asked', at: a.requestedAt, by: a.requester.name, is: 'good', title: t('approval.asked') }, decided,
    ...(a.state === 'denied' ? [] : [end]),
  ];
}

function Decide({ approval }: { readonly approval: Listed }) {
  const { t } = useWords();
  const [read, setRead] = useState(false);
  const approve = useAct(partiesApi['approvals.approve']);
  return (
    <Section title={t('approval.decide')} note={t('approval.decide-note')}>
      <Form
        act={t('approval.approve')} busy={approve.isPending} error={approve.error} why={read ? null : t('approval.why')}
        onAct={() => approve.mutate({ approval: approval.id, inputSha256: approval.inputSha256 })} aside={<Deny approval={approval} />}
      >
        <Checkbox
          checked={read} onChange={(e) => setRead(e.currentTarget.checked)}
          label={<>{t('approval.read')} <Hash value={approval.inputSha256} /></>}
        />
      </Form>
    </Section>
  );
}

function Deny({ approval }: { readonly approval: Listed }) {
  const { t } = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  const [reason, setReason] = useState('');
  const deny = useAct(partiesApi['approvals.deny']);
  return (
    <>
      <Button variant="default" onClick={open}>{t('approval.deny')}</Button>
      <Modal opened={opened} onClose={close} title={t('approval.deny')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form
          act={t('approval.deny')} busy={deny.isPending} error={deny.error} why={reason.trim().length < 3 ? t('approval.why-reason') : null}
          onAct={() => deny.mutate({ approval: approval.id, reason: reason.trim() }, { onSuccess: close })}
        >
          <Textarea
            label={t('approval.denial')} description={t('approval.denial-how')} value={reason} autosize minRows={2} data-autofocus
            onChange={(e) => setReason(e.currentTarget.value)}
          />
        </Form>
      </Modal>
    </>
  );
}

/** What the one who asked does with it: perform, or withdraw. What the act answers is shown, since some of it is shown once. */
function Mine({ approval }: { readonly approval: Listed }) {
  const { t } = useWords();
  const transport = useTransport();
  const queries = useQueryClient();
  const withdraw = useAct(partiesApi['approvals.withdraw']);
  // A clause may want several people: what they agreed to goes along together, and what is not needed is not used up.
  const byClause = approval.clauses.length > 0;
  const all = useAsk(partiesApi['approvals.list'], {}, { enabled: byClause });
  const others = (all.data?.approvals ?? []).filter((a) => byClause && a.mine && a.state === 'approved' && a.id !== approval.id
    && a.operation === approval.operation && a.inputSha256 === approval.inputSha256);
  const perform = useMutation<unknown, Error>({
    mutationFn: () => askPresent(transport, () =>
      transport.perform({ ...approval, ids: [approval.id, ...others.map((a) => a.id)].slice(0, 5) })),
    onSuccess: () => queries.invalidateQueries(),
  });
  const link = (perform.data as { link?: unknown } | undefined)?.link;
  const read = approval.method === 'GET' ? perform.data : undefined;
  if (perform.isSuccess) {
    return (
      <Section title={t('approval.done')}>
        <div role="status" style={{ display: 'grid', gap: 8 }}>
          <Mark is="good">{t('approval.done-text')}</Mark>
          {typeof link === 'string' ? <><span>{t('approval.link')}</span><Code label={t('invite.link')} text={link} /></> : null}
          {read === undefined ? null : (
            <><span>{t('approval.answer-note')}</span><Code label={t('approval.answer')} text={JSON.stringify(read, null, 2)} /></>
          )}
        </div>
      </Section>
    );
  }
  if (approval.state !== 'waiting' && approval.state !== 'approved') return null;
  return (
    <Section title={t('approval.yours')} note={t(approval.state === 'approved' ? 'approval.perform-note' : 'approval.waiting-note')}>
      {perform.error ? <ProblemNote error={perform.error} /> : null}
      {withdraw.error ? <ProblemNote error={withdraw.error} /> : null}
      <Group gap="sm">
        {approval.state === 'approved'
          ? <Button loading={perform.isPending} onClick={() => perform.mutate()}>{t('approval.perform')}</Button> : null}
        <Button variant="default" loading={withdraw.isPending} onClick={() => withdraw.mutate({ approval: approval.id })}>
          {t('approval.withdraw')}
        </Button>
      </Group>
    </Section>
  );
}
