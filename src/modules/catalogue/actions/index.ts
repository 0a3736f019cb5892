/** All acts of the catalogue. */
import type { Actions } from '#kit/endpoint';
import type { catalogueApi } from '../api.ts';
import { contentActs } from './contents.ts';
import { documentActs } from './documents.ts';
import { fileActs } from './files.ts';
import { flowActs } from './flows.ts';
import type { CatalogueParts } from './parts.ts';
import { productActs, releaseActs } from './products.ts';
import { reviewActs } from './reviews.ts';
import { snapshotActs } from './snapshots.ts';

export const catalogueActions = (parts: CatalogueParts): Actions<typeof catalogueApi> => ({
  ...productActs(parts), ...releaseActs(parts), ...snapshotActs(parts), ...fileActs(parts), ...reviewActs(parts), ...contentActs(parts), ...flowActs(parts),
  ...documentActs(parts),
});
