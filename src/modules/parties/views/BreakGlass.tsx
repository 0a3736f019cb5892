/** Broken glass: rights taken in an hour of need, what is open and what waits for its review; and the way to ask for them. */
import { Button, Checkbox, Group, Modal, SimpleGrid, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark, Tag, type Meaning } from '#ui/Mark';
import { Answer, Block, Page, Particulars, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { Trail } from '#ui/Trail';
import { useWords } from '#ui/words';
import { partiesApi } from '../api.ts';
import { breakGlassRights } from '../roles.ts';

type Grant = OutputOf<(typeof partiesApi)['break-glass.list']>['grants'][number];

const meanings: Readonly<Record<Grant['state'], Meaning>> = { open: 'warn', 'to-review': 'wait', overdue: 'danger', closed: 'good' };

const urgency: readonly Grant['state'][] = ['overdue', 'open', 'to-review', 'closed'];
/** What waits for somebody first, the newest of it before the rest. */
const byUrgency = (x: Grant, y: Grant): number =>
  urgency.indexOf(x.state) - urgency.indexOf(y.state) || y.startedAt.localeCompare(x.startedAt);

export function BreakGlass() {
  const { t } = useWords();
  const reader = useReader();
  const asked = useAsk(partiesApi['break-glass.list'], {});
  return (
    <Page title={t('nav.break-glass')} description={t('glass.text')}>
      <Answer of={asked} skeleton={<Block height={200} />}>
        {({ grants }) => (grants.length === 0
          ? <Section><EmptyState title={t('glass.none')} how={t('glass.none-how')} /></Section>
          : grants.toSorted(byUrgency).map((grant) => <One key={grant.id} grant={grant} />))}
      </Answer>
      {reader.may('break-glass.start') ? <Start /> : null}
    </Page>
  );
}

function One({ grant }: { readonly grant: Grant }) {
  const { t, has } = useWords();
  const reader = useReader();
  const end = useAct(partiesApi['break-glass.end']);
  return (
    <Section title={grant.person.name} aside={<Mark is={meanings[grant.state]}>{t(`glass.state.${grant.state}`)}</Mark>}>
      <Particulars
        items={[
          [t('glass.reason'), grant.reason],
          [t('glass.rights'), (
            <Group key="rights" gap={4}>{grant.rights.map((r) => <Tag key={r}>{has(`right.${r}`) ? t(`right.${r}`) : r}</Tag>)}</Group>
          )],
          [t('glass.approver'), grant.approver.name],
          [t('glass.from'), <Time key="from" at={grant.startedAt} />],
          [t(grant.endedAt ? 'glass.ended' : 'glass.until'), <Time key="until" at={grant.endedAt ?? grant.endsAt} />],
          grant.closedAt
            ? [t('glass.finding'), `${grant.finding ?? ''} (${grant.closedBy?.name ?? ''})`]
            : [t('glass.review-due'), <Time key="due" at={grant.reviewDueAt} />],
        ]}
      />
      {end.error ? <ProblemNote error={end.error} /> : null}
      <Group gap="sm" mt={12}>
        {grant.state === 'open' ? (
          <Button variant="default" loading={end.isPending} onClick={() => end.mutate({ grant: grant.id })}>{t('glass.end')}</Button>
        ) : null}
        {grant.mayReview ? <Review grant={grant} /> : null}
      </Group>
      {reader.may('break-glass.review') ? <Trail subject={grant.id} /> : null}
    </Section>
  );
}

function Review({ grant }: { readonly grant: Grant }) {
  const { t } = useWords();
  const [opened, { open, close }] = useDisclosure(false);
  const [finding, setFinding] = useState('');
  const review = useAct(partiesApi['break-glass.close']);
  return (
    <>
      <Button onClick={open}>{t('glass.review')}</Button>
      <Modal opened={opened} onClose={close} title={t('glass.review')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <Form
          act={t('glass.close')} busy={review.isPending} error={review.error} why={finding.trim().length < 10 ? t('glass.why-finding') : null}
          onAct={() => review.mutate({ grant: grant.id, finding: finding.trim() }, { onSuccess: close })}
        >
          <Textarea
            label={t('glass.finding')} description={t('glass.finding-how')} value={finding} autosize minRows={3} data-autofocus
            onChange={(e) => setFinding(e.currentTarget.value)}
          />
        </Form>
      </Modal>
    </>
  );
}

function Start() {
  const { t, has } = useWords();
  const [rights, setRights] = useState<string[]>([]);
  const [reason, setReason] = useState('');
  const start = useAct(partiesApi['break-glass.start']);
  const chosen = breakGlassRights.filter((right) => rights.includes(right));
  const why = chosen.length === 0 ? t('tokens.why-scopes') : reason.trim().length < 10 ? t('glass.why-reason') : null;
  return (
    <Section title={t('glass.start')} note={t('glass.start-note')}>
      <Form
        act={t('glass.start-act')} busy={start.isPending} error={start.error} why={why}
        onAct={() => start.mutate({ rights: chosen, reason: reason.trim() })}
      >
        <Textarea
          label={t('glass.reason')} description={t('glass.reason-how')} value={reason} autosize minRows={2}
          onChange={(e) => setReason(e.currentTarget.value)}
        />
        <Checkbox.Group label={t('glass.rights')} value={rights} onChange={setRights}>
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing={8} mt={8}>
            {breakGlassRights.map((right) => (
              <Checkbox
                key={right} value={right}
                label={<span className="e-first">{has(`right.${right}`) ? t(`right.${right}`) : right}</span>}
              />
            ))}
          </SimpleGrid>
        </Checkbox.Group>
      </Form>
    </Section>
  );
}
