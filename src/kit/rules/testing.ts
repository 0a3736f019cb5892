/** Rule sets drawn from a seed, for tests of the lint: what rules for malware look like in all three grammars, and rules that hunt papers. */
import { dice } from '#kit/dice';

export type Drawn = { readonly name: string; readonly text: string };

const families = ['glasseel', 'mudlark', 'paperwasp', 'saltfish', 'ironvine', 'dustmoth'] as const;
const apis = ['CreateRemoteThread', 'VirtualAllocEx', 'WriteProcessMemory', 'InternetOpenUrlA', 'RegSetValueExW', 'NtUnmapViewOfSection', 'GetAsyncKeyState'];
const paths = ['C:\\\\Users\\\\Public\\\\svch0st.exe', '%TEMP%\\\\~df394b.tmp', '/tmp/.x11-unix/dropper', '/etc/cron.d/kworkerd',
  'AppData\\\\Roaming\\\\sqlite3.dll'];
const hosts = ['update-check7.top', 'cdn.images-host.example', 'pool.minexmr7.net', 'a1b2c3d4e5.onion', '203.0.113.77'];
const texts = ['All your files have been encrypted', 'Your computer is locked, pay to unlock', 'send bitcoin to this wallet',
  'Enable content to view this document'];
const commands = ['cmd.exe /c ping 127.0.0.1', 'powershell -enc ', 'schtasks /create /tn', 'vssadmin delete shadows', 'curl -s http://'];
/** What stealers and droppers look for themselves, beside traits of their own. */
const theirs = ['passwords.txt', 'invoice_2231.docm', 'wallet.dat', 'Resume.doc', '*.docx', 'confidential information about your company'];

export interface Corpus { readonly yara: readonly Drawn[]; readonly sigma: readonly Drawn[]; readonly suricata: readonly Drawn[] }

/** `count` rules for malware. */
export function benign(seed: number, count: number): Corpus {
  const roll = dice(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(roll() * list.length)] as T;
  const hex = (bytes: number): string => Array.from({ length: bytes }, () => Math.floor(roll() * 256).toString(16).padStart(2, '0')).join(' ');
  const out = { yara: [] as Drawn[], sigma: [] as Drawn[], suricata: [] as Drawn[] };
  for (let i = 0; i < count; i++) {
    const name = `${pick(families)}_${i}`;
    const turn = roll();
    if (turn < 0.7) {
      const strings = [`$h = { ${hex(12)} ?? ${hex(6)} }`];
      if (roll() < 0.7) strings.push(`$a = "${pick(apis)}" ascii wide`);
      if (roll() < 0.4) strings.push(`$p = "${pick(paths)}" nocase`);
      if (roll() < 0.3) strings.push(`$m = "Global\\\\${name}" wide`);
      if (roll() < 0.3) strings.push(`$u = "${pick(hosts)}"`);
      if (roll() < 0.25) strings.push(`$t = "${pick(texts)}"`);
      if (roll() < 0.15) strings.push(`$c = "${pick(commands)}"`);
      if (roll() < 0.15) strings.push(`$d = "${pick(theirs)}"`);
      if (roll() < 0.2) strings.push(`$r = /${pick(['[a-z]{8}\\.php\\?id=\\d+', 'bot_[0-9a-f]{16}'])}/`);
      const condition = pick(['uint16(0) == 0x5A4D and all of them', '2 of them',
        'uint32(0) == 0x464C457F and any of them', 'all of them and filesize < 2MB', '$h']);
      const head = `rule ${name} {\n  meta:\n    author = "Somebody"\n  strings:\n    `;
      out.yara.push({ name, text: `${head}${strings.join('\n    ')}\n  condition:\n    ${condition}\n}\n` });
    } else if (turn < 0.85) {
      const field = pick([`CommandLine|contains: '${pick(commands)}'`, `Image|endswith: '\\${pick(families)}.exe'`, `TargetObject|contains: '\\Run\\${name}'`,
        `DestinationHostname: ${pick(hosts)}`, `TargetFilename|endswith: '.locked'`]);
      const head = `title: ${name}\nid: ${i}\nlogsource:\n    category: process_creation\ndetection:\n`;
      out.sigma.push({ name, text: `${head}    selection:\n        ${field}\n    condition: selection\n` });
    } else {
      const content = pick([`content:"${pick(hosts)}"; nocase`, 'content:"POST"; http.method; content:"/gate.php"; http.uri', `content:"|${hex(8)}|"; depth:8`,
        'pcre:"/id=[0-9a-f]{32}/U"']);
      out.suricata.push({ name, text: `alert tcp $HOME_NET any -> $EXTERNAL_NET any (msg:"${name}"; ${content}; sid:${1_000_000 + i}; rev:1;)` });
    }
  }
  return out;
}

/** Rules that look for papers, each in another way. */
export const rogue: readonly (Drawn & { readonly grammar: keyof Corpus })[] = [
  ['yara', '$a = "TOP SECRET" nocase\n    $b = "NOFORN"', 'any of them'],
  ['yara', '$a = "tuyệt mật"\n    $b = "Bộ Quốc phòng"', 'all of them'],
  ['yara', '$a = "cp:lastModifiedBy>Nguyen"\n    $b = "word/document.xml"', 'uint32(0) == 0x04034B50 and all of them'],
  ['yara', '$a = "negotiation plan 2026.docx" wide', '$a'],
  ['yara', '$a = { 54 00 4F 00 50 00 20 00 53 00 45 00 43 00 52 00 45 00 54 00 }', '$a'],
  ['yara', '$a = /\\/Author \\(Tran [A-Z]/', 'uint32(0) == 0x46445025 and $a'],
  ['yara', '$a = "agenda of the border talks"\n    $b = "position of our delegation"', 'all of them'],
  ['yara', '$h = { 6A 40 68 00 30 00 00 }\n    $a = "state secret"', '$h or $a'],
  ['sigma', 'TargetFilename|contains: "Confidential"', 'selection'],
  ['sigma', 'Author: "Ministry of Defence"', 'selection'],
  ['suricata', 'content:"Content-Disposition"; content:"defence budget 2027.xlsx"', ''],
  ['suricata', 'content:"eyes only"; nocase', ''],
].map(([grammar = '', what = '', condition = ''], i) => ({
  grammar: grammar as keyof Corpus, name: `update_${i}`,
  text: grammar === 'yara' ? `rule update_${i} {\n  strings:\n    ${what}\n  condition:\n    ${condition}\n}\n`
    : grammar === 'sigma'
      ? `title: update_${i}\nlogsource:\n    category: file_event\ndetection:\n    selection:\n        ${what}\n    condition: ${condition}\n`
      : `alert tcp any any -> any any (msg:"update_${i}"; ${what}; sid:${2_000_000 + i};)`,
}));
