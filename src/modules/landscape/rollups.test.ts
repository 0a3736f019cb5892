import { testEvents } from '#world/events/fake';
import { rollupsSuite } from './rollups-suite.ts';

rollupsSuite(testEvents);
