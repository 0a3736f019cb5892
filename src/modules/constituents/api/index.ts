/** All that one may ask of this module. */
import { blockingApi } from './blocking.ts';
import { connectionsApi } from './connections.ts';
import { contactsApi } from './contacts.ts';
import { deskApi } from './desk.ts';
import { mineApi } from './mine.ts';
import { noticesApi } from './notices.ts';
import { registryApi } from './registry.ts';

export const constituentsApi = { ...registryApi, ...contactsApi, ...noticesApi, ...mineApi, ...deskApi, ...connectionsApi, ...blockingApi } as const;
