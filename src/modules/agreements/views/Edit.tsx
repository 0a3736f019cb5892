/** Edits a draft whole: terms, parts, clauses with their words and their machine form. Problems stand at their place. */
import { Button, Checkbox, TagsInput, TextInput, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { ProblemError, useAct, useAsk } from '#ui/asking';
import { Form } from '#ui/Form';
import { Answer, Page, Section } from '#ui/Page';
import { Link, useGo, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { agreementsApi } from '../api.ts';
import { editable, type EditedDocument } from '../edited.ts';
import { EditClause, fresh } from './EditClause.tsx';
import css from './View.module.css';
import type { Agreed } from './words.ts';

export function Edit() {
  const { t, own } = useWords();
  const id = usePathParameter('agreement');
  const asked = useAsk(agreementsApi['agreements.view'], { agreement: id });
  return (
    <Page
      title={t('edit.title')} description={t('edit.text')}
      above={<Link to={`/agreements/${id}`}>{asked.data ? own(asked.data.title, asked.data.titleVi) : t('agreement.agreement')}</Link>}
    >
      <Answer of={asked}>{(agreed) => <Editor agreed={agreed} />}</Answer>
    </Page>
  );
}

type Places = ReadonlyMap<string, string>;

/** What the hub said is wrong, by place. */
function placesOf(error: Error | null): Places {
  return new Map(error instanceof ProblemError ? (error.problem.problems ?? []).map((p) => [p.at, p.problem]) : []);
}

/** Edits what was there when the page opened, over exactly that version: what came meanwhile is never overwritten. */
function Editor({ agreed }: { readonly agreed: Agreed }) {
  const { t } = useWords();
  const go = useGo();
  const [began] = useState({ version: agreed.version, document: editable(agreed) });
  const [d, setD] = useState<EditedDocument>(began.document);
  const save = useAct(agreementsApi['agreements.edit']);
  const problems = placesOf(save.error);
  const set = (patch: Partial<EditedDocument>) => setD({ ...d, ...patch });
  const changed = JSON.stringify(d) !== JSON.stringify(began.document);
  const act = () => save.mutate({ agreement: agreed.id, version: began.version, document: d }, {
    onSuccess: (saved) => {
      notifications.show({ message: t('edit.saved', { version: saved.version }) });
      go(`/agreements/${agreed.id}`);
    },
  });
  const setClause = (i: number, clause: EditedDocument['clauses'][number] | null) =>
    set({ clauses: clause ? d.clauses.map((c, j) => (j === i ? clause : c)) : d.clauses.filter((_, j) => j !== i) });
  const move = (i: number, by: -1 | 1) => {
    const clauses = [...d.clauses];
    const [moved] = clauses.splice(i, 1);
    if (moved) clauses.splice(i + by, 0, moved);
    set({ clauses });
  };
  return (
    <Form wide act={t('edit.save')} onAct={act} busy={save.isPending} error={save.error} why={changed ? null : t('edit.unchanged')}>
      <Section><Terms d={d} set={set} problems={problems} /></Section>
      <Section title={t('edit.parts')}><Parts d={d} set={set} /></Section>
      <Section title={t('clauses.title')}>
        <div style={{ display: 'grid', gap: 12 }}>
          {d.clauses.map((clause, i) => (
            <EditClause
              // Clauses have no name of their own: their place is what the hub's problems speak of.
              key={`${i} ${clause.kind}`} agreed={agreed} clause={clause} at={`clauses.${i}`} problems={problems} parts={d.parts}
              products={d.products} onChange={(c) => setClause(i, c)} onMove={(by) => move(i, by)} first={i === 0} last={i === d.clauses.length - 1}
            />
          ))}
          <Button variant="default" w="fit-content" onClick={() => set({ clauses: [...d.clauses, fresh(agreed)] })}>{t('edit.clause-add')}</Button>
        </div>
      </Section>
    </Form>
  );
}

interface PieceProps {
  readonly d: EditedDocument;
  readonly set: (patch: Partial<EditedDocument>) => void;
}

function Terms({ d, set, problems }: PieceProps & { readonly problems: Places }) {
  const { t } = useWords();
  const text = (key: 'title' | 'titleVi', label: string) => (
    <Textarea
      label={label} value={d[key]} error={problems.get(key)} autosize minRows={2} required
      onChange={(e) => set({ [key]: e.currentTarget.value.replaceAll('\n', ' ') })}
    />
  );
  const day = (key: 'effectiveOn' | 'expiresOn', label: string) => (
    <TextInput
      type="date" label={label} value={d[key]} error={problems.get(key)}
      onChange={(e) => set({ [key]: e.currentTarget.value })} required
    />
  );
  return (
    <div style={{ display: 'grid', gap: 10 }}>
      <div className={css.pair}>{text('title', t('edit.title-en'))}{text('titleVi', t('edit.title-vi'))}</div>
      <div className={css.grid}>
        <TagsInput
          label={t('agreement.products')} description={t('draft.products-how')} value={d.products}
          onChange={(products) => set({ products })}
        />
        {day('effectiveOn', t('draft.effective'))}{day('expiresOn', t('draft.expires'))}
        <TextInput
          label={t('draft.zone')} value={d.zone} error={problems.get('zone')} required
          onChange={(e) => set({ zone: e.currentTarget.value })}
        />
      </div>
    </div>
  );
}

function Parts({ d, set }: PieceProps) {
  const { t } = useWords();
  const change = (i: number, patch: Partial<EditedDocument['parts'][number]>) => {
    const parts = d.parts.map((p, j) => (j === i ? { ...p, ...patch } : p));
    // Clauses of a part that is left out go with it.
    const out = patch.included === false ? d.parts[i]?.id : null;
    set({ parts, clauses: out ? d.clauses.filter((c) => c.part !== out) : d.clauses });
  };
  const add = () => {
    const id = `part-${d.parts.length + 1}`;
    set({ parts: [...d.parts, { id, title: '', titleVi: '', summary: '', summaryVi: '', included: true }] });
  };
  return (
    <div style={{ display: 'grid', gap: 12 }}>
      {d.parts.map((p, i) => (
        <div key={p.id} className={css.item}>
          <Checkbox label={t('edit.included')} checked={p.included} onChange={(e) => change(i, { included: e.currentTarget.checked })} />
          <div className={css.pair}>
            <TextInput label={t('edit.title-en')} value={p.title} onChange={(e) => change(i, { title: e.currentTarget.value })} required />
            <TextInput
              label={t('edit.title-vi')} value={p.titleVi}
              onChange={(e) => change(i, { titleVi: e.currentTarget.value })} required
            />
            <Textarea
              label={t('edit.summary')} value={p.summary} autosize minRows={2}
              onChange={(e) => change(i, { summary: e.currentTarget.value })}
            />
            <Textarea
              label={t('edit.summary-vi')} value={p.summaryVi} autosize minRows={2}
              onChange={(e) => change(i, { summaryVi: e.currentTarget.value })}
            />
          </div>
        </div>
      ))}
      <Button variant="default" w="fit-content" onClick={add}>{t('edit.part-add')}</Button>
    </div>
  );
}
