/** All that one may ask of this module. */
import { contactsApi } from './contacts.ts';
import { registryApi } from './registry.ts';

export const constituentsApi = { ...registryApi, ...contactsApi } as const;
