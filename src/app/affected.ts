/** What the catalogue asks of vulnerabilities, answered by the later module: what is known of the products that a bill of materials lists. */
import type { Caller } from '#kit/endpoint';
import { nullIfRefused } from '#kit/refusal';
import type { CatalogueParts } from '#modules/catalogue/index';
import { givesRight } from '#modules/parties/index';
import { vulnerabilitiesActions } from '#modules/vulnerabilities/index';

type Parts = Parameters<typeof vulnerabilitiesActions>[0];
const [atOnce, most] = [5_000, 500];

export const affectedBy = (parts: Parts): NonNullable<CatalogueParts['affected']> => async (keys, caller: Caller) => {
  if (!givesRight(caller.actor.roles, 'threat.read')) return null;
  const products = keys.slice(0, atOnce).map((key) => key.slice(0, 4_096));
  const answer = await vulnerabilitiesActions(parts)['vulnerabilities.affected']({ products }, caller).catch(nullIfRefused);
  if (answer === null) return null;
  const { items } = answer;
  const affected = items.flatMap((i) => i.affected.map(({ name, title, score = null, exploited, certain }) => ({
    asked: i.asked, name, title, score: score ?? null, exploited, certain,
  })));
  return {
    affected: affected.slice(0, most), undecided: items.reduce((sum, i) => sum + i.undecided.length, 0), asked: products.length,
    leftOff: keys.length > atOnce || affected.length > most || items.some((i) => i.leftOff),
  };
};
