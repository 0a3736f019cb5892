/** What other modules and the app ask of builds: what a release comes to, said of this release and of no other. */
import type { Clock } from '#world/clock';
import { asHub } from '#world/db/scope';
import type { Queryable } from '#world/db/port';
import { releaseNamed } from '#modules/catalogue/index';
import { builtFilesOf, countedOf, standing } from './actions/parts.ts';
import type { Equivalence } from './model.ts';
import { equivalenceFrom } from './rules.ts';
import { verdictsOf } from './store/rebuilds.ts';

/** The sum alone, which says nothing of any file: whoever may know of a release may know it. */
export const equivalenceOf = (parts: { readonly db: Queryable; readonly clock: Clock }, release: string): Promise<Equivalence> =>
  asHub('what a release comes to', async () => {
    const found = await releaseNamed(parts, release);
    const files = found ? builtFilesOf(found).map((f) => f.id) : [];
    return equivalenceFrom(files, standing(await verdictsOf(parts.db, [release])).map(countedOf));
  });
