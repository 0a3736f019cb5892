/** What one may ask about eligibility: read published criteria, publish, apply, decide with two people, appeal. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { OrganisationId } from '#modules/parties/index';
import { Answered, Application, CriteriaSet, Finding } from '../eligibility.ts';

const Published = CriteriaSet.omit({ publishedBy: true }).extend({ providerName: z.string() });
const Shown = Application.extend({
  applicantName: z.string(), applicantNameLocal: z.string().nullable(), providerName: z.string(), criteria: Published,
  mine: z.enum(['applicant', 'provider']),
  /** The appeal's day has passed and nobody has decided. */
  overdue: z.boolean(),
});
const ApplicationId = Application.shape.id;

export const eligibilityApi = {
  'eligibility.published': endpoint({
    method: 'GET', path: '/api/eligibility', summary: 'The criteria that providers have published, in force now.',
    input: z.strictObject({}), output: z.strictObject({ sets: z.array(Published) }),
    needs: { right: 'eligibility.read', by: 'public' },
  }),
  'eligibility.publish': endpoint({
    method: 'POST', path: '/api/eligibility', status: 201,
    summary: 'Publishes a new version of one’s own criteria; what was decided by an earlier one stays.',
    input: CriteriaSet.pick({ title: true, titleVi: true, criteria: true }), output: Published,
    needs: { right: 'eligibility.publish', by: 'role' },
  }),
  'applications.list': endpoint({
    method: 'GET', path: '/api/applications', summary: 'Lists the applications that one’s own organisation made or received.',
    input: z.strictObject({}), output: z.strictObject({ applications: z.array(Shown) }), needs: { right: 'application.list', by: 'role' },
  }),
  'applications.submit': endpoint({
    method: 'POST', path: '/api/applications', status: 201,
    summary: 'Applies to a provider by its published criteria, with a statement and evidence for each.',
    input: z.strictObject({ provider: OrganisationId, answers: z.array(Answered).min(1).max(50) }), output: Shown,
    needs: { right: 'application.submit', by: 'role' },
  }),
  'applications.assess': endpoint({
    method: 'POST', path: '/api/applications/:application/assess',
    summary: 'States findings for each criterion; a second person who states the same makes them the decision.',
    input: z.strictObject({ application: ApplicationId, findings: z.array(Finding).min(1).max(50) }), output: Shown,
    needs: { right: 'application.assess', by: 'role' },
  }),
  'applications.appeal': endpoint({
    method: 'POST', path: '/api/applications/:application/appeal', summary: 'Appeals a no; two others decide within thirty days.',
    input: z.strictObject({ application: ApplicationId, reason: z.string().trim().min(3).max(2000) }), output: Shown,
    needs: { right: 'application.appeal', by: 'role' },
  }),
} as const;
