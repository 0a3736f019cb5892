/** The machine form of a clause as fields: one editor for each kind. */
import { Button, Checkbox, MultiSelect, NativeSelect, NumberInput, TagsInput, TextInput } from '@mantine/core';
import { Role, roleMatrix } from '#modules/parties/index';
import { useWords, type Words } from '#ui/words';
import type { Draft } from './EditClause.tsx';
import { HandlingSpec, OversightSpec, PurposeName, QuotaSpec, TlpLabel, type GrantSpec, type Machine, type Side } from '../terms.ts';
import { blankGrant, blankObligation, blankQuota } from './blank.ts';
import css from './View.module.css';
import { factName, rightName, sideName, type Agreed } from './words.ts';

interface EditMachineProps {
  readonly agreed: Agreed;
  readonly kind: Draft['kind'];
  readonly machine: Machine;
  readonly products: readonly string[];
  readonly onChange: (machine: Machine) => void;
}

type ItemProps<T> = {
  readonly agreed: Agreed;
  readonly item: T;
  readonly products: readonly string[];
  readonly onChange: (item: T) => void;
};

export function EditMachine({ agreed, kind, machine, products, onChange }: EditMachineProps) {
  const shared = { agreed, products };
  switch (kind) {
    case 'grant': return (
      <Many items={machine.grants} blank={blankGrant} onChange={(grants) => onChange({ ...machine, grants })}>
        {(item, change) => <Grant {...shared} item={item} onChange={change} />}
      </Many>
    );
    case 'prohibition': return (
      <Many
        items={machine.prohibitions} blank={{ id: '', bound: null, actions: ['source.copy'], when: null }}
        onChange={(prohibitions) => onChange({ ...machine, prohibitions })}
      >
        {(item, change) => <Prohibition {...shared} item={item} onChange={change} />}
      </Many>
    );
    case 'obligation': return (
      <Many items={machine.obligations} blank={blankObligation} onChange={(obligations) => onChange({ ...machine, obligations })}>
        {(item, change) => <Obligation {...shared} item={item} onChange={change} />}
      </Many>
    );
    case 'quota': return (
      <Many items={machine.quotas} blank={blankQuota} onChange={(quotas) => onChange({ ...machine, quotas })}>
        {(item, change) => <Quota {...shared} item={item} onChange={change} />}
      </Many>
    );
    case 'handling': return machine.handling
      ? <Handling {...shared} item={machine.handling} onChange={(handling) => onChange({ ...machine, handling })} /> : null;
    case 'oversight': return machine.oversight
      ? <Oversight {...shared} item={machine.oversight} onChange={(oversight) => onChange({ ...machine, oversight })} /> : null;
    default: return null;
  }
}

interface ManyProps<T> {
  readonly items: readonly T[];
  readonly blank: T;
  readonly onChange: (items: T[]) => void;
  readonly children: (item: T, change: (item: T) => void) => React.ReactNode;
}

function Many<T>({ items, blank, onChange, children }: ManyProps<T>) {
  const { t } = useWords();
  return (
    <div style={{ display: 'grid', gap: 10 }}>
      {items.map((item, i) => (
        // Items that are new have no id yet.
        <div key={i} style={{ display: 'grid', gap: 6 }}>
          {children(item, (next) => onChange(items.map((x, j) => (j === i ? next : x))))}
          {items.length > 1 ? (
            <Button size="compact-xs" variant="subtle" w="fit-content" onClick={() => onChange(items.filter((_, j) => j !== i))}>{t('edit.remove')}</Button>
          ) : null}
        </div>
      ))}
      <Button size="compact-xs" variant="subtle" w="fit-content" onClick={() => onChange([...items, blank])}>{t('edit.item-add')}</Button>
    </div>
  );
}

const sides = (words: Words, agreed: Agreed): { value: Side; label: string }[] =>
  (['authority', 'counterpart'] as const).map((value) => ({ value, label: sideName(words, agreed, value) }));
const rights = (words: Words, more: readonly string[] = []): { value: string; label: string }[] =>
  [...new Set([...Object.keys(roleMatrix), ...more])].sort().map((value) => ({ value, label: rightName(words, value) }));

/** Labels and limits of a choice among fixed words. */
function Choice<V extends string>({ label, value, of, say, onChange }: {
  readonly label: string; readonly value: V; readonly of: readonly V[]; readonly say: (v: V) => string; readonly onChange: (v: V) => void;
}) {
  return (
    <NativeSelect
      label={label} value={value} data={of.map((v) => ({ value: v, label: say(v) }))}
      onChange={(e) => { const found = of.find((v) => v === e.currentTarget.value); if (found !== undefined) onChange(found); }}
    />
  );
}

