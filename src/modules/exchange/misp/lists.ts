/** What the façade says of itself to clients of MISP: versions, types, taxonomies; and what it has none of, as an empty list. */
import { attributeTypes } from '#kit/misp/attributes';
import type { Json } from '#kit/misp/model';
import { answer, numberOf } from './answers.ts';

/** The release of MISP whose API is answered, and the PyMISP that it names. */
export const mispVersion = '2.5.34';

export const version = (may: (right: string) => boolean): Response => answer({
  version: mispVersion, pymisp_recommended_version: mispVersion, perm_sync: false, perm_sighting: may('sighting.add'), perm_galaxy_editor: false,
  request_encoding: [], filter_sightings: true, product: 'Entente',
});
export const clientVersion = (): Response => answer({ version: mispVersion });

export function describedTypes(): Response {
  const types = Object.entries(attributeTypes);
  const mappings: Record<string, string[]> = {};
  for (const [type, { category }] of types) (mappings[category] ??= []).push(type);
  return answer({ result: {
    sane_defaults: Object.fromEntries(types.map(([type, { category, toIds }]) => [type, { default_category: category, to_ids: toIds ? 1 : 0 }])),
    types: types.map(([type]) => type), categories: Object.keys(mappings), category_type_mappings: mappings,
  } });
}

const tlp: Json = {
  id: numberOf('taxonomy tlp'), namespace: 'tlp', version: '10', enabled: true, exclusive: true, required: false, highlighted: false,
  description: 'FIRST’s Traffic Light Protocol 2.0. Its tags are markings here: they decide who may see what they stand on.',
};
export const taxonomies = (): Response => answer([{ Taxonomy: tlp, total_count: 5, current_count: 5 }]);
export const sharingGroups = (): Response => answer({ response: [] });
