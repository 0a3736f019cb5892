/**
 * A reviewer's day with a product of more than a hundred thousand files and 1.3 GB: Debian's kernel source, 25,000 small files beside it, and
 * one of five megabytes in a single line. In a browser: opened, searched for a symbol, read, annotated, a finding filed, ended. How long each
 * step takes is printed, not asserted; it runs with the full counts (`npm run check -- big-review`), where Debian's archive can be had.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { systemClock } from '#world/clock';
import { asHub } from '#world/db/scope';
import { round } from '../../src/app/chores.ts';
import { bringSource } from '../../src/modules/catalogue/actions/snapshots.ts';
import { openDesk, settle, type Desk } from '../browser/desk.ts';

const full = process.env['FULL'] === 'yes';
const { elapsed } = systemClock();
const work = mkdtempSync(join(tmpdir(), 'entente-big-'));
const opened: { desk?: Desk } = {};
afterAll(async () => {
  await opened.desk?.close();
  rmSync(work, { recursive: true, force: true });
});

/** The tar that is reviewed; null where Debian's archive is not there. */
function bigTar(): string | null {
  const ran = spawnSync('bash', ['-ec', 'apt-get -q download linux-source-6.1; dpkg-deb --fsys-tarfile linux-source-6.1_*.deb | tar -x '
    + './usr/src/linux-source-6.1.tar.xz; rm linux-source-6.1_*.deb; xz -dc usr/src/linux-source-6.1.tar.xz > big.tar; rm -r usr'], { cwd: work,
    stdio: 'ignore' });
  if (ran.status !== 0) return null;
  const added = join(work, 'linux-source-6.1', 'generated');
  for (let folder = 0; folder < 250; folder++) {
    mkdirSync(join(added, `part${folder}`), { recursive: true });
    for (let file = 0; file < 100; file++) {
      writeFileSync(join(added, `part${folder}`, `f${file}.c`), `int generated_${folder}_${file}(void) { return ${file}; }\n`);
    }
  }
  writeFileSync(join(added, 'one-line.js'), `var table=[${Array.from({ length: 700_000 }, (_, i) => 100_000 + i).join(',')}];needle_at_the_end();`);
  execFileSync('tar', ['-rf', 'big.tar', 'linux-source-6.1'], { cwd: work });
  return join(work, 'big.tar');
}

async function underReview(desk: Desk, tar: string): Promise<{ visit: string; files: number; bytes: number }> {
  const { hub } = desk;
  const [moser, son] = [await hub.as('per_moser'), await hub.as('per_son')];
  const by = async <T>(cookie: string, path: string, body: unknown): Promise<T> => {
    const answer = await hub.ask('POST', path, body, { cookie });
    if (answer.status >= 400) throw new Error(`${path}: ${answer.text}`);
    return answer.json<T>();
  };
  // One that the agreement names.
  const { items: products } = (await hub.ask('GET', '/api/products', undefined, { cookie: moser })).json<{ items: { id: string; name: string }[] }>();
  const product = products.find((p) => p.name === 'Kestrel Shield')?.id ?? '';
  const { release } = await by<{ release: { id: string } }>(moser, `/api/products/${product}/releases`, { version: '61.0' });
  const source = await asHub('source code to read', () => bringSource(hub.world, {
    actor: { org: 'org_kestrel', person: 'per_moser' }, release: release.id, name: 'source', access: 'agreement', tlp: 'AMBER', keepTop: false,
  }, createReadStream(tar)));
  await by(moser, `/api/releases/${release.id}/publish`, {});
  const { visit, items } = await by<{ visit: { id: string }; items: { id: string }[] }>(son, '/api/visits', {
    artefact: source.id, level: 'red', mode: 'remote', goals: 'How the kernel treats what comes from the network', questions: [],
    from: hub.world.clock.iso().slice(0, 10), to: new Date(hub.world.clock.now() + 30 * 86_400_000).toISOString().slice(0, 10),
    items: [{ kind: 'person', name: 'Son', ref: 'per_son' }],
  });
  await by(moser, `/api/visits/${visit.id}/vet`, { item: items[0]?.id, state: 'approved' });
  await by(moser, `/api/visits/${visit.id}/decide`, { agree: true });
  return { visit: visit.id, files: source.snapshot?.files ?? 0, bytes: source.snapshot?.bytes ?? 0 };
}

