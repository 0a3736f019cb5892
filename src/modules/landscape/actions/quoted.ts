/** What others published: kept with what one needs to compare it, shown as lines that break where the method did, and side by side. */
import type { Actions } from '#kit/endpoint';
import { stateFact } from '#world/facts';
import type { landscapeApi } from '../api.ts';
import { quotedOf, saveQuoted } from '../clocks-store.ts';
import { spanOf } from '../periods.ts';
import { causesOf, segments } from '../quoted.ts';
import type { LandscapeParts } from './parts.ts';

type All = Actions<typeof landscapeApi>;

export function quotedActions(parts: LandscapeParts): Pick<All, 'quoteFigure' | 'quotedFigures' | 'reconcile'> {
  const { db, clock, ids } = parts;
  return {
    quoteFigure: async (input, { actor }) => {
      const figure = { ...input, id: ids.next('qtd'), at: clock.iso() };
      return db.transaction(async (tx) => {
        await saveQuoted(tx, actor.org, figure);
        await stateFact(tx, {
          class: 'figure.quoted', at: figure.at, actor: actor.person, org: actor.org, subject: figure.id, readers: [], clauses: [],
          body: { publisher: figure.publisher, series: figure.series, area: figure.area, period: figure.period, value: String(figure.value) },
        });
        return { figure };
      });
    },
    quotedFigures: async (input, { actor }) => {
      const found = await quotedOf(db, actor.org, input);
      const lines = new Map<string, typeof found>();
      for (const figure of found) {
        const key = `${figure.publisher}\u0000${figure.series}\u0000${figure.area}`;
        lines.set(key, [...lines.get(key) ?? [], figure]);
      }
      return {
        lines: [...lines.values()].map((figures) => {
          const points = segments(figures);
          return {
            publisher: figures[0]?.publisher ?? '', series: figures[0]?.series ?? '', area: figures[0]?.area ?? '',
            points: points.map((point) => ({ ...point, changed: [...point.changed] })),
          };
        }),
      };
    },
    reconcile: async (input, { actor }) => {
      const year = spanOf(input.year);
      const touching = (await quotedOf(db, actor.org, { area: input.area })).filter((figure) => {
        const span = spanOf(figure.period);
        return year !== null && span !== null && span.from < year.to && span.to > year.from;
      });
      const pairs = touching.flatMap((x, i) => touching.slice(i + 1).filter((y) => y.publisher !== x.publisher).map((y) => {
        const causes = causesOf(x, y);
        return { x, y, difference: y.value - x.value, causes, contradiction: causes.length === 0 && x.value !== y.value };
      }));
      return { area: input.area, year: input.year, figures: touching, pairs: pairs.slice(0, 500) };
    },
  };
}
