/**
 * An object among what it is joined to: a ring for each hundred neighbours, grouped by type, each a door. Drawn without movement;
 * what it shows stands beside it as a table.
 */
import { useMemo } from 'react';
import { useGo } from '#ui/url';
import { useWords } from '#ui/words';
import type { ObjectView } from '../model/exchange.ts';
import css from './Graph.module.css';
import { relationWords, typeWords } from './words.ts';

type Neighbour = ObjectView['neighbours'][number];
interface Placed { readonly of: Neighbour; readonly x: number; readonly y: number; readonly hue: number; readonly named: boolean }

const [width, height] = [960, 420];
const perRing = 100;
const hues = 6;
/** So many names find room beside their dots. */
const mostNames = 26;
const longestName = 30;
const cut = (text: string): string => (text.length > longestName ? `${text.slice(0, longestName - 1)}…` : text);

function place(neighbours: readonly Neighbour[]): Placed[] {
  const types = [...new Set(neighbours.map((n) => n.type))];
  const sorted = neighbours.toSorted((a, b) => types.indexOf(a.type) - types.indexOf(b.type));
  const rings = Math.ceil(sorted.length / perRing);
  return sorted.map((of, i) => {
    const ring = Math.floor(i / perRing);
    const here = Math.min(perRing, sorted.length - ring * perRing);
    const angle = ((i % perRing) / here) * 2 * Math.PI - Math.PI / 2;
    const reach = 0.55 + 0.4 * ((ring + 1) / rings);
    return {
      of, x: width / 2 + Math.cos(angle) * reach * (width / 2 - 190), y: height / 2 + Math.sin(angle) * reach * (height / 2 - 24),
      hue: types.indexOf(of.type) % hues, named: sorted.length <= mostNames,
    };
  });
}

export function Graph({ centre, neighbours }: { readonly centre: ObjectView['object']; readonly neighbours: readonly Neighbour[] }) {
  const words = useWords();
  const { t } = words;
  const go = useGo();
  const placed = useMemo(() => place(neighbours), [neighbours]);
  const [x, y] = [width / 2, height / 2];
  return (
    <svg viewBox={`0 0 ${width} ${height}`} className={css.graph} role="img" aria-label={t('threats.graph', { name: centre.name })}>
      {placed.map((p) => <line key={`l ${p.of.direction} ${p.of.relation} ${p.of.id}`} x1={x} y1={y} x2={p.x} y2={p.y} className={css.edge} />)}
      {placed.map((p) => {
        const open = p.of.name === null ? undefined : () => go(`/threats/${encodeURIComponent(p.of.id)}`);
        return (
          <g key={`n ${p.of.direction} ${p.of.relation} ${p.of.id}`} onClick={open} className={open ? css.door : undefined}>
            <title>{`${relationWords(words, p.of.relation)}: ${p.of.name ?? p.of.id} (${typeWords(words, p.of.type)})`}</title>
            <circle cx={p.x} cy={p.y} r={p.named ? 7 : 4} data-hue={p.hue} data-hidden={p.of.name === null ? '' : undefined} className={css.node} />
            {p.named ? (
              <text x={p.x + (p.x < x - 1 ? -12 : 12)} y={p.y + 4} textAnchor={p.x < x - 1 ? 'end' : 'start'} className={css.name}>
                {cut(p.of.name ?? t('threats.not-within-reach'))}
              </text>
            ) : null}
          </g>
        );
      })}
      <circle cx={x} cy={y} r={12} className={css.centre} />
    </svg>
  );
}
