/** Adding or changing where a feed's files are fetched from: first of which kind, then what that kind needs, and how often. */
import { Checkbox, NativeSelect, NumberInput, PasswordInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useAsk } from '#ui/asking';
import { Form } from '#ui/Form';
import { Answer, Page, Section } from '#ui/Page';
import { Link, useGo, usePathParameter, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';
import { sourceKinds, SourceSettings, type SecretName, type Source, type SourceKind } from '../collect/model.ts';
import { placeOf, secretsNeeded, settingsProblem } from '../collect/rules.ts';

type Typed = Readonly<Record<string, string | boolean>>;
interface Field {
  readonly name: string;
  readonly as: 'text' | 'number' | 'check' | 'lines' | readonly string[];
  readonly first?: string | boolean;
  /** Only while another field says so. */
  readonly when?: (typed: Typed) => boolean;
}

const auth: readonly Field[] = [
  { name: 'scheme', as: ['none', 'bearer', 'basic', 'header'], first: 'none' },
  { name: 'authUser', as: 'text', when: (typed) => typed['scheme'] === 'basic' },
  { name: 'authHeader', as: 'text', when: (typed) => typed['scheme'] === 'header' },
];
const match: Field = { name: 'match', as: 'text', first: '*' };

/** What a person fills in, by kind. */
const fields: Readonly<Record<SourceKind, readonly Field[]>> = {
  http: [
    { name: 'url', as: 'text' }, { name: 'read', as: ['file', 'pages', 'list'], first: 'file' },
    { name: 'rows', as: 'text', when: (typed) => typed['read'] === 'pages' }, { name: 'next', as: 'text', when: (typed) => typed['read'] === 'pages' },
    { ...match, when: (typed) => typed['read'] === 'list' }, ...auth,
  ],
  folder: [{ name: 'folder', as: 'text' }, match],
  imap: [
    { name: 'host', as: 'text' }, { name: 'port', as: 'number', first: '993' }, { name: 'secure', as: 'check', first: true }, { name: 'user', as: 'text' },
    { name: 'mailbox', as: 'text', first: 'INBOX' }, { name: 'senders', as: 'lines' }, { name: 'subject', as: 'text' },
    { name: 'take', as: ['attachments', 'links'], first: 'attachments' }, { name: 'linkHosts', as: 'lines', when: (typed) => typed['take'] === 'links' }, match,
  ],
  s3: [
    { name: 'bucket', as: 'text' }, { name: 'prefix', as: 'text' }, { name: 'region', as: 'text', first: 'us-east-1' }, { name: 'endpoint', as: 'text' },
    { name: 'pathStyle', as: 'check', first: false }, { name: 'accessKeyId', as: 'text' }, match,
  ],
  shadowserver: [{ name: 'lists', as: 'lines' }, { name: 'types', as: 'lines' }],
  misp: [{ name: 'url', as: 'text' }, ...auth],
};

const lines = (text: string): string[] => text.split(/[\s,]+/).filter((one) => one !== '');

/** What was typed as settings; what is empty is left to its default. */
function settingsFrom(kind: SourceKind, typed: Typed, before: Readonly<Record<string, unknown>>): unknown {
  const shown = fields[kind].filter(({ when }) => when?.(typed) ?? true);
  const values = shown.map(({ name, as }): [string, unknown] => {
    const value = typed[name] ?? '';
    if (as === 'lines') return [name, lines(String(value))];
    return [name, as === 'number' ? Number(value) : as === 'check' ? value === true : value];
  });
  const plain = Object.fromEntries(values.filter(([name, value]) => value !== '' && !['scheme', 'authUser', 'authHeader'].includes(name)));
  const scheme = String(typed['scheme'] ?? 'none');
  const withAuth = kind === 'http' || kind === 'misp' ? {
    auth: { scheme, ...scheme === 'basic' ? { user: typed['authUser'] } : {}, ...scheme === 'header' ? { header: typed['authHeader'] } : {} },
  } : {};
  // What the form does not show stays as it was.
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => !fields[kind].some((field) => field.name === name)));
  return { ...kept, kind, ...plain, ...withAuth };
}

function typedFrom(kind: SourceKind, settings: Readonly<Record<string, unknown>> | null): Typed {
  const given = settings?.['auth'] as Readonly<Record<string, string>> | undefined;
  const values: Readonly<Record<string, unknown>> = { ...settings, scheme: given?.['scheme'], authUser: given?.['user'], authHeader: given?.['header'] };
  return Object.fromEntries(fields[kind].map(({ name, first = '' }) => {
    const value = values[name] ?? first;
    return [name, Array.isArray(value) ? value.join('\n') : typeof value === 'boolean' ? value : String(value)];
  }));
}

export function NewSource() {
  const { t } = useWords();
  const feed = usePathParameter('feed');
  const [search] = useUrlState();
  const kind = sourceKinds.find((one) => one === search['kind']);
  return (
    <Page title={t('sources.add')} description={kind ? t(`source-kind-how.${kind}`)
      : t('sources.choose')} above={<Link to={`/feeds/${feed}`}>{t('feed.feed')}</Link>}>
      <Section>
        {kind ? <SourceForm key={kind} feed={feed} kind={kind} source={null} /> : <Kinds feed={feed} />}
      </Section>
    </Page>
  );
}

