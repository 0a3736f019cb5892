/** One clause in the editor: its words in both languages, its part and kind, and the machine form of that kind. */
import { Button, NativeSelect, TextInput, Textarea } from '@mantine/core';
import { useWords } from '#ui/words';
import type { EditedDocument } from '../edited.ts';
import { Clause } from '../model.ts';
import type { Machine } from '../terms.ts';
import { EditMachine } from './EditMachine.tsx';
import css from './View.module.css';
import { firstOf } from './blank.ts';
import type { Agreed } from './words.ts';

export type Draft = EditedDocument['clauses'][number];

const none: Machine = { grants: [], prohibitions: [], obligations: [], quotas: [], handling: null, oversight: null };

/** A clause that says nothing yet. */
export function fresh(agreed: Agreed): Draft {
  const part = agreed.parts.find((p) => p.state !== 'not-included')?.id ?? null;
  return { part, kind: 'narrative', title: '', titleVi: '', text: '', textVi: '', machine: none };
}

interface EditClauseProps {
  readonly agreed: Agreed;
  readonly clause: Draft;
  readonly at: string;
  readonly problems: ReadonlyMap<string, string>;
  readonly parts: EditedDocument['parts'];
  readonly products: readonly string[];
  readonly first: boolean;
  readonly last: boolean;
  readonly onChange: (clause: Draft | null) => void;
  readonly onMove: (by: -1 | 1) => void;
}

export function EditClause({ agreed, clause, at, problems, parts, products, first, last, onChange, onMove }: EditClauseProps) {
  const { t, own } = useWords();
  const set = (patch: Partial<Draft>) => onChange({ ...clause, ...patch });
  const mine = [...problems].filter(([place]) => place.startsWith(`${at}.`));
  const setKind = (kind: Draft['kind']) => set({ kind, machine: kind === clause.kind ? clause.machine : { ...none, ...firstOf(kind, agreed) } });
  return (
    <fieldset className={css.item} style={{ margin: 0 }}>
      <legend className="e-quiet">{own(clause.title, clause.titleVi) || t('edit.clause-add')}</legend>
      <div className={css.grid}>
        <TextInput label={t('edit.title-en')} value={clause.title} onChange={(e) => set({ title: e.currentTarget.value })} required />
        <TextInput label={t('edit.title-vi')} value={clause.titleVi} onChange={(e) => set({ titleVi: e.currentTarget.value })} required />
        <NativeSelect
          label={t('edit.part')} value={clause.part ?? ''} error={problems.get(`${at}.part`)}
          data={[{ value: '', label: t('edit.no-part') }, ...parts
            .filter((p) => p.included).map((p) => ({ value: p.id, label: own(p.title, p.titleVi) || p.id }))]}
          onChange={(e) => set({ part: e.currentTarget.value || null })}
        />
        <NativeSelect
          label={t('edit.kind')} value={clause.kind}
          data={Clause.shape.kind.options.map((value) => ({ value, label: t(`clause-kind.${value}`) }))}
          onChange={(e) => setKind(Clause.shape.kind.parse(e.currentTarget.value))}
        />
      </div>
      <Textarea
        label={t('edit.words')} value={clause.text}
        onChange={(e) => set({ text: e.currentTarget.value })} autosize minRows={2} required
      />
      <Textarea
        label={t('edit.words-vi')} value={clause.textVi}
        onChange={(e) => set({ textVi: e.currentTarget.value })} autosize minRows={2} required
      />
      {clause.kind === 'narrative' ? <p className="e-small e-quiet" style={{ margin: 0 }}>{t('clauses.narrative')}</p> : (
        <EditMachine agreed={agreed} kind={clause.kind} machine={clause.machine} products={products} onChange={(machine) => set({ machine })} />
      )}
      {mine.map(([place, problem]) => (
        <p key={place} role="alert" style={{ margin: 0, color: 'var(--e-danger)' }}><code>{place.slice(at.length + 1)}</code> {problem}</p>
      ))}
      <div className={css.links}>
        <Button size="compact-xs" variant="default" disabled={first} onClick={() => onMove(-1)}>{t('edit.up')}</Button>
        <Button size="compact-xs" variant="default" disabled={last} onClick={() => onMove(1)}>{t('edit.down')}</Button>
        <Button size="compact-xs" variant="default" onClick={() => onChange(null)}>{t('edit.remove')}</Button>
      </div>
    </fieldset>
  );
}
