/**
 * Whether a rule finds malware or papers. A rule should match what malware is made of: code, names of functions, mutexes, addresses of
 * its servers. One that matches by words that people write, by who wrote a file, or by what a document is called can be made to look for
 * somebody’s papers on every machine that runs it. Such a rule is flagged for a person to look at; it is not thereby proved bad.
 */
import type { Rule, Wanted } from './rule.ts';
import type { Suspicion } from './suspicions.ts';

export interface Flag {
  readonly why: Suspicion;
  /** What of the rule shows it, shortened. */
  readonly shown: readonly string[];
}

/** Markings of secrecy as states write them. */
const markings = new RegExp([
  String.raw`\b(?:top[ _-]?secret|state[ _-]?secret|confidential|restricted|noforn|eyes[ _-]?only|classified)\b`,
  String.raw`\b(?:for official use only|not for distribution)\b`,
  'tuyệt mật', 'tối mật', String.raw`(?:^|[\s"=(])mật(?:$|[\s"),])`, 'bí mật nhà nước', 'lưu hành nội bộ',
  'совершенно секретно', 'секретно', 'для служебного пользования', '机密', '绝密', '內部',
  String.raw`\bgeheim\b`, String.raw`\bvertraulich\b`, String.raw`\bconfidentiel d[ée]fense\b`,
].join('|'), 'iu');

/** Where documents say who wrote them and whose they are. */
const owners = new RegExp([
  'dc:creator', 'cp:lastModifiedBy', 'lastModifiedBy', String.raw`/(?:Author|Creator)\s*\(`, String.raw`<(?:Company|Manager)>`, 'meta:initial-creator',
  String.raw`\b(?:ministry|embassy|department|bộ|cục|tỉnh ủy|đại sứ quán|министерство|посольство) [\p{L}]`,
  String.raw`\b[\w.+-]+@[\w-]+\.(?:gov|gouv|mil|go)\b`,
].join('|'), 'iu');

const documentName = /[\p{L}\d)_ .-]{3,}\.(?:docx?|pdf|xlsx?|pptx?|odt|ods|rtf|eml|msg|pst|csv|dwg|vsdx?)\b/iu;

/** What malware is made of, and papers are not. */
const traits = [
  /\.(?:exe|dll|sys|scr|bat|cmd|vbs|ps1|jse?|hta|lnk|onion|so|elf|apk|jar|pdb|tmp|dat|php|aspx?|bin)\b/i, /\b(?:HKLM|HKCU|HKEY_|SOFTWARE\\|CurrentVersion)/i,
  /\b[A-Z][a-z]+(?:[A-Z][a-z0-9]*){1,}[AW]?\b/, /https?:|ftp:|wss?:|User-Agent|Mozilla\/|\b(?:GET|POST) \//i, /%[sdxuS]|%\w+%|\$\{/, /[A-Za-z0-9+/]{40,}={0,2}/,
  /\b(?:cmd|powershell|rundll32|regsvr32|schtasks|wscript|mshta|certutil|bitsadmin|vssadmin|wmic|netsh|bash|sh|curl|wget)\b/i, /\b\d{1,3}(?:\.\d{1,3}){3}\b/,
  /\b(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})\b/i, /[\\/](?:AppData|Temp|tmp|System32|Users|etc|dev|proc|bin|var)\b/i, /\b\w+_\w+/,
  /[{}<>;|&^~`]|::|\\x|\(\)|=>|==/,
  /\b(?:mutex|payload|shellcode|inject|keylog|botnet|c2|ransom|decrypt|bitcoin|monero|stratum|wallet|beacon|loader|dropper|backdoor|rootkit|exploit)/i,
  /\b[a-z0-9-]+\.(?:com|net|org|info|top|xyz|ru|cn|io|biz|cc|su|pw|example)\b/i, /\b[A-Za-z]+\d+[A-Za-z\d]*\b|\b\d+[A-Za-z]+[A-Za-z\d]*\b/,
] as const;

/** Fields of Sigma that are of papers, not of programs and networks. */
const paperFields = /^(?:.*\.)?(?:author|creator|company|title|subject|keywords|documentname|attachmentname|filename_words)\b/i;

type Sort = 'trait' | 'words' | 'plain' | Suspicion;

const wordsOf = (text: string): string[] => text.match(/\p{L}{2,}/gu) ?? [];

/** What one thing that a rule looks for is. */
export function sortOf({ kind, text }: Wanted): Sort {
  const [field, value] = kind === 'field' ? [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] : ['', text];
  const plain = kind === 'regex' ? value.replace(/^\/|\/[is]*$/g, '').replaceAll(/\\[bswdW.]|[\\^$()?*+[\]{}]/g, (m) => (m === '\\.' ? '.' : ' ')) : value;
  if (kind === 'hex' && !printable(plain)) return 'trait';
  const readable = kind === 'hex' ? hexText(plain) : plain;
  if (markings.test(readable)) return 'marking';
  if (owners.test(readable) || paperFields.test(field)) return 'owner';
  if (documentName.test(readable)) return 'document-name';
  if (kind === 'field' && field !== '' && !/message|keyword|content|body/i.test(field)) return 'trait';
  if (traits.some((t) => t.test(readable))) return 'trait';
  return wordsOf(readable).length >= 2 || /\P{ASCII}/u.test(readable) ? 'words' : 'plain';
}

/** Hex that spells text, also with a zero behind each letter. */
const hexText = (text: string): string => (/^[0-9a-fA-F? ]+$/.test(text)
  ? Buffer.from(text.replaceAll(/[^0-9a-fA-F]/g, ''), 'hex').toString('latin1') : text).replaceAll('\0', '');
function printable(text: string): boolean {
  const said = hexText(text);
  return said.length >= 6 && /^[\x20-\x7e]+$/.test(said);
}

/** Whether one of several things alone is enough. */
const isLoose = (condition: string): boolean => /\b(?:any|1)\s+of\b|\bor\b/i.test(condition);
/** A rule that asks for a program’s beginning looks at programs. */
const asksForProgram = (condition: string): boolean =>
  /uint(?:16|32)(?:be)?\s*\(\s*0\s*\)\s*==\s*0x(?:5a4d|4d5a|464c457f|7f454c46|feedface|cefaedfe|cafebabe)/i.test(condition)
  || /\bpe\s*\.|\belf\s*\.|\bmacho\s*\./.test(condition);

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}...` : text);

/** Null where nothing of the rule asks for a person’s look. */
export function lint(rule: Rule): Flag | null {
  if (rule.grammar === 'yara' && rule.wanted.length === 0) return null;
  const sorted = rule.wanted.map((w) => ({ text: w.text, sort: sortOf(w) }));
  const count = (...sorts: readonly Sort[]): number => sorted.filter((s) => sorts.includes(s.sort)).length;
  const traitsFound = count('trait');
  const [loose, program] = [isLoose(rule.condition), asksForProgram(rule.condition)];
  for (const why of ['marking', 'owner', 'document-name'] as const) {
    const found = count(why);
    // What has to be there together with traits of a program is a trait of it too: malware that looks for papers itself.
    const alone = loose ? !program && found >= Math.max(1, traitsFound) : traitsFound === 0 && !program;
    if (found > 0 && alone) return { why, shown: sorted.filter((s) => s.sort === why).slice(0, 3).map((s) => shorten(s.text)) };
  }
  const words = count('words');
  if (words > 0 && traitsFound === 0 && !program && words * 2 >= sorted.length) {
    return { why: 'words-only', shown: sorted.filter((s) => s.sort === 'words').slice(0, 3).map((s) => shorten(s.text)) };
  }
  return null;
}