const instant = (text: string): string | null => (text === '' ? null : `${text}T00:00:00Z`);

function Grant({ agreed, item, products, onChange }: ItemProps<GrantSpec>) {
  const words = useWords();
  const { t } = words;
  const set = (patch: Partial<GrantSpec>) => onChange({ ...item, ...patch });
  const condition = (patch: Partial<GrantSpec['conditions']>) => set({ conditions: { ...item.conditions, ...patch } });
  return (
    <div className={css.grid}>
      <Choice
        label={t('edit.grantee')} value={item.grantee} of={['authority', 'counterpart']} say={(s) => sideName(words, agreed, s)}
        onChange={(grantee) => set({ grantee })}
      />
      <MultiSelect
        label={t('edit.rights')} value={item.actions} data={rights(words, item.actions)} searchable
        onChange={(actions) => set({ actions })}
      />
      <TagsInput label={t('edit.kinds')} value={item.kinds} onChange={(kinds) => set({ kinds })} />
      <MultiSelect
        label={t('edit.purposes')} value={item.purposes} data={PurposeName.options.map((value) => ({ value, label: t(`purpose.${value}`) }))}
        onChange={(purposes) => set({ purposes: purposes.map((p) => PurposeName.parse(p)) })}
      />
      <MultiSelect
        label={t('edit.products')} description={t('edit.products-all')} value={item.products === 'ALL_NAMED' ? [] : item.products}
        data={[...new Set([...products, ...(item.products === 'ALL_NAMED' ? [] : item.products)])]}
        onChange={(chosen) => set({ products: chosen.length === 0 ? 'ALL_NAMED' : chosen })}
      />
      <MultiSelect
        label={t('edit.roles')} description={t('edit.roles-all')} value={item.roles ?? []}
        data={Role.options.map((value) => ({ value, label: t(`role.${value}`) }))}
        onChange={(roles) => set({ roles: roles.length === 0 ? null : roles.map((r) => Role.parse(r)) })}
      />
      <TagsInput
        label={t('edit.persons')} description={t('edit.persons-how')} value={item.persons ?? []}
        onChange={(persons) => set({ persons: persons.length === 0 ? null : persons })}
      />
      <Choice
        label={t('edit.tlp')} value={item.maxTlp} of={TlpLabel.options} say={(label) => `TLP:${label}`}
        onChange={(maxTlp) => set({ maxTlp })}
      />
      <Choice
        label={t('edit.level')} value={String(item.maxLevel)} of={['0', '1', '2', '3', '4']} say={(n) => `${n}: ${t(`level.${n}`)}`}
        onChange={(n) => set({ maxLevel: Number(n) })}
      />
      <TextInput
        type="date" label={t('edit.not-before')} description={t('edit.own-term')} value={item.notBefore?.slice(0, 10) ?? ''}
        onChange={(e) => set({ notBefore: instant(e.currentTarget.value) })}
      />
      <TextInput
        type="date" label={t('edit.expires')} description={t('edit.own-term')} value={item.expires?.slice(0, 10) ?? ''}
        onChange={(e) => set({ expires: instant(e.currentTarget.value) })}
      />
      <TagsInput
        label={t('edit.networks')} description={t('edit.networks-how')} value={item.conditions.networks}
        onChange={(networks) => condition({ networks })}
      />
      <NumberInput
        label={t('edit.approvals')} min={0} max={3} value={item.conditions.approvals?.count ?? 0}
        onChange={(n) => condition({ approvals: Number(n) > 0 ? { count: Number(n), from: item.conditions.approvals?.from ?? 'other-party' } : null })}
      />
      <Checkbox label={t('edit.mfa')} checked={item.conditions.mfa} onChange={(e) => condition({ mfa: e.currentTarget.checked })} mt={26} />
    </div>
  );
}

function Prohibition({ agreed, item, onChange }: ItemProps<Machine['prohibitions'][number]>) {
  const words = useWords();
  const { t } = words;
  return (
    <div className={css.grid}>
      <NativeSelect
        label={t('edit.bound')} value={item.bound ?? ''} data={[{ value: '', label: t('edit.both') }, ...sides(words, agreed)]}
        onChange={(e) => onChange({ ...item, bound: sides(words, agreed).find((s) => s.value === e.currentTarget.value)?.value ?? null })}
      />
      <TagsInput
        label={t('edit.rights')} value={item.actions} data={rights(words).map((r) => r.value)}
        onChange={(actions) => onChange({ ...item, actions })}
      />
      {item.when ? <p className="e-small">{t('edit.condition', { test: JSON.stringify(item.when) })}</p> : null}
    </div>
  );
}

