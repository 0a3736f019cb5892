/** The story's one exposure advisory: what the centre said of a weakness that the recent scans show, so that its page and its owners have something. */
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import { stateFact } from '#world/facts';
import { spanOfAdvisory, type Advisory } from '../../modules/landscape/exposures.ts';
import { advisoriesOf, insertAdvisory } from '../../modules/landscape/exposures-store.ts';
import { isoDay } from '../../modules/landscape/periods.ts';
import { centre } from './story.ts';

/** Once; the reaction to its fact tells the owners, like for any other. */
export async function writeAdvisory(db: Db, clock: Clock): Promise<void> {
  if ((await advisoriesOf(db, centre, clock.now(), { limit: 1 })).length > 0) return;
  const at = clock.iso();
  const span = spanOfAdvisory({ daysBack: 30, withdrawnAt: null }, clock.now());
  const advisory: Advisory = {
    id: 'exa_filesharing', title: 'Windows file sharing open to the internet', cves: ['CVE-2017-0144'], severity: 'critical',
    source: 'https://nvd.nist.gov/vuln/detail/CVE-2017-0144', daysBack: 30,
    match: { reports: ['scan_smb'], types: [], families: [], products: [], cve: true }, publishedAt: at, publishedBy: 'per_lan', withdrawnAt: null,
    withdrawnReason: null, from: isoDay(span.from), to: isoDay(span.to),
  };
  await db.transaction(async (tx) => {
    await insertAdvisory(tx, centre, advisory);
    await stateFact(tx, {
      class: 'exposure-advisory.published', at, actor: 'per_lan', org: centre, subject: advisory.id, readers: [], clauses: [],
      body: { severity: advisory.severity, cves: [...advisory.cves], daysBack: advisory.daysBack },
    });
  });
}
