/** Who watches the log: each witness with what it said last, and the keys that the log has signed with. */
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Hash } from '#ui/Hash';
import { Mark, type Meaning } from '#ui/Mark';
import { Answer, Page, Particulars, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { ledgerApi } from '../api.ts';

type Witness = OutputOf<typeof ledgerApi.witnesses>['items'][number];

const meanings: Readonly<Record<Witness['outcome'], Meaning>> = {
  cosigned: 'good', silent: 'warn', refused: 'danger', ahead: 'danger', waiting: 'wait',
};

export function Witnesses() {
  const { t, number } = useWords();
  const witnesses = useAsk(ledgerApi.witnesses, {});
  const status = useAsk(ledgerApi.status, {});
  const size = status.data?.size;
  return (
    <Page title={t('witness.title')} description={t('witness.text')} above={<Link to="/facts">{t('nav.ledger')}</Link>}>
      <Section title={t('witness.now')} note={t('witness.now-note')}>
        <Answer of={witnesses}>
          {({ items, cosigned }) => (items.length === 0
            ? <EmptyState title={t('witness.none')} how={t('witness.none-how')} />
            : (
              <>
                <Particulars
                  items={[
                    [t('witness.quorum'), cosigned === null ? <Mark is="warn">{t('witness.not-met')}</Mark>
                      : <Mark is="good">{t('witness.met', { size: number(cosigned) })}</Mark>],
                    [t('ledger.size'), size === undefined ? '' : <span className="e-num">{number(size)}</span>],
                  ]}
                />
                <RowTable
                  label={t('witness.now')} rows={items} rowKey={(w) => w.label}
                  columns={[
                    { key: 'label', head: t('witness.name'), cell: (w) => w.label, sort: (w) => w.label },
                    {
                      key: 'outcome', head: t('witness.said'), wrap: true,
                      cell: (w) => <Mark is={meanings[w.outcome]}>{t(`witness.is.${w.outcome}`)}</Mark>,
                    },
                    { key: 'size', head: t('witness.size'), right: true, cell: (w) => number(w.size), sort: (w) => w.size },
                    { key: 'at', head: t('witness.at'), spare: true, cell: (w) => (w.cosignedAt ? <Time at={w.cosignedAt} /> : t('ledger.never')) },
                    { key: 'asked', head: t('witness.asked'), spare: true, cell: (w) => (w.askedAt ? <Time at={w.askedAt} /> : t('ledger.never')) },
                    { key: 'kind', head: t('witness.kind'), spare: true, cell: (w) => (w.kind === 'ed25519' ? 'Ed25519' : 'ML-DSA-44') },
                    { key: 'key', head: t('witness.key'), spare: true, cell: (w) => <Hash value={w.vkey} keep={10} /> },
                  ]}
                />
              </>
            ))}
        </Answer>
      </Section>
      <Keys />
    </Page>
  );
}

function Keys() {
  const { t, number } = useWords();
  const keys = useAsk(ledgerApi.keys, {});
  return (
    <Section title={t('logkey.title')} note={t('logkey.note')}>
      <Answer of={keys}>
        {({ items }) => (
          <RowTable
            label={t('logkey.title')} rows={items} rowKey={(k) => String(k.number)}
            columns={[
              { key: 'number', head: t('logkey.number'), right: true, cell: (k) => number(k.number) },
              {
                key: 'state', head: t('logkey.state'),
                cell: (k) => <Mark is={k.state === 'signing' ? 'good' : k.state === 'ending' ? 'wait' : 'none'}>{t(`logkey.is.${k.state}`)}</Mark>,
              },
              { key: 'from', head: t('logkey.from'), right: true, cell: (k) => number(k.firstSize) },
              { key: 'until', head: t('logkey.until'), right: true, spare: true, cell: (k) => (k.endedSize === null ? '' : number(k.endedSize)) },
              { key: 'key', head: t('witness.key'), cell: (k) => <Hash value={k.vkey} keep={8} /> },
            ]}
          />
        )}
      </Answer>
    </Section>
  );
}