function Obligation({ agreed, item, onChange }: ItemProps<Machine['obligations'][number]>) {
  const words = useWords();
  const { t } = words;
  return (
    <div className={css.grid}>
      <Choice
        label={t('edit.debtor')} value={item.debtor} of={['authority', 'counterpart']} say={(s) => sideName(words, agreed, s)}
        onChange={(debtor) => onChange({ ...item, debtor })}
      />
      <TextInput
        label={t('edit.begun')} description={factName(words, item.begunBy)} value={item.begunBy}
        onChange={(e) => onChange({ ...item, begunBy: e.currentTarget.value })}
      />
      <TextInput
        label={t('edit.done-by')} description={factName(words, item.doneBy)} value={item.doneBy}
        onChange={(e) => onChange({ ...item, doneBy: e.currentTarget.value })}
      />
      <NumberInput
        label={t('edit.hours')} min={1} value={item.withinSeconds / 3600}
        onChange={(n) => onChange({ ...item, withinSeconds: Math.max(1, Math.round(Number(n) * 3600)) })}
      />
    </div>
  );
}

function Quota({ agreed, item, onChange }: ItemProps<Machine['quotas'][number]>) {
  const words = useWords();
  const { t } = words;
  const { unit, per, beyond } = QuotaSpec.shape;
  return (
    <div className={css.grid}>
      <Choice
        label={t('edit.holder')} value={item.holder} of={['authority', 'counterpart']} say={(s) => sideName(words, agreed, s)}
        onChange={(holder) => onChange({ ...item, holder })}
      />
      <NativeSelect
        label={t('edit.rights')} value={item.action} data={rights(words, [item.action])}
        onChange={(e) => onChange({ ...item, action: e.currentTarget.value })}
      />
      <NumberInput label={t('edit.amount')} min={0} value={item.amount} onChange={(n) => onChange({ ...item, amount: Number(n) })} />
      <Choice
        label={t('edit.unit')} value={item.unit} of={unit.options} say={(u) => t(`unit.${u}`)}
        onChange={(u) => onChange({ ...item, unit: u })}
      />
      <Choice
        label={t('edit.per')} value={item.per} of={per.options} say={(p) => t(`per.${p}`)}
        onChange={(p) => onChange({ ...item, per: p })}
      />
      <Choice
        label={t('edit.beyond')} value={item.beyond} of={beyond.options} say={(b) => t(`quota.${b}`)}
        onChange={(b) => onChange({ ...item, beyond: b })}
      />
    </div>
  );
}

function Handling({ item, onChange }: ItemProps<HandlingSpec>) {
  const { t } = useWords();
  const shape = HandlingSpec.shape;
  const say = (word: string): string => t(`iep.${word}`);
  return (
    <div className={css.grid}>
      <Choice
        label={t('edit.encrypt')} value={item.encryptInTransit} of={shape.encryptInTransit.options} say={say}
        onChange={(v) => onChange({ ...item, encryptInTransit: v })}
      />
      <Choice
        label={t('edit.actions')} value={item.permittedActions} of={shape.permittedActions.options} say={say}
        onChange={(v) => onChange({ ...item, permittedActions: v })}
      />
      <Choice
        label={t('edit.affected')} value={item.affectedPartyNotifications} of={shape.affectedPartyNotifications.options} say={say}
        onChange={(v) => onChange({ ...item, affectedPartyNotifications: v })}
      />
      <Choice
        label={t('edit.attribution')} value={item.attribution} of={shape.attribution.options} say={say}
        onChange={(v) => onChange({ ...item, attribution: v })}
      />
      <Choice
        label={t('edit.resale')} value={item.unmodifiedResale} of={shape.unmodifiedResale.options} say={say}
        onChange={(v) => onChange({ ...item, unmodifiedResale: v })}
      />
      <TextInput
        label={t('edit.reference')} value={item.externalReference ?? ''}
        onChange={(e) => onChange({ ...item, externalReference: e.currentTarget.value || null })}
      />
    </div>
  );
}

function Oversight({ agreed, item, onChange }: ItemProps<OversightSpec>) {
  const words = useWords();
  const { t } = words;
  const known = sides(words, agreed).map(({ value, label }) => ({ value: agreed[value], label }));
  const data = known.some((k) => k.value === item.monitor) ? known : [...known, { value: item.monitor, label: item.monitor }];
  return (
    <div className={css.grid}>
      <NativeSelect
        label={t('edit.monitor')} value={item.monitor} data={data}
        onChange={(e) => onChange({ ...item, monitor: e.currentTarget.value })}
      />
      <Choice
        label={t('edit.sees')} value={item.sees} of={OversightSpec.shape.sees.options} say={(s) => t(`sees.${s}`)}
        onChange={(sees) => onChange({ ...item, sees })}
      />
    </div>
  );
}
