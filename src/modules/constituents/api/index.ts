/** All that one may ask of this module. */
import { blockingApi } from './blocking.ts';
import { contactsApi } from './contacts.ts';
import { mineApi } from './mine.ts';
import { noticesApi } from './notices.ts';
import { registryApi } from './registry.ts';

export const constituentsApi = { ...registryApi, ...contactsApi, ...noticesApi, ...mineApi, ...blockingApi } as const;
