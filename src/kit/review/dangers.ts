/**
 * Constructs at which defects are found more often than elsewhere, by language: what a reviewer with little time looks at first. A pattern
 * says that a line is worth reading, never that it is wrong.
 */

export interface Danger {
  /** Word of the kind, as the plan says it. */
  readonly kind: DangerKind;
  /** From 1 to 10. */
  readonly weight: number;
  readonly pattern: RegExp;
}

export const dangerKinds = [
  'memory', 'command', 'evaluation', 'query', 'weak-crypto', 'secret', 'verification-off', 'deserialisation', 'entities', 'permissions', 'race',
  'randomness', 'path', 'update', 'privilege', 'network', 'markup', 'unsafe', 'integer', 'unfinished',
] as const;
export type DangerKind = typeof dangerKinds[number];

const d = (kind: DangerKind, weight: number, pattern: RegExp): Danger => ({ kind, weight, pattern });

// Put together here, so that nobody who looks for such words in our own code finds them.
const leftOpen = [['FIX', 'ME'], ['XX', 'X'], ['HA', 'CK'], ['TO', 'DO']].map((halves) => halves.join('')).join('|');

/** Of every language: names that libraries of all of them share, and words that people write where something is left open. */
const everywhere: readonly Danger[] = [
  d('weak-crypto', 6, /\b(?:md5|sha1|md4|rc4|arcfour|des(?:ede)?|ecb|blowfish)\b(?=[\s_(."',;)/-]|$)/i),
  d('weak-crypto', 4, /(?:aes|cipher)[\w.]*[-_/]?ecb|createCipher\(|\bPKCS1v?1?_?5\b/i),
  d('secret', 7, /\b(?:pass(?:word|wd|phrase)?|secret|api_?key|private_?key|token|master_?key)\w*\s*(?::=|=|:)\s*["'`][^"'`\s]{6,}["'`]/i),
  d('secret', 9, /-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----/),
  d('verification-off', 9, /verify\s*[=:]\s*false|rejectUnauthorized\s*:\s*false|InsecureSkipVerify\s*:\s*true|SSL_VERIFY_NONE|CERT_NONE|ALLOW_ALL_HOSTNAME/i),
  d('verification-off', 6, /\b(?:skip|disable|ignore|bypass|no)_?(?:signature|verif\w*|cert\w*|auth\w*|check_?(?:sig|hash)\w*)\b/i),
  d('update', 4, /\b(?:install|apply|download|fetch)_?(?:update|patch|package|upgrade)\b/i),
  d('privilege', 4, /\b(?:set(?:e|re|res)?[ug]id|impersonate\w*|AdjustTokenPrivileges|CAP_SYS_ADMIN|sudo)\b/),
  d('permissions', 6, /\bchmod\s*\(?[^)]*\b0?o?777\b|\bumask\s*\(\s*0+\s*\)|0o?666\b/),
  d('network', 2, /\b(?:bind|listen|accept|recvfrom|recvmsg)\s*\(/),
  d('unfinished', 3, new RegExp(String.raw`\b(?:${leftOpen})\b.{0,60}(?:secur|auth|check|valid|overflow|crypt)`, 'i')),
];

const c: readonly Danger[] = [
  d('memory', 8, /\b(?:strcpy|strcat|sprintf|vsprintf|gets|stpcpy|wcscpy|wcscat|lstrcpy[AW]?)\s*\(/),
  d('memory', 6, /\bscanf\s*\([^)]*%s|\b(?:sscanf|fscanf)\s*\([^)]*%s/),
  d('memory', 4, /\b(?:memcpy|memmove|strncpy|strncat|bcopy|RtlCopyMemory|copy_from_user)\s*\(\s*[^,;]+,[^,;]+,\s*(?!sizeof)[^;]*[a-z_]\w*/i),
  d('memory', 5, /\balloca\s*\(|\b(?:free|kfree|delete)\b[^;]*;[^;]*->/),
  d('memory', 7, /\b(?:printf|syslog|fprintf|snprintf|err|warn)\s*\(\s*(?:\w+\s*,\s*)?(?:\w+\s*,\s*)?[a-z_]\w*(?:->\w+|\[\w+\])?\s*\)/),
  d('integer', 5, /\b[mck]?alloc\w*\s*\(\s*[^,;)]*\w+\s*\*\s*\w+[^;]*\)/),
  d('integer', 5, /\(\s*(?:unsigned\s+)?(?:short|char|int|u?int(?:8|16|32)_t)\s*\)\s*\(?\s*\w*(?:len|size|count|num)\w*/),
  d('command', 8, /\b(?:system|popen|execl[pe]?|execv[pe]?|WinExec|ShellExecute[AW]?|CreateProcess[AW]?)\s*\(/),
  d('race', 5, /\b(?:access|mktemp|tmpnam|tempnam|stat)\s*\(\s*[a-z_]/),
  d('randomness', 4, /\b(?:s?rand|random|drand48)\s*\(\s*(?:time|\))/),
  d('path', 3, /\b(?:fopen|open|CreateFile[AW]?|unlink|rename)\s*\(\s*[a-z_]\w*(?:->\w+)?\s*,?/),
  d('unsafe', 4, /\bgoto\s+(?:fail|err|out)\w*;\s*goto\b|\bioctl\s*\(|\b__asm\b|\basm\s+volatile\b/),
];

const script: readonly Danger[] = [
  d('evaluation', 8, /\beval\s*\(|\bnew\s+Function\s*\(|\bset(?:Timeout|Interval)\s*\(\s*["'`]|\bvm\.runIn\w*\(/),
  d('command', 8, /\b(?:exec|execSync|spawn|spawnSync|execFile)\s*\(\s*(?:[`"'][^`"']*(?:\$\{|["'`]\s*\+)|[a-z_]\w*\s*[+,)])/),
  d('query', 7, /(?:query|execute|raw)\s*\(\s*(?:`[^`]*(?:select|insert|update|delete)\b[^`]*\$\{)/i),
  d('query', 7, /(?:query|execute|raw)\s*\(\s*(?:["'][^"']*(?:select|insert|update|delete)\b[^"']*["']\s*\+)/i),
  d('markup', 6, /\binnerHTML\s*=(?!=)|\bouterHTML\s*=(?!=)|dangerouslySetInnerHTML|\bdocument\.write\s*\(|insertAdjacentHTML/),
  d('unsafe', 5, /__proto__|\bObject\.assign\s*\(\s*\w+\s*,\s*(?:req|JSON\.parse)|\bmerge\s*\(\s*\w+\s*,\s*req\b/),
  d('randomness', 4, /\bMath\.random\s*\(\)/),
  d('path', 5, /\b(?:readFile|createReadStream|sendFile|unlink|writeFile)(?:Sync)?\s*\([^)]*(?:req|params|query|body)\b/),
  d('deserialisation', 6, /\b(?:unserialize|yaml\.load|deserialize)\s*\(/),
];

const python: readonly Danger[] = [
  d('evaluation', 8, /\b(?:eval|exec|compile|__import__)\s*\(\s*(?!["'])/),
  d('command', 8, /\bos\.(?:system|popen)\s*\(|subprocess\.\w+\([^)]*shell\s*=\s*True|commands\.getoutput/),
  d('deserialisation', 8, /\b(?:c?pickle|marshal|shelve|dill)\.(?:loads?|open)\s*\(|yaml\.load\s*\((?![^)]*Safe)/i),
  d('query', 7, /\.execute(?:many)?\s*\(\s*(?:f["']|["'][^"']*["']\s*(?:%|\+|\.format))/),
  d('entities', 5, /\b(?:etree|minidom|sax|expat)\.(?:parse|fromstring|parseString)\s*\(|resolve_entities\s*=\s*True/),
  d('race', 5, /\btempfile\.mktemp\s*\(/),
  d('randomness', 3, /\brandom\.(?:random|randint|choice|randrange)\s*\(/),
  d('path', 5, /\bopen\s*\([^)]*(?:request|params|argv|input)\b|extractall\s*\(/),
  d('verification-off', 7, /\bassert\s+.*(?:auth|perm|admin|valid|sign)/i),
];

const managed: readonly Danger[] = [
  d('deserialisation', 8, /\bObjectInputStream\b|\breadObject\s*\(|\bBinaryFormatter\b|XMLDecoder|TypeNameHandling\.(?:All|Auto)|enableDefaultTyping/),
  d('command', 7, /\bRuntime\.getRuntime\(\)\.exec|\bnew\s+ProcessBuilder|\bProcess\.Start\s*\(/),
  d('query', 7, /(?:createQuery|executeQuery|executeUpdate|prepareStatement|SqlCommand|execute)\s*\(\s*(?:\$?"[^"]*"\s*\+|\$"[^"]*\{|String\.format)/i),
  d('entities', 6, /\b(?:DocumentBuilderFactory|SAXParserFactory|XMLInputFactory)\.newInstance|XmlResolver\s*=\s*new|DtdProcessing\.Parse/),
  d('verification-off', 9, /\bcheckServerTrusted\s*\([^)]*\)\s*(?:throws[^{]*)?\{\s*\}|HostnameVerifier|ServerCertificateValidationCallback|X509TrustManager/),
  d('weak-crypto', 7, /getInstance\s*\(\s*"(?:DES|MD5|SHA-?1|RC4|AES)(?:\/ECB[^"]*)?"/),
  d('randomness', 4, /\bnew\s+(?:java\.util\.)?Random\s*\(/),
  d('evaluation', 7, /\bScriptEngine\b|\.eval\s*\(|Class\.forName\s*\(\s*[a-z]|Assembly\.Load/),
  d('path', 4, /\bnew\s+File\s*\([^)]*(?:getParameter|request|input)|getEntry\w*\(\)\.getName/),
  d('unsafe', 5, /\bsun\.misc\.Unsafe\b|\bunsafe\s*\{|DllImport|\bfixed\s*\(/),
];

const goLike: readonly Danger[] = [
  d('command', 7, /\bexec\.Command(?:Context)?\s*\(\s*(?:"(?:ba|z)?sh"|[a-z]\w*)|Command::new\s*\(\s*(?:"(?:ba)?sh"|[a-z&]\w*)/),
  d('query', 7, /\.(?:Query|Exec|QueryRow)(?:Context)?\s*\([^)]*(?:fmt\.Sprintf|"\s*\+)|sqlx?::query\s*\(\s*&format!/),
  d('unsafe', 7, /\bunsafe\s*(?:\{|fn\b|impl\b)|\bunsafe\.Pointer\b|\btransmute\b|from_raw_parts|get_unchecked/),
  d('randomness', 4, /"math\/rand"|\brand\.(?:Intn?|Read|Seed)\s*\(/),
  d('markup', 5, /\btemplate\.HTML\s*\(|"text\/template"/),
  d('path', 4, /\bfilepath\.Join\s*\([^)]*(?:r\.|req|param|name)|ServeFile\s*\(/),
  d('verification-off', 5, /danger_accept_invalid|ssh\.InsecureIgnoreHostKey/),
];

const shell: readonly Danger[] = [
  d('command', 7, /\beval\s+["'$]|\b(?:ba)?sh\s+-c\s+["']?\$|curl[^|]*\|\s*(?:sudo\s+)?(?:ba)?sh|wget[^|]*\|\s*(?:ba)?sh/),
  d('permissions', 6, /\bchmod\s+(?:-R\s+)?(?:0?777|a\+w|\+s|u\+s)/),
  d('verification-off', 7, /\bcurl\b.*\s(?:-k|--insecure)\b|wget\b.*--no-check-certificate|--allow-unauthenticated|--nogpgcheck|StrictHostKeyChecking[= ]no/),
  d('race', 4, />\s*\/tmp\/[\w.$-]+/),
  d('path', 4, /\brm\s+-rf\s+["']?\$/),
];

const php: readonly Danger[] = [
  ...script,
  d('evaluation', 8, /\b(?:assert|preg_replace|create_function|call_user_func)\s*\([^)]*\$/),
  d('command', 8, /\b(?:shell_exec|passthru|system|proc_open|popen)\s*\(|`[^`]*\$/),
  d('path', 7, /\b(?:include|require)(?:_once)?\s*\(?\s*\$/),
  d('query', 7, /\b(?:mysql_query|mysqli_query|->query)\s*\(\s*[^)]*\$/),
];

const families: readonly (readonly [extensions: string, own: readonly Danger[]])[] = [
  ['c h cc cpp cxx hh hpp hxx m mm inc', c], ['js jsx mjs cjs ts tsx vue svelte', script], ['py pyw', python], ['java kt kts scala cs vb groovy', managed],
  ['go rs swift', goLike], ['sh bash zsh ksh ps1 bat', shell], ['php phtml rb pl pm', php],
];

const byExtension = new Map(families.flatMap(([extensions, own]) => extensions.split(' ').map((e) => [e, [...own, ...everywhere]] as const)));

/** What is looked for in a file, by its name; in one of an unknown kind what all languages share. */
export const dangersIn = (path: string): readonly Danger[] => ofLanguage(path) ?? everywhere;

/** Whether it is in a language of which more is known than of any text. */
export const knowsDangers = (path: string): boolean => ofLanguage(path) !== undefined;

function ofLanguage(path: string): readonly Danger[] | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return byExtension.get(name.slice(name.lastIndexOf('.') + 1).toLowerCase());
}
