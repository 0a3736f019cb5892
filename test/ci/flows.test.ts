/** The stories again, with the hub's records on PostgreSQL. */
import { afterAll, beforeAll } from 'vitest';
import { migrations } from '../../src/app/compose.ts';
import { storySuite } from '../flows/suite.ts';
import { testHub } from '../hub.ts';
import { startPostgres, type Postgres } from './postgres.ts';

const at: { server?: Postgres; hubs: number } = { hubs: 0 };
beforeAll(async () => { at.server = await startPostgres(); });
afterAll(() => at.server?.stop());

storySuite(() => testHub({ records: () => (at.server as Postgres).open(`hub${++at.hubs}`, migrations) }));
