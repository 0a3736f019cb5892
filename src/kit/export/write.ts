/** The forms that are made of values, by name: what each is called on the wire and in a file's name. */
import type { ExportForm, ExportHead, ExportValue } from './export.ts';
import { csvList, hostsFile, plainList, policyZone } from './lists.ts';
import { sigmaRules } from './sigma.ts';
import { suricataRules } from './suricata.ts';
import { yaraRules } from './yara.ts';

type Writer = (head: ExportHead, values: readonly ExportValue[]) => Generator<string>;

export const valueWriters = {
  csv: csvList, plain: plainList, hosts: hostsFile, rpz: policyZone, suricata: suricataRules, sigma: sigmaRules, yara: yaraRules,
} as const satisfies Partial<Record<ExportForm, Writer>>;
export type ValueForm = keyof typeof valueWriters;

/** Whether a form is made of values, and not of whole objects. */
export const isOfValues = (form: ExportForm): boolean => form !== 'stix' && form !== 'misp';
/** Whether it is text made of values. */
export const isValueForm = (form: ExportForm): form is ValueForm => form in valueWriters;

export const exportMedia: Readonly<Record<ExportForm, { readonly type: string; readonly ending: string }>> = {
  stix: { type: 'application/stix+json;version=2.1', ending: 'json' }, misp: { type: 'application/json; charset=utf-8', ending: 'misp.json' },
  csv: { type: 'text/csv; charset=utf-8', ending: 'csv' }, plain: { type: 'text/plain; charset=utf-8', ending: 'txt' },
  hosts: { type: 'text/plain; charset=utf-8', ending: 'hosts' }, rpz: { type: 'text/dns; charset=utf-8', ending: 'rpz' },
  suricata: { type: 'text/plain; charset=utf-8', ending: 'rules' }, sigma: { type: 'application/yaml; charset=utf-8', ending: 'yml' },
  yara: { type: 'text/plain; charset=utf-8', ending: 'yar' }, bloom: { type: 'application/octet-stream', ending: 'bloom' },
};
