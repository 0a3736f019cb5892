import { expect, test } from 'vitest';
import { dice } from '#kit/dice';
import { Planner, riskOf, wordsOf, type SourceText } from './plan.ts';

/** Places that hurt, as they are really written; of each language, and last some that no list of words can know. */
const risky: Readonly<Record<string, readonly string[]>> = {
  c: [
    '  strcpy(name, packet->name);', '  sprintf(path, "%s/%s", root, request);', '  memcpy(buffer, input, header->length);', '  system(command);',
    '  char *p = malloc(count * width);', '  if (access(file, W_OK) == 0) fd = open(file, O_WRONLY);', '  syslog(LOG_ERR, message);',
    '  SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);', '  setuid(0);', '  MD5_Update(&state, secret, n);', '  if (allowed = is_admin(user)) {',
    '  for (i = 0; i <= sizeof table; i++) table[i] = next;',
  ],
  js: [
    '  return eval(body.expression);', '  db.query(`select * from users where name = \'${name}\'`);', '  exec(`tar xf ${file}`);',
    '  element.innerHTML = message;', '  https.request({ rejectUnauthorized: false });', '  const id = Math.random().toString(36);',
    '  const password = "hunter2-hunter2";', '  if (user.role == 0 || true) return next();',
  ],
  py: [
    '    state = pickle.loads(blob)', '    subprocess.run(line, shell=True)', '    cursor.execute("select * from t where id = %s" % key)',
    '    requests.get(url, verify=False)', '    yaml.load(stream)', '    hashlib.md5(password).hexdigest()', '    return user in admins or not admins',
  ],
  java: [
    '    Object o = new ObjectInputStream(in).readObject();', '    Runtime.getRuntime().exec(line);', '    st.executeQuery("select * from t where id=" + id);',
    '    Cipher c = Cipher.getInstance("DES/ECB/PKCS5Padding");', '    public void checkServerTrusted(X509Certificate[] c, String a) {}',
    '    if (token.equals(expected.substring(0, 4))) grant();',
  ],
};

const ordinary: Readonly<Record<string, readonly string[]>> = {
  c: ['  int total = 0;', '  if (left == NULL) return -1;', '  counter += step;', '}', '', '/* copies the name of the entry */', '  log_line(level, text);',
    '  list_add(&item->list, &head);', 'static int handle(struct request *r) {', '#include <stdint.h>'],
  js: ['  const rows = items.map((item) => item.id);', '  return null;', '}', '', '// evaluates the state of the form', 'export function draw(view) {',
    '  if (!found) throw new Error(text);', '  await store.save(record);'],
  py: ['    total = sum(values)', '    return None', '', '    # loads the state again', 'def draw(view):', '    if not found: raise KeyError(name)'],
  java: ['    int total = 0;', '    return items.size();', '  }', '', '    // runs the query again', '  public void draw(View view) {', '    log.info(text);'],
};

/** What looks like danger and is none, or hardly: in tests, in comments, with constants. */
const decoys: Readonly<Record<string, readonly string[]>> = {
  c: ['  memcpy(out, key, length);', '  srand(time(NULL));', '  /* strcpy(a, b) would be wrong here */', '  f = fopen(name, "r");', '  bind(sock, addr, n);'],
  js: ['  const jitter = Math.random() * 100;', '  // never eval(this)', '  listen(port);', '  merge(a, b);'],
  py: ['    pick = random.choice(names)', '    # os.system(line) is forbidden', '    tree = etree.parse(own)'],
  java: ['    Random r = new Random();', '    // Runtime.getRuntime().exec is not used', '    File f = new File(name);'],
};

const pick = <T>(roll: () => number, of: readonly T[]): T => of[Math.floor(roll() * of.length)] as T;

/** A tree of a million lines in 2,000 files, 200 risky places, each in a file of its own; some two thousand decoys. */
function tree(seed: number): { files: SourceText[]; planted: { path: string; line: number }[] } {
  const roll = dice(seed);
  const languages = Object.keys(risky);
  const planted: { path: string; line: number }[] = [];
  const files = Array.from({ length: 2_000 }, (_, n): SourceText => {
    const language = pick(roll, languages);
    const own = n < 200;
    const folder = !own && roll() < 0.25 ? pick(roll, ['tests', 'vendor/zip', 'docs']) : pick(roll, ['net', 'ui', 'core', 'auth', 'store', 'update', 'report']);
    const path = `src/${folder}/m${n % 40}/file${n}.${language}`;
    const lines = Array.from({ length: 500 }, () => (roll() < 0.002 ? pick(roll, decoys[language] ?? []) : pick(roll, ordinary[language] ?? [])));
    if (own) {
      const line = Math.floor(roll() * 500);
      lines[line] = pick(roll, risky[language] ?? []);
      planted.push({ path, line: line + 1 });
    }
    return { path, text: `${lines.join('\n')}\n`, changes: roll() < (own ? 0.5 : 0.3) ? Math.ceil(roll() * 6) : 0 };
  });
  return { files, planted };
}

test.each([1, 2, 3])('a plan for five per cent of a million lines holds at least sixty per cent of two hundred risky places (seed %i)', (seed) => {
  const { files, planted } = tree(seed);
  const planner = new Planner([]);
  for (const file of files) planner.look(file);
  const plan = planner.plan(500);
  expect(plan.ofLines).toBe(1_000_000);
  expect(plan.lines).toBeLessThanOrEqual(50_000);
  expect(plan.stretches.reduce((sum, s) => sum + s.to - s.from + 1, 0)).toBe(plan.lines);
  const held = planted.filter(({ path, line }) => plan.stretches.some((s) => s.path === path && s.from <= line && line <= s.to)).length;
  expect(held).toBeGreaterThanOrEqual(120);
  // The bar would mean nothing if the plan held everything, or if half of the budget did as well by chance.
  expect(held).toBeLessThan(200);
}, 60_000);

test('questions raise what they speak of, and a smaller share is part of a larger one', () => {
  const text = `${'x = 1\n'.repeat(300)}telemetry_endpoint = region\n${'x = 1\n'.repeat(300)}`;
  const ask = (questions: string[], share: number) => {
    const planner = new Planner(questions);
    planner.look({ path: 'a.py', text, changes: 0 });
    return planner.plan(share);
  };
  expect(ask([], 1_000).stretches).toEqual([]);
  expect(ask(['Where does telemetry go?'], 1_000).stretches).toEqual([{ path: 'a.py', from: 293, to: 312, weight: 4, reasons: ['question'] }]);
  expect(ask(['Where does telemetry go?'], 100).stretches).toEqual([]);
  expect(wordsOf(['Does this product send telemetry, and WHERE?'])).toEqual(['send', 'telemetry']);
});

test('no line costs more than its length, whatever stands in it', () => {
  const planner = new Planner(['anything at all']);
  planner.look({ path: 'long.c', text: `${'a('.repeat(800)}\n${'strcpy('.repeat(100_000)}\n${'= "'.repeat(600)}\n`, changes: 0 });
  expect(planner.plan(10_000).ofLines).toBe(3);
});

test('where not all can be looked at, code where trust is decided goes first, and what is no code last', () => {
  const paths = ['docs/a.md', 'firmware/blob.bin', 'lib/list.c', 'net/ipv4/tcp.c', 'tests/net/tcp.c', 'vendor/zlib/inflate.c'];
  expect(paths.toSorted((a, b) => riskOf(b) - riskOf(a))).toEqual(['net/ipv4/tcp.c', 'lib/list.c', 'vendor/zlib/inflate.c', 'tests/net/tcp.c',
    'firmware/blob.bin', 'docs/a.md']);
});