function Kinds({ feed }: { readonly feed: string }) {
  const { t } = useWords();
  const asked = useAsk(landscapeApi.feedSources, { feed });
  return (
    <Answer of={asked}>
      {({ inbox }) => (
        <dl style={{ display: 'grid', gap: 16, margin: 0 }}>
          {sourceKinds.map((kind) => (
            <div key={kind}>
              <dt>{kind === 'folder' && !inbox ? <span className="e-faint">{t(`source-kind.${kind}`)}</span>
                : <Link to={`/feeds/${feed}/sources/new?kind=${kind}`}>{t(`source-kind.${kind}`)}</Link>}</dt>
              <dd style={{ margin: 0 }} className="e-quiet">{kind === 'folder' && !inbox ? t('refusal.feed-source.no-inbox')
                : t(`source-kind-how.${kind}`)}</dd>
            </div>
          ))}
        </dl>
      )}
    </Answer>
  );
}

export function ChangeSource() {
  const { t } = useWords();
  const [feed, id] = [usePathParameter('feed'), usePathParameter('source')];
  const asked = useAsk(landscapeApi.viewFeedSource, { feed, feedSource: id });
  const back = `/feeds/${feed}/sources/${id}`;
  return (
    <Page title={t('source.change')} above={<Link to={back}>{asked.data?.source.name ?? t('source.name')}</Link>}>
      <Section><Answer of={asked}>{({ source }) => <SourceForm feed={feed} kind={source.settings.kind} source={source} />}</Answer></Section>
    </Page>
  );
}

function useSave(feed: string, source: Source | null) {
  const create = useAct(landscapeApi.createFeedSource);
  const change = useAct(landscapeApi.changeFeedSource);
  const go = useGo();
  return {
    busy: create.isPending || change.isPending, error: create.error ?? change.error,
    save: (what: { name: string; settings: SourceSettings; everyMinutes: number; secrets: Partial<Record<SecretName, string>> }) => {
      const onSuccess = (answer: { source: Source }) => go(`/feeds/${feed}/sources/${answer.source.id}`);
      if (source) change.mutate({ feed, feedSource: source.id, on: source.on, ...what }, { onSuccess });
      else create.mutate({ feed, ...what }, { onSuccess });
    },
  };
}

function SourceForm({ feed, kind, source }: { readonly feed: string; readonly kind: SourceKind; readonly source: Source | null }) {
  const { t } = useWords();
  const [typed, setTyped] = useState(() => typedFrom(kind, source?.settings ?? null));
  const [name, setName] = useState(source?.name ?? '');
  const [every, setEvery] = useState(String(source?.everyMinutes ?? 60));
  const [secrets, setSecrets] = useState<Partial<Record<SecretName, string>>>({});
  const { busy, error, save } = useSave(feed, source);
  const parsed = SourceSettings.safeParse(settingsFrom(kind, typed, source?.settings ?? {}));
  const problem = parsed.success ? settingsProblem(parsed.data) : null;
  const needed = parsed.success ? secretsNeeded(parsed.data) : [];
  const kept = source !== null && parsed.success && placeOf(parsed.data) === placeOf(source.settings) ? source.secrets.map((one) => one.name) : [];
  const open = needed.find((one) => !secrets[one] && !kept.includes(one));
  const issue = parsed.success ? null : parsed.error.issues[0]?.path.find((part) => typeof part === 'string' && part !== 'auth');
  const why = name.trim() === '' ? t('source.why-name') : !parsed.success ? t('source.why-field', { field: t(`source-field.${String(issue ?? 'url')}`) })
    : problem ? t(`refusal.feed-source.${problem.why}`) : open ? t('refusal.feed-source.no-secret') : null;
  const act = () => {
    if (parsed.success) save({ name, settings: parsed.data, everyMinutes: Number(every),
      secrets: Object.fromEntries(needed.flatMap((one) => (secrets[one] ? [[one, secrets[one]]] : []))) });
  };
  return (
    <Form act={source ? t('source.save') : t('sources.add')} onAct={act} busy={busy} why={why} error={error}>
      <TextInput label={t('source.name')} description={t('source.name-how')} value={name} required onChange={(e) => setName(e.currentTarget.value)} />
      {fields[kind].filter(({ when }) => when?.(typed) ?? true).map((field) => (
        <OneField key={field.name} field={field} value={typed[field.name] ?? ''} onChange={(value) => setTyped({ ...typed, [field.name]: value })} />
      ))}
      {needed.map((one) => (
        <PasswordInput
          key={one} label={t(`secret-name.${kind}.${one}`)} value={secrets[one] ?? ''} autoComplete="off"
          description={kept.includes(one) ? t('source.secret-kept') : t('source.secret-how')} onChange={(e) =>
            setSecrets({ ...secrets, [one]: e.currentTarget.value })}
        />
      ))}
      <NumberInput label={t('source.every')} description={t('source.every-how')} min={5} max={44_640} value={every} onChange={(value) =>
        setEvery(String(value))} />
    </Form>
  );
}

function OneField({ field: { name, as }, value, onChange }: { readonly field: Field; readonly value: string | boolean; readonly onChange: (
  value: string | boolean) => void }) {
  const { t, has } = useWords();
  const label = t(`source-field.${name}`);
  const description = has(`source-how.${name}`) ? t(`source-how.${name}`) : undefined;
  if (as === 'check') return <Checkbox label={label} description={description} checked={value === true} onChange={(e) => onChange(e.currentTarget.checked)} />;
  const common = { label, description, value: String(value) };
  if (as === 'number') return <NumberInput {...common} onChange={(next) => onChange(String(next))} />;
  if (as === 'lines') return <Textarea {...common} autosize minRows={2} onChange={(e) => onChange(e.currentTarget.value)} />;
  if (as === 'text') return <TextInput {...common} onChange={(e) => onChange(e.currentTarget.value)} />;
  return <NativeSelect {...common} data={as.map((one) => ({ value: one, label: t(`source-choice.${one}`) }))} onChange={(e) =>
    onChange(e.currentTarget.value)} />;
}
