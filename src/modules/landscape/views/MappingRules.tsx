/** The rules of a mapping: for each thing that can be told, the columns it comes from, and how where that needs more than a copy. */
import { Button, Checkbox, NativeSelect, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '#ui/words';
import { mappingTargets, type Mapping, type MappingRule, type MappingTarget } from '../model/mapping.ts';

interface RulesProps {
  readonly mapping: Mapping;
  readonly onChange: (mapping: Mapping) => void;
  readonly columns: readonly string[];
}

/** Told of most rows; the others come when asked for. */
const usual: readonly MappingTarget[] = ['time', 'type', 'ip', 'domain', 'family', 'severity'];

export function MappingRules({ mapping, onChange, columns }: RulesProps) {
  const { t } = useWords();
  const [opened, setOpened] = useState<MappingTarget | null>(null);
  const shown = mappingTargets.filter((target) => usual.includes(target) || mapping.rules[target] !== undefined);
  const rest = mappingTargets.filter((target) => !shown.includes(target));
  const set = (target: MappingTarget, rule: MappingRule | null): void => {
    const { [target]: _gone, ...others } = mapping.rules;
    onChange({ ...mapping, rules: rule === null ? others : { ...others, [target]: rule } });
  };
  return (
    <div style={{ display: 'grid', gap: 12 }}>
      {shown.map((target) => (
        <Rule
          key={target} target={target} rule={mapping.rules[target] ?? { from: [] }} columns={columns} opened={opened === target}
          onOpen={() => setOpened(opened === target ? null : target)} onChange={(rule) => set(target, rule)}
        />
      ))}
      <NativeSelect
        label={t('mapping.add')} value="" data={[{ value: '', label: t('mapping.choose') }, ...rest.map((value) => ({ value,
          label: t(`mapping.to-${value}`) }))]}
        onChange={(e) => {
          const target = mappingTargets.find((one) => one === e.currentTarget.value);
          if (target) set(target, { from: [] });
        }}
      />
    </div>
  );
}

interface RuleProps {
  readonly target: MappingTarget;
  readonly rule: MappingRule;
  readonly columns: readonly string[];
  readonly opened: boolean;
  readonly onOpen: () => void;
  readonly onChange: (rule: MappingRule | null) => void;
}

/** A rule that says nothing is none. */
function plain(rule: MappingRule): MappingRule | null {
  const said = Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined && value !== '' && value !== false)) as MappingRule;
  const empty = said.from.length === 0 && Object.keys(said).length === 1;
  return empty ? null : said;
}

function Rule({ target, rule, columns, opened, onOpen, onChange }: RuleProps) {
  const { t } = useWords();
  const name = t(`mapping.to-${target}`);
  const change = (patch: Partial<MappingRule>): void => onChange(plain({ ...rule, ...patch }));
  return (
    <div>
      <div style={{ display: 'flex', gap: 8, alignItems: 'flex-end' }}>
        <TagsInput
          style={{ flex: 1, minWidth: 0 }} label={name} value={[...rule.from]} data={[...columns]} maxTags={10} clearable
          placeholder={rule.from.length === 0 ? rule.otherwise ?? t('mapping.from') : ''} onChange={(from) => change({ from })}
        />
        <Button variant="subtle" size="xs" mb={4} onClick={onOpen} aria-expanded={opened} aria-label={t('mapping.how-of', { name })}>
          {t('mapping.how')}
        </Button>
      </div>
      {opened ? <How target={target} rule={rule} change={change} /> : null}
    </div>
  );
}

const asText = (table: Readonly<Record<string, string>> | undefined): string => Object.entries(table ?? {}).map(([word,
  ours]) => `${word} = ${ours}`).join('\n');

/** Lines `their word = our word`; what has no equals sign is left for the typing hand to finish. */
function asTable(text: string): Record<string, string> | undefined {
  const pairs = text.split('\n').flatMap((line) => {
    const at = line.indexOf('=');
    return at < 1 ? [] : [[line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()] as const];
  });
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}

interface HowProps { readonly target: MappingTarget; readonly rule: MappingRule; readonly change: (patch: Partial<MappingRule>) => void }

function How({ target, rule, change }: HowProps) {
  const { t } = useWords();
  const [table, setTable] = useState(asText(rule.table));
  const optional = ['ip', 'domain', 'md5', 'sha1', 'sha256'].includes(target);
  return (
    <div style={{ display: 'grid', gap: 8, padding: '8px 0 8px 12px', borderLeft: '2px solid var(--e-line)', marginTop: 8 }}>
      <TextInput
        label={t('mapping.otherwise')} description={t('mapping.otherwise-how')} value={rule.otherwise ?? ''}
        onChange={(e) => change({ otherwise: e.currentTarget.value || undefined })}
      />
      {target === 'time' ? (
        <>
          <TextInput
            label={t('mapping.pattern')} description={t('mapping.pattern-how')} value={rule.pattern ?? ''} placeholder="dd/MM/yyyy HH:mm"
            onChange={(e) => change(e.currentTarget.value === '' ? { pattern: undefined, zone: undefined } : { pattern: e.currentTarget.value })}
          />
          <TextInput
            label={t('mapping.zone')} value={rule.zone ?? ''} placeholder="Asia/Ho_Chi_Minh" disabled={rule.pattern === undefined}
            onChange={(e) => change({ zone: e.currentTarget.value || undefined })}
          />
        </>
      ) : (
        <>
          <Textarea
            label={t('mapping.table')} description={t('mapping.table-how')} value={table} autosize minRows={2} maxRows={10}
            onChange={(e) => {
              setTable(e.currentTarget.value);
              change({ table: asTable(e.currentTarget.value) });
            }}
          />
          <NativeSelect
            label={t('mapping.pick')} value={rule.pick ?? ''}
            data={[{ value: '', label: t('mapping.pick-all') }, { value: 'host', label: t('mapping.pick-host') }, { value: 'lower',
              label: t('mapping.pick-lower') },
              { value: 'before', label: t('mapping.pick-before') }, { value: 'after', label: t('mapping.pick-after') }]}
            onChange={(e) => {
              const pick = (['host', 'lower', 'before', 'after'] as const).find((one) => one === e.currentTarget.value);
              change({ pick, at: pick === 'before' || pick === 'after' ? rule.at ?? '/' : undefined });
            }}
          />
          {rule.at === undefined ? null : (
            <TextInput label={t('mapping.at')} value={rule.at} maxLength={10} onChange={(e) => change({ at: e.currentTarget.value || '/' })} />
          )}
        </>
      )}
      {optional ? (
        <Checkbox label={t('mapping.optional')} checked={rule.optional ?? false} onChange={(e) => change({ optional: e.currentTarget.checked ||
          undefined })} />
      ) : null}
    </div>
  );
}
