/** The story's review: the centre's reviewer may read the gateway's source from afar, and the provider has a room. Written once. */
import { blocksIn } from '#kit/review/blocks';
import { asHub } from '#world/db/scope';
import { filesIn, snapshotsOfRelease, releasesOfProduct } from '#modules/catalogue/index';
import { visitCount } from '#modules/centre/index';
import { insertRoom, insertVisit } from '../../modules/centre/store/visits.ts';
import { productsOf } from '../../modules/catalogue/store/products.ts';
import type { World } from '../world.ts';
import { centre } from './story.ts';

const vendor = 'org_kestrel';
const dayMs = 86_400_000;

export function writeReview({ db, clock, ids }: World): Promise<void> {
  return asHub('the demonstration’s review', async () => {
    if (await visitCount(db, centre) > 0) return;
    const product = (await productsOf(db, [vendor], false)).find((p) => p.name === 'Kestrel Gateway');
    const [release] = product ? await releasesOfProduct(db, product.id) : [];
    const [source] = release ? await snapshotsOfRelease(db, release.id) : [];
    if (!product || !release || !source) return;
    let blocks = 0;
    for await (const { entry } of filesIn(db, source)) blocks += blocksIn(entry.size);
    const day = (days: number): string => new Date(clock.now() + days * dayMs).toISOString().slice(0, 10);
    const id = ids.next('vis');
    await db.transaction(async (tx) => {
      await insertVisit(tx, {
        id, scope: centre, owner: vendor, product: product.id, product_name: product.name, release: release.id, version: release.version, artefact: source.id,
        root: source.root, blocks: String(blocks), level: 'red', mode: 'remote',
        goals: 'Can what is shown as proved be forged, and does any key leave the machine?',
        questions: ['Where are signatures verified?', 'Which keys are written to the disk?'], from_day: day(-1), to_day: day(60), state: 'agreed', reason: '',
        asked_at: clock.iso(), asked_by: 'per_son', decided_at: clock.iso(), closed_at: null, per_day: 500, in_all: 2_000, wanted_day: null, wanted_all: null,
        wanted_by: null, opens_after: 90, opened_at: null,
      }, [{
        id: ids.next('vit'), visit: id, scope: centre, owner: vendor, kind: 'person', name: 'Lý Thái Sơn', ref: 'per_son', state: 'approved', reason: '',
      }]);
      await insertRoom(tx, { id: ids.next('rom'), scope: vendor, name: 'Blue room', place: 'Zürich', seats: 6 });
    });
  });
}
