/** Names of people as pages show them; of one who was erased only that much is left. */
import type { Words } from '#ui/words';
import { erasedName } from '../model.ts';

export function isErased({ name, status }: { readonly name: string; readonly status: string }): boolean {
  return name === erasedName && status === 'suspended';
}

export function nameOf({ t }: Words, { name }: { readonly name: string }): string {
  return name === erasedName ? t('person.erased-name') : name;
}
