/** Cyber-observable objects of STIX 2.1 (section 6): their own properties, and what holds between them. */
import { propertiesOf, relationsOf, type TypeTable } from './shape.ts';

function table(type: string, clause: string, properties: string, relations: readonly string[] = [], extensions = ''): TypeTable {
  return { type, clause, properties: propertiesOf(properties), extensions: extensions.split(' ').filter(Boolean), relations: relationsOf(relations) };
}
const addresses = '>ipv4-addr|ipv6-addr|mac-addr|domain-name';

export const scoTables: readonly TypeTable[] = [
  table('artifact', '6.1', 'mime_type s, payload_bin bin, url s, hashes hashes, encryption_algorithm encryption-algorithm-enum, decryption_key s',
    ['one payload_bin url', 'url needs hashes', 'decryption_key needs encryption_algorithm']),
  table('autonomous-system', '6.2', 'number! i0.., name s, rir s'),
  table('directory', '6.3', 'path! s, path_enc s, ctime t, mtime t, atime t, contains_refs [>file|directory]'),
  table('domain-name', '6.4', 'value! s, resolves_to_refs [>ipv4-addr|ipv6-addr|domain-name]'),
  table('email-addr', '6.5', 'value! s, display_name s, belongs_to_ref >user-account'),
  table('email-message', '6.6', `is_multipart! b, date t, content_type s, from_ref >email-addr, sender_ref >email-addr, to_refs [>email-addr],
    cc_refs [>email-addr], bcc_refs [>email-addr], message_id s, subject s, received_lines [s], additional_header_fields dict, body s,
    body_multipart [{email-mime-part}], raw_email_ref >artifact`),
  table('file', '6.7', `hashes hashes, size i0.., name s, name_enc s, magic_number_hex hex, mime_type s, ctime t, mtime t, atime t,
    parent_directory_ref >directory, contains_refs [>sco], content_ref >artifact`, ['some hashes name', 'name_enc needs name'],
  'archive-ext ntfs-ext pdf-ext raster-image-ext windows-pebinary-ext'),
  table('ipv4-addr', '6.8', 'value! s, resolves_to_refs [>mac-addr], belongs_to_refs [>autonomous-system]'),
  table('ipv6-addr', '6.9', 'value! s, resolves_to_refs [>mac-addr], belongs_to_refs [>autonomous-system]'),
  table('mac-addr', '6.10', 'value! s'),
  table('mutex', '6.11', 'name! s'),
  table('network-traffic', '6.12', `start t, end t, is_active b, src_ref ${addresses}, dst_ref ${addresses}, src_port i0..65535, dst_port i0..65535,
    protocols! [s], src_byte_count i0.., dst_byte_count i0.., src_packets i0.., dst_packets i0.., ipfix dict, src_payload_ref >artifact,
    dst_payload_ref >artifact, encapsulates_refs [>network-traffic], encapsulated_by_ref >network-traffic`,
  ['some src_ref dst_ref', 'start <= end'], 'http-request-ext icmp-ext socket-ext tcp-ext'),
  table('process', '6.13', `is_hidden b, pid i, created_time t, cwd s, command_line s, environment_variables dict,
    opened_connection_refs [>network-traffic], creator_user_ref >user-account, image_ref >file, parent_ref >process, child_refs [>process]`,
  ['some'], 'windows-process-ext windows-service-ext'),
  table('software', '6.14', 'name! s, cpe s, swid s, languages [lang], vendor s, version s'),
  table('url', '6.15', 'value! s'),
  table('user-account', '6.16', `user_id s, credential s, account_login s, account_type account-type-ov, display_name s, is_service_account b,
    is_privileged b, can_escalate_privs b, is_disabled b, account_created t, account_expires t, credential_last_changed t,
    account_first_login t, account_last_login t`, ['some'], 'unix-account-ext'),
  table('windows-registry-key', '6.17', 'key s, values [{windows-registry-value}], modified_time t, creator_user_ref >user-account, number_of_subkeys i0..',
    ['some']),
  table('x509-certificate', '6.18', `is_self_signed b, hashes hashes, version s, serial_number s, signature_algorithm s, issuer s, validity_not_before t,
    validity_not_after t, subject s, subject_public_key_algorithm s, subject_public_key_modulus s, subject_public_key_exponent i,
    x509_v3_extensions {x509-v3-extensions}`, ['some']),
];
