/** The door of the catalogue: what later modules and the app may use. */
export { catalogueActions } from './actions/index.ts';
export type { CatalogueParts } from './actions/parts.ts';
export { tendDocuments } from './actions/documents.ts';
export { bringFile } from './actions/files.ts';
export { declarationWithin, type FiledDeclaration } from './actions/flows.ts';
export { reviewed } from './actions/reviews.ts';
export { bringSource } from './actions/snapshots.ts';
export { catalogueApi } from './api.ts';
export { catalogueMigrations } from './store/schema.ts';
export { catalogueRoutes } from './routes.ts';
export { passOnCatalogue, productCount } from './store/passing.ts';
export {
  bytesIn, changesBetween, filesIn, folderIn, fileIn, ownProduct, productKnown, productsKnown, proofIn, releaseFor, releaseNamed, releasesOfProduct,
  snapshotNamed, snapshotsOfRelease, snapshotWithin, type KnownProduct, type ReleaseRef, type SnapshotRef,
} from './doors.ts';
