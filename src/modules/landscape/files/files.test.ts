import { testEvents } from '#world/events/fake';
import { filesSuite } from './suite.ts';

filesSuite(testEvents);
