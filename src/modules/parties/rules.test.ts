import { describe, expect, test } from 'vitest';
import type { Actor } from '#kit/endpoint';
import { Role, type Organisation, type Person } from './model.ts';
import { givesRight, rightsOf, roleMatrix } from './roles.ts';
import { assign, invite, suspend, tokenScopes } from './rules.ts';

const person = (id: string, roles: Person['roles'], status: Person['status'] = 'active'): Person => ({
  id, organisation: 'org_one', name: id, email: null, roles, status, language: 'en', createdAt: '',
});
const actor: Actor = { person: 'per_admin', org: 'org_one', roles: ['administrator'], via: 'session', credential: 'x' };
const admin = person('per_admin', ['administrator']);
const code = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'allowed';
};

describe('roles', () => {
  test('nobody changes or suspends themselves', () => {
    expect(code(() => assign(admin, [], actor, [admin]))).toBe('person.own-roles');
    expect(code(() => suspend(admin, actor, [admin]))).toBe('person.own-suspension');
  });
  test('the last active administrator stays, whichever way the act is put', () => {
    const second = person('per_second', ['administrator']);
    const gone = { ...admin, status: 'suspended' as const };
    expect(code(() => assign(second, ['auditor'], actor, [gone, second]))).toBe('person.last-administrator');
    expect(code(() => suspend(second, actor, [gone, second]))).toBe('person.last-administrator');
    expect(assign(second, ['auditor', 'auditor'], actor, [admin, second]).roles).toEqual(['auditor']);
    expect(suspend(second, actor, [admin, second]).status).toBe('suspended');
    expect(code(() => suspend({ ...second, status: 'suspended' }, actor, [admin]))).toBe('person.already-suspended');
  });
});

describe('the matrix', () => {
  test('gives nothing to no role, nothing for an unknown right, and each right to somebody', () => {
    expect(rightsOf([])).toEqual([]);
    expect(givesRight(Role.options, 'world.end')).toBe(false);
    expect(givesRight(Role.options, 'constructor')).toBe(false);
    expect(Object.entries(roleMatrix).filter(([, roles]) => roles.length === 0)).toEqual([]);
  });
  test('an administrator has no right to content', () => {
    for (const right of ['event.list', 'exposure.view', 'source.view', 'document.view', 'threat.read', 'agreement.sign']) {
      expect([right, givesRight(['administrator'], right)]).toEqual([right, false]);
    }
  });
});

describe('invitations and tokens', () => {
  const organisation: Organisation = { id: 'org_two', name: 'Two', nameLocal: null, kind: 'company', country: 'VN' };
  test('an unknown organisation and one that another introduced are the same 404', () => {
    expect(code(() => invite(actor, null, ['administrator']))).toBe('organisation.not-found');
    expect(code(() => invite(actor, { organisation, introducedBy: 'org_three', people: 0 }, ['administrator']))).toBe('organisation.not-found');
    expect(code(() => invite(actor, { organisation, introducedBy: 'org_one', people: 0 }, ['administrator']))).toBe('allowed');
    expect(code(() => invite(actor, { organisation, introducedBy: 'org_one', people: 1 }, ['administrator']))).toBe('invitation.not-yours');
  });
  test('a token has at most the rights of its maker', () => {
    expect(tokenScopes(actor, ['person.list', 'person.list'])).toEqual(['person.list']);
    expect(code(() => tokenScopes(actor, ['event.list']))).toBe('token.scope-beyond-own');
    expect(code(() => tokenScopes(actor, ['']))).toBe('token.scope-beyond-own');
  });
});