describe('a product of a hundred thousand files', () => {
  if (!full) {
    test('is reviewed in the full check', () => expect(full).toBe(false));
    return;
  }
  const told: string[] = [];
  const step = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
    const began = elapsed();
    const answer = await act();
    told.push(`${name}: ${Math.round(elapsed() - began)} ms`);
    return answer;
  };
  test('is opened, searched, read, annotated and closed in a browser', async () => {
    const tar = bigTar();
    if (tar === null) return expect(spawnSync('apt-get', ['-q', 'download', 'linux-source-6.1'], { cwd: work }).status).not.toBe(0);
    const desk = await openDesk(0);
    opened.desk = desk;
    const { visit, files, bytes } = await step('snapshot', () => underReview(desk, tar));
    expect(files).toBeGreaterThan(100_000);
    expect(bytes).toBeGreaterThan(1_250_000_000);
    await step('index', () => round(desk.hub.world, desk.hub.composition));
    const { page, complaints, close } = await desk.visit('per_son', { width: 1440 });
    const shot = (name: string): Promise<unknown> => (process.env['SHOTS'] ? page.screenshot({ path: join(process.env['SHOTS'], `${name}.png`) })
      : Promise.resolve());
    await step('visit', () => settle(page, `${desk.origin}/visits/${visit}`));
    await shot('big-visit');
    await step('room', async () => {
      await page.getByRole('button', { name: 'Begin reading' }).click();
      await page.getByRole('heading', { level: 1, name: 'Reading room' }).waitFor();
      await page.getByText('Kbuild').first().waitFor();
    });
    await shot('big-room');
    const symbol = async (name: string, path: string, line: string): Promise<void> => step(`symbol ${name}`, async () => {
      await page.locator('body').click({ position: { x: 5, y: 5 } });
      await page.keyboard.press('t');
      await page.locator('[role="combobox"]:focus').waitFor();
      await page.keyboard.type(name);
      await page.keyboard.press('Enter');
      await page.getByRole('region', { name: path }).getByText(line).first().waitFor();
    });
    await symbol('@tcp_v4_rcv', 'net/ipv4/tcp_ipv4.c', 'int tcp_v4_rcv');
    await shot('big-symbol');
    await symbol('one-line.js', 'generated/one-line.js', 'var table=');
    await shot('big-one-line');
    await symbol('@generated_249_99', 'generated/part249/f99.c', 'int generated_249_99');
    await step('note', async () => {
      await page.keyboard.press('m');
      await page.getByRole('textbox', { name: /^Note on line/ }).fill('Generated: by what?');
      await page.getByRole('button', { name: 'Add note' }).click();
      await page.getByText('Generated: by what?').waitFor();
    });
    await step('finding', async () => {
      await page.locator('body').click({ position: { x: 5, y: 5 } });
      await page.keyboard.press('m');
      await page.getByText('File a finding', { exact: true }).click();
      await page.getByRole('textbox', { name: 'Finding', exact: true }).fill('Generated files without a generator');
      await page.getByRole('textbox', { name: 'What is wrong, and how it shows' }).fill('Nothing in the source makes them.');
      await page.getByRole('button', { name: 'Commit to the finding' }).click();
      await page.getByRole('button', { name: 'Commit to the finding' }).waitFor({ state: 'hidden' });
    });
    await shot('big-finding');
    // Of so much source not all is looked at, and the reader is told.
    await step('plan', async () => {
      await page.getByRole('button', { name: 'What to read first' }).click();
      await page.getByText(/^Files looked at:/).waitFor();
    });
    await shot('big-plan');
    await step('end', async () => {
      await page.getByRole('button', { name: 'End this sitting' }).click();
      await page.getByRole('button', { name: 'Begin reading' }).waitFor();
    });
    process.stdout.write(`${told.join('\n')}\n`);
    expect(complaints.filter((said) => !said.includes('status of 409'))).toEqual([]);
    await close();
  });
});
