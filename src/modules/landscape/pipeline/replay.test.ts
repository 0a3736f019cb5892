import { testEvents } from '#world/events/fake';
import { replaySuite } from './replay-suite.ts';

replaySuite(testEvents);
