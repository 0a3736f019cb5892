/** One fact with everything one needs to check it alone; this browser checks that the content is what the log committed to. */
import { useQuery } from '@tanstack/react-query';
import { useAsk } from '#ui/asking';
import { Code } from '#ui/Code';
import { Hash } from '#ui/Hash';
import { Mark } from '#ui/Mark';
import { Answer, Columns, Page, Particulars, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { Link, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { concatBytes, fromHex, toHex, toUtf8 } from '#kit/encoding';
import type { OutputOf } from '#kit/endpoint';
import { webVerifying } from '#kit/hash/web';
import { ledgerApi } from '../api.ts';
import { useKinds, useNames } from './names.ts';
import { ProvedEntry } from './ProofTree.tsx';

type Opened = OutputOf<typeof ledgerApi.view>;

/** Whether SHA-256(salt || text) is the commitment that the leaf holds. */
export async function commitmentHolds(fact: Pick<Opened, 'salt' | 'text' | 'leaf'>): Promise<boolean> {
  const salt = fromHex(fact.salt);
  const leaf = JSON.parse(fact.leaf) as { commitment?: string };
  if (!salt) return false;
  return toHex(await webVerifying().sha256(concatBytes(salt, toUtf8(fact.text)))) === leaf.commitment;
}

export function Fact() {
  const { t, has, number } = useWords();
  const index = usePathParameter('index');
  const asked = useAsk(ledgerApi.view, { index });
  const kind = asked.data?.class;
  const title = kind ? (has(`fact.${kind}`) ? t(`fact.${kind}`) : kind) : t('ui.seal.leaf');
  return (
    <Page
      title={title} above={<Link to="/facts">{t('nav.ledger')}</Link>}
      description={/^\d+$/.test(index) ? t('fact.entry', { index: number(Number(index)) }) : null}
    >
      <Answer of={asked}>{(fact) => <Body fact={fact} />}</Answer>
    </Page>
  );
}

function Body({ fact }: { readonly fact: Opened }) {
  const { t } = useWords();
  const { agreementTitle } = useReader();
  const nameOf = useNames();
  const kindOf = useKinds();
  /** By name; an id only where no name is known: the text below has them all. */
  const named = (id: string) => {
    const name = nameOf(id);
    return name ?? <>{kindOf(id)} <Hash value={id} /></>;
  };
  const held = useQuery({ queryKey: ['commitment', fact.index], queryFn: () => commitmentHolds(fact), staleTime: Infinity });
  return (
    <>
      <Columns>
        <Section title={t('fact.content')}>
          <Particulars
            items={[
              [t('fact.class'), <span className="e-mono">{fact.class}</span>], [t('fact.at'), <Time at={fact.at} to="second" />],
              [t('fact.actor'), named(fact.actor)], [t('fact.org'), named(fact.org)],
              [t('fact.subject'), named(fact.subject)],
              [t('fact.readers'), fact.readers.map((r) => nameOf(r) ?? r).join(', ') || t('ui.none')],
              ...fact.clauses.map((c) => [
                t('ui.clause', { clause: c.clause }), <Link key={c.clause} to={`/agreements/${c.agreementId}`}>{agreementTitle(c)}</Link>,
              ] as const),
            ]}
          />
        </Section>
        <Section title={t('ui.seal.title')}>
          {fact.proof ? <ProvedEntry index={fact.index} /> : <p style={{ margin: 0 }}>{t('ui.seal.pending')}</p>}
          {held.data === undefined ? null : (
            <div style={{ marginTop: 12 }}>
              <Mark is={held.data ? 'good' : 'danger'}>{t(held.data ? 'fact.commitment' : 'fact.commitment-broken')}</Mark>
            </div>
          )}
        </Section>
      </Columns>
      <Section title={t('fact.text')} note={t('fact.text-note')}><Code label={t('fact.text')} text={fact.text} /></Section>
      <Section title={t('fact.leaf')} note={t('fact.leaf-note')}><Code label={t('fact.leaf')} text={fact.leaf} /></Section>
    </>
  );
}
