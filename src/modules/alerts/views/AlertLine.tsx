/** The line of one's own people: who is told of an alert, the first first. */
import { Button, Group, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Answer, Block, Page, Section } from '#ui/Page';
import { useWords } from '#ui/words';
import { alertsApi } from '../api.ts';
import type { AlertLine as Line } from '../model.ts';

export function AlertLine() {
  const { t } = useWords();
  const asked = useAsk(alertsApi['alerts.viewLine'], {});
  return (
    <Page title={t('nav.alert-line')} description={t('alerts.line-text')}>
      <Answer of={asked} skeleton={<Block height={240} />}>
        {(line) => <Order key={line.people.map((p) => p.id).join()} of={line} />}
      </Answer>
    </Page>
  );
}

function Order({ of: { people, eligible } }: { readonly of: Line }) {
  const { t } = useWords();
  const [line, setLine] = useState(people);
  const save = useAct(alertsApi['alerts.setLine']);
  const others = eligible.filter((p) => !line.some((l) => l.id === p.id));
  const [next, setNext] = useState('');
  const add = others.find((p) => p.id === next) ?? others[0];
  const earlier = (i: number): void => setLine(line.map((p, at) => (at === i - 1 ? line[i] : at === i ? line[i - 1] : p) as typeof p));
  return (
    <Section>
      <Form act={t('alerts.save')} busy={save.isPending} error={save.error} onAct={() => save.mutate({ people: line.map((p) => p.id) })} wide>
        {line.length === 0 ? <EmptyState title={t('alerts.line-empty')} how={t('alerts.line-empty-how')} /> : (
          <ol style={{ margin: 0, paddingInlineStart: 24 }} aria-label={t('alerts.line')}>
            {line.map((p, i) => (
              <li key={p.id} style={{ marginBlock: 8 }}>
                <Group gap="xs">
                  <span style={{ minWidth: 200 }}>{p.name}</span>
                  {i === 0 ? <Mark is="info">{t('alerts.first')}</Mark> : (
                    <Button size="compact-sm" variant="default" aria-label={`${t('alerts.up')}: ${p.name}`} onClick={() => earlier(i)}>
                      {t('alerts.up')}
                    </Button>
                  )}
                  <Button
                    size="compact-sm" variant="default" aria-label={`${t('alerts.remove')}: ${p.name}`}
                    onClick={() => setLine(line.filter((l) => l.id !== p.id))}
                  >
                    {t('alerts.remove')}
                  </Button>
                </Group>
              </li>
            ))}
          </ol>
        )}
        {add ? (
          <Group align="end" gap="xs">
            <NativeSelect
              label={t('alerts.add')} description={t('alerts.add-how')} value={add.id} onChange={(e) => setNext(e.currentTarget.value)}
              data={others.map((p) => ({ value: p.id, label: p.name }))}
            />
            <Button variant="default" onClick={() => setLine([...line, add])}>{t('alerts.add')}</Button>
          </Group>
        ) : null}
        {save.data ? <p role="status">{t('alerts.saved')}</p> : null}
      </Form>
    </Section>
  );
}
