import { testEvents } from '#world/events/fake';
import { bury } from '../parties/protection/actions.ts';
import { partiesMigrations } from '../parties/store.ts';
import { retentionSuite } from './retention-suite.ts';

retentionSuite(testEvents, { migrations: partiesMigrations, bury });
