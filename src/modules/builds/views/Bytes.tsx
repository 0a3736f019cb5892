/** Both sides of a difference: text line by line, machine code as instructions where the hub can read it, all else as bytes in hexadecimal. */
import { Button } from '@mantine/core';
import { useAsk } from '#ui/asking';
import { HexBytes } from '#ui/HexBytes';
import { Answer, Block } from '#ui/Page';
import { useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { buildsApi } from '../api.ts';
import type { Excerpt, Region } from '../model.ts';
import { Instructions } from './Instructions.tsx';
import css from './builds.module.css';

const bytesIn = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

export function Bytes({ verdict, region }: { readonly verdict: string; readonly region: Region }) {
  const { t, number } = useWords();
  const [{ run: chosen }, change] = useUrlState();
  const run = Math.min(Math.max(0, Number(chosen ?? 0) || 0), Math.max(0, region.runs - 1));
  const asked = useAsk(buildsApi['verdicts.bytes'], { verdict, index: region.index, run }, { keep: true });
  return (
    <div className={css.viewer}>
      <p className={css.bar}>
        <code className={css.path}>{[...region.part, region.region].join(' › ')}</code>
        {region.runs > 1 ? (
          <span className={css.step}>
            <Button size="compact-sm" variant="default" disabled={run === 0} onClick={() => change({ run: String(run - 1) })}>{t('builds.before')}</Button>
            {t('builds.run-of', { run: number(run + 1), runs: number(region.runs) })}
            <Button size="compact-sm" variant="default" disabled={run + 1 >= region.runs} onClick={() => change({ run: String(run + 1) })}>
              {t('builds.after')}
            </Button>
          </span>
        ) : null}
      </p>
      <Answer of={asked} skeleton={<Block height={160} />}>
        {({ shipped, rebuilt, format, code }) => (
          <>
            {code === null ? null : <Instructions of={code} />}
            <div className={css.sides}>
              <Side name={t('builds.shipped')} of={shipped} text={format === 'text'} />
              <Side name={t('builds.rebuilt')} of={rebuilt} text={format === 'text'} />
            </div>
          </>
        )}
      </Answer>
    </div>
  );
}

function Side({ name, of, text }: { readonly name: string; readonly of: Excerpt | null; readonly text: boolean }) {
  const { t } = useWords();
  return (
    <div className={css.side}>
      <h3 className={css.name}>{name}</h3>
      {of === null ? <p className="e-small e-faint">{t('builds.not-there')}</p> : text ? <Text of={of} /> : (
        <HexBytes label={name} from={of.from} bytes={bytesIn(of.bytes)} differs={(place) => place >= of.differs.from && place < of.differs.to} />
      )}
    </div>
  );
}

function Text({ of: { from, bytes: packed, differs } }: { readonly of: Excerpt }) {
  const bytes = bytesIn(packed);
  const words = (a: number, b: number): string => new TextDecoder().decode(bytes.subarray(Math.max(0, a - from), Math.max(0, b - from)));
  return (
    <pre className={css.lines} tabIndex={0}>
      {words(from, differs.from)}<mark className={css.other}>{words(differs.from, differs.to)}</mark>{words(differs.to, from + bytes.length)}
    </pre>
  );
}
