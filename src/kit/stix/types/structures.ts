/** Values that have properties themselves, and the extensions that STIX 2.1 defines; meta objects and the bundle (sections 2, 6, 7 and 8). */
import { propertiesOf, relationsOf, type StructureTable, type TypeTable } from './shape.ts';

function structure(clause: string, properties: string, ...relations: string[]): StructureTable {
  return { clause, properties: propertiesOf(properties), relations: relationsOf(relations) };
}
const sizes = ['size_of_stack_reserve', 'size_of_stack_commit', 'size_of_heap_reserve', 'size_of_heap_commit'].map((name) => `${name} i0..`).join(', ');

export const structures: Readonly<Record<string, StructureTable>> = {
  'external-reference': structure('2.5', 'source_name! s, description s, url s, hashes hashes, external_id s', 'some description url external_id'),
  'kill-chain-phase': structure('2.11', 'kill_chain_name! s, phase_name! s'),
  'granular-marking': structure('7.2.3.1', 'lang lang, marking_ref >marking-definition, selectors! [s]', 'one lang marking_ref'),
  'email-mime-part': structure('6.6.2', 'body s, body_raw_ref >artifact|file, content_type s, content_disposition s', 'some body body_raw_ref'),
  'windows-registry-value': structure('6.17.2', 'name s, data s, data_type windows-registry-datatype-enum', 'some'),
  'x509-v3-extensions': structure('6.18.2', `basic_constraints s, name_constraints s, policy_constraints s, key_usage s, extended_key_usage s,
    subject_key_identifier s, authority_key_identifier s, subject_alternative_name s, issuer_alternative_name s,
    subject_directory_attributes s, crl_distribution_points s, inhibit_any_policy s, private_key_usage_period_not_before t,
    private_key_usage_period_not_after t, certificate_policies s, policy_mappings s`, 'some'),
  'alternate-data-stream': structure('6.7.3.2', 'name! s, hashes hashes, size i0..'),
  'windows-pe-optional-header': structure('6.7.6.2', `magic_hex hex, major_linker_version i, minor_linker_version i, size_of_code i0..,
    size_of_initialized_data i0.., size_of_uninitialized_data i0.., address_of_entry_point i, base_of_code i, base_of_data i, image_base i,
    section_alignment i, file_alignment i, major_os_version i, minor_os_version i, major_image_version i, minor_image_version i,
    major_subsystem_version i, minor_subsystem_version i, win32_version_value_hex hex, size_of_image i0.., size_of_headers i0..,
    checksum_hex hex, subsystem_hex hex, dll_characteristics_hex hex, ${sizes}, loader_flags_hex hex, number_of_rva_and_sizes i,
    hashes hashes`, 'some'),
  'windows-pe-section': structure('6.7.6.3', 'name! s, size i0.., entropy f, hashes hashes'),
};

/** By their keys in `extensions`. */
export const extensionTables: Readonly<Record<string, StructureTable>> = {
  'archive-ext': structure('6.7.2', 'contains_refs! [>file|directory], comment s'),
  'ntfs-ext': structure('6.7.3', 'sid s, alternate_data_streams [{alternate-data-stream}]', 'some'),
  'pdf-ext': structure('6.7.4', 'version s, is_optimized b, document_info_dict dict, pdfid0 s, pdfid1 s', 'some'),
  'raster-image-ext': structure('6.7.5', 'image_height i, image_width i, bits_per_pixel i, exif_tags dict', 'some'),
  'windows-pebinary-ext': structure('6.7.6', `pe_type! windows-pebinary-type-ov, imphash s, machine_hex hex, number_of_sections i0.., time_date_stamp t,
    pointer_to_symbol_table_hex hex, number_of_symbols i0.., size_of_optional_header i0.., characteristics_hex hex, file_header_hashes hashes,
    optional_header {windows-pe-optional-header}, sections [{windows-pe-section}]`),
  'http-request-ext': structure('6.12.2', `request_method! s, request_value! s, request_version s, request_header dict, message_body_length i,
    message_body_data_ref >artifact`),
  'icmp-ext': structure('6.12.3', 'icmp_type_hex! hex, icmp_code_hex! hex'),
  'socket-ext': structure('6.12.4', `address_family! network-socket-address-family-enum, is_blocking b, is_listening b, options dict,
    socket_type network-socket-type-enum, socket_descriptor i0.., socket_handle i`),
  'tcp-ext': structure('6.12.5', 'src_flags_hex hex, dst_flags_hex hex', 'some'),
  'windows-process-ext': structure('6.13.2', `aslr_enabled b, dep_enabled b, priority s, owner_sid s, window_title s, startup_info json,
    integrity_level windows-integrity-level-enum`, 'some'),
  'windows-service-ext': structure('6.13.3', `service_name s, descriptions [s], display_name s, group_name s,
    start_type windows-service-start-type-enum, service_dll_refs [>file], service_type windows-service-type-enum,
    service_status windows-service-status-enum`, 'some'),
  'unix-account-ext': structure('6.16.2', 'gid i, groups [s], home_dir s, shell s', 'some'),
};

function meta(type: string, clause: string, properties: string): TypeTable {
  return { type, clause, properties: propertiesOf(properties), extensions: [], relations: [] };
}

/** Their table of properties is the section itself, where the standard numbers it so. */
export const metaTables: readonly TypeTable[] = [
  meta('language-content', '7.1', 'object_ref! >any, object_modified t, contents! json'),
  meta('marking-definition', '7.2.1', 'name s, definition_type s, definition json'),
  meta('extension-definition', '7.3', `name! s, description s, schema! s, version! s, extension_types! [extension-type-enum],
    extension_properties [s]`),
  meta('bundle', '8', 'objects [json]'),
];
