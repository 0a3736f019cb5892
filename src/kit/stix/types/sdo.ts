/** Domain and relationship objects of STIX 2.1 (sections 4 and 5): their own properties, and what holds between them. */
import { propertiesOf, relationsOf, type TypeTable } from './shape.ts';

function table(type: string, clause: string, properties: string, ...relations: string[]): TypeTable {
  return { type, clause, properties: propertiesOf(properties), extensions: [], relations: relationsOf(relations) };
}
const seen = 'first_seen <= last_seen';
const phases = 'kill_chain_phases [{kill-chain-phase}]';

export const sdoTables: readonly TypeTable[] = [
  table('attack-pattern', '4.1', `name! s, description s, aliases [s], ${phases}`),
  table('campaign', '4.2', 'name! s, description s, aliases [s], first_seen t, last_seen t, objective s', seen),
  table('course-of-action', '4.3', 'name! s, description s'),
  table('grouping', '4.4', 'name s, description s, context! grouping-context-ov, object_refs! [>any]'),
  table('identity', '4.5', `name! s, description s, roles [s], identity_class identity-class-ov, sectors [industry-sector-ov],
    contact_information s`),
  table('incident', '4.6', 'name! s, description s'),
  table('indicator', '4.7', `name s, description s, indicator_types [indicator-type-ov], pattern! s, pattern_type! pattern-type-ov,
    pattern_version s, valid_from! t, valid_until t, ${phases}`, 'valid_from < valid_until'),
  table('infrastructure', '4.8', `name! s, description s, infrastructure_types [infrastructure-type-ov], aliases [s], ${phases},
    first_seen t, last_seen t`, seen),
  table('intrusion-set', '4.9', `name! s, description s, aliases [s], first_seen t, last_seen t, goals [s],
    resource_level attack-resource-level-ov, primary_motivation attack-motivation-ov, secondary_motivations [attack-motivation-ov]`, seen),
  table('location', '4.10', `name s, description s, latitude f-90..90, longitude f-180..180, precision f, region region-ov, country s,
    administrative_area s, city s, street_address s, postal_code s`,
  'some region country latitude', 'precision needs latitude', 'latitude needs longitude', 'longitude needs latitude'),
  table('malware', '4.11', `name s, description s, malware_types [malware-type-ov], is_family! b, aliases [s], ${phases}, first_seen t, last_seen t,
    operating_system_refs [>software], architecture_execution_envs [processor-architecture-ov],
    implementation_languages [implementation-language-ov], capabilities [malware-capabilities-ov], sample_refs [>file|artifact]`, seen),
  table('malware-analysis', '4.12', `product! s, version s, host_vm_ref >software, operating_system_ref >software,
    installed_software_refs [>software], configuration_version s, modules [s], analysis_engine_version s, analysis_definition_version s,
    submitted t, analysis_started t, analysis_ended t, result_name s, result malware-result-ov, analysis_sco_refs [>sco],
    sample_ref >file|network-traffic|artifact`, 'some result analysis_sco_refs'),
  table('note', '4.13', 'abstract s, content! s, authors [s], object_refs! [>any]'),
  table('observed-data', '4.14', `first_observed! t, last_observed! t, number_observed! i1..999999999, objects {observable-container},
    object_refs [>sco|sro]`, 'first_observed <= last_observed', 'one objects object_refs'),
  table('opinion', '4.15', 'explanation s, authors [s], opinion! opinion-enum, object_refs! [>any]'),
  table('report', '4.16', 'name! s, description s, report_types [report-type-ov], published! t, object_refs! [>any]'),
  table('threat-actor', '4.17', `name! s, description s, threat_actor_types [threat-actor-type-ov], aliases [s], first_seen t, last_seen t,
    roles [threat-actor-role-ov], goals [s], sophistication threat-actor-sophistication-ov, resource_level attack-resource-level-ov,
    primary_motivation attack-motivation-ov, secondary_motivations [attack-motivation-ov], personal_motivations [attack-motivation-ov]`, seen),
  table('tool', '4.18', `name! s, description s, tool_types [tool-type-ov], aliases [s], ${phases}, tool_version s`),
  table('vulnerability', '4.19', 'name! s, description s'),
  table('relationship', '5.1', 'relationship_type! s, description s, source_ref! >sdo|sco, target_ref! >sdo|sco, start_time t, stop_time t',
    'start_time < stop_time'),
  table('sighting', '5.2', `description s, first_seen t, last_seen t, count i0..999999999, sighting_of_ref! >sdo,
    observed_data_refs [>observed-data], where_sighted_refs [>identity|location], summary b`, seen),
];
