/** The module's schema, in order. */
import type { Migration } from '#world/db/port';
import { blockingMigrations } from './blocking.ts';
import { connectionsMigrations } from './connections.ts';
import { contactsMigrations } from './contacts.ts';
import { deskMigrations } from './desk.ts';
import { findingsMigrations } from './findings.ts';
import { messagesMigrations } from './messages.ts';
import { registryMigrations } from './registry.ts';

export const constituentsMigrations: readonly Migration[] = [
  ...registryMigrations, ...contactsMigrations, ...findingsMigrations, ...messagesMigrations, ...blockingMigrations,
  ...connectionsMigrations, ...deskMigrations,
];
