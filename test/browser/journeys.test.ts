/** What people come to do, done in a real browser by mouse and by keyboard. Some on any clone, all in the tier `ci`. */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linuxSandboxes } from '#world/sandbox/linux';
import { agreementOf, clauseOf, grantOf } from '../../src/modules/agreements/decide/testing.ts';
import { agreementById, insertAgreement, saveAgreement } from '../../src/modules/agreements/store.ts';
import { round } from '../../src/app/chores.ts';
import { chromiumPath } from './chromium.ts';
import { faultsOf, openDesk, settle, type Desk } from './desk.ts';

const place: { desk?: Desk } = {};
const desk = (): Desk => place.desk as Desk;
const inFull = process.env['TIER'] === 'ci' ? test : (): void => undefined;

describe.skipIf(chromiumPath === null)('journeys in a real browser (no Chromium found: skipped)', () => {
  beforeAll(async () => {
    place.desk = await openDesk(0.02);
  });
  afterAll(() => place.desk?.close());

  test('a visitor sees the public figures, the number the hub answers, and its definition on focus', async () => {
    const { page, close } = await desk().visit(null);
    await settle(page, `${desk().origin}/`);
    const answer = await desk().hub.ask('GET', '/api/public/statistics/attacks-by-origin?area=VN&period=2018-Q4');
    const { value, definition } = answer.json<{ value: number; definition: string }>();
    const figure = page.getByRole('link', { name: /^Attacks by origin:/ });
    expect(await figure.innerText()).toContain(new Intl.NumberFormat('en-GB').format(value));
    await page.getByRole('button', { name: 'What “Attacks by origin” means' }).focus();
    await page.getByText(definition).first().waitFor();
    await figure.click();
    await page.getByRole('heading', { level: 1, name: 'Attacks by origin' }).waitFor();
    expect(page.url()).toContain('period=2018-Q4');
    await close();
  });

  test('a reviewer sees which instruction of a shipped program is another in the rebuilt one', async () => {
    const cookie = await desk().hub.as('per_son');
    const ask = async <T>(path: string): Promise<T> => (await desk().hub.ask('GET', path, undefined, { cookie })).json<T>();
    const { items } = await ask<{ items: { product: string }[] }>('/api/public/rebuilds');
    const { releases } = await ask<{ releases: { id: string; version: string }[] }>(`/api/products/${items[0]?.product}`);
    const { verdicts } = await ask<{ verdicts: { id: string; unexplained: number; hasRebuilt: boolean }[] }>(
      `/api/releases/${releases.find((r) => r.version === '1.0')?.id}/rebuilds`);
    const found: { id: string; index: number }[] = [];
    for (const { id } of verdicts.filter((v) => v.hasRebuilt && v.unexplained > 0)) {
      const { regions } = await ask<{ regions: { index: number; region: string }[] }>(`/api/verdicts/${id}`);
      found.push(...regions.filter((r) => r.region === '.text').map(({ index }) => ({ id, index })));
    }
    const { page, close } = await desk().visit('per_son', { width: 390 });
    await settle(page, `${desk().origin}/verdicts/${found[0]?.id}?region=${found[0]?.index}`);
    if (spawnSync('objdump', ['--version']).status === 0 && linuxSandboxes(tmpdir()).length > 0) {
      await page.getByRole('row', { name: /changed 3ab jne 0x3b4 75 07/ }).waitFor();
      await page.getByRole('row', { name: /changed 3ab je 0x3b4 74 07/ }).waitFor();
      await page.getByRole('button', { name: /^Show all \d+ instructions$/ }).click();
      expect(await page.getByRole('row', { name: /ret c3$/ }).count()).toBeGreaterThan(10);
      await page.getByRole('button', { name: 'Show only what is near' }).click();
    } else {
      await page.getByText(/^Instructions are not shown: .* The bytes are below\.$/).waitFor();
    }
    await page.getByRole('region', { name: 'Rebuilt' }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await close();
  });

  inFull('the evaluator chooses a person, and the mandate bar says as whom and by what right', async () => {
    const { page, close } = await desk().visit(null);
    await settle(page, `${desk().origin}/exposure`);
    expect(page.url()).toContain('/continue');
    await page.getByRole('button', { name: /Lê Văn Hùng/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Your exposure' }).waitFor();
    const bar = page.getByRole('region', { name: 'Your mandate' });
    await bar.getByText('Ministry of Transit and Ports').waitFor();
    await bar.getByRole('link', { name: /Early warning service/ }).waitFor();
    await close();
  });

  test('a refusal names what is missing and whom to ask; the signature that mends it is given on the agreement’s page', async () => {
    const { page, close } = await desk().visit('per_khoa');
    await settle(page, `${desk().origin}/exposure`);
    const refused = page.getByRole('alert');
    expect(await refused.innerText()).toMatch(/not signed by both sides[\s\S]*Whom to ask: National Cyber Security Centre/);
    await settle(page, `${desk().origin}/agreements/agr_warnminwaters`);
    const sign = page.getByRole('button', { name: /^Sign for Ministry of Waters/ });
    expect(await sign.isDisabled()).toBe(true);
    await page.getByRole('checkbox').check();
    await sign.click();
    await page.getByText('In force', { exact: true }).first().waitFor();
    await settle(page, `${desk().origin}/exposure`);
    await page.getByText('Assets affected').first().waitFor();
    await close();
  });

  inFull('who may what, and why: a cell opens the reasoning down to the clause’s words', async () => {
    const { page, close } = await desk().visit('per_minh');
    await settle(page, `${desk().origin}/agreements/agr_meridian/rights`);
    await page.getByRole('button', { name: /^National Cyber Security Centre, .*visit the transparency centre: May not$/ }).first().click();
    await page.getByText(/the authorisation “Transparency centre” is absent/).waitFor();
    await page.getByText(/It does not include: .*Transparency centre/).waitFor();
    expect(page.url()).toContain('right=centre.visit');
    await close();
  });

  test('the browser verifies the ledger live, and notices on the next look that it has only grown', async () => {
    const { page, close } = await desk().visit('per_minh');
    await settle(page, `${desk().origin}/facts`);
    await page.getByText('The checkpoint’s signature holds').waitFor();
    await page.getByText(/First look from this browser/).waitFor();
    await page.getByText('Verified by your browser').waitFor();
    await desk().hub.as('per_lan');
    await desk().hub.composition.sequencer.idle();
    await settle(page, `${desk().origin}/facts`);
    await page.getByText(/Only grown from \d/).waitFor();
    await page.getByRole('button', { name: /^Verify the record/ }).first().click();
    await page.getByRole('dialog').getByText('Verified by your browser').waitFor();
    await close();
  });

  inFull('a log that was rewritten since the last look is called out', async () => {
    const { page, close } = await desk().visit('per_minh');
    await settle(page, `${desk().origin}/facts`);
    await page.getByText('The checkpoint’s signature holds').waitFor();
    await page.evaluate(`(() => {
      const key = Object.keys(localStorage).find((k) => k.startsWith('entente.ledger.'));
      const seen = JSON.parse(localStorage.getItem(key));
      localStorage.setItem(key, JSON.stringify({ ...seen, size: seen.size - 1, root: btoa('x'.repeat(32)) }));
    })()`);
    await settle(page, `${desk().origin}/facts`);
    await page.getByText(/entries are not those you saw before/).waitFor();
    await close();
  });

  inFull('the palette finds a page, an act and an object by keyboard; `?` shows the keys', async () => {
    const { page, close } = await desk().visit('per_lan');
    await settle(page, `${desk().origin}/`);
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Find a page, act or object').fill('delta');
    await page.getByRole('button', { name: /Delta Broadband/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Delta Broadband' }).waitFor();
    await page.keyboard.press('Shift+?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await close();
  });

  inFull('rows are walked with j and k and opened with Enter', async () => {
    const { page, close } = await desk().visit('per_lan');
    await settle(page, `${desk().origin}/constituents`);
    const second = page.locator('tbody tr').nth(1);
    const name = await second.locator('a').first().innerText();
    await page.getByRole('region', { name: 'Constituents' }).focus();
    for (const key of ['j', 'j', 'j', 'k', 'Enter']) await page.keyboard.press(key);
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await close();
  });

  inFull('an import is read first, with its problems by line, and adds nothing while there is one', async () => {
    const { page, close } = await desk().visit('per_lan');
    await settle(page, `${desk().origin}/constituents/import`);
    const csv = 'name,kind,sector,province,asset,value,from,to\nNew Office,ministry,,,prefix,198.51.100.0/24,2026-01-01,\n';
    await page.getByRole('textbox', { name: 'Or paste it here' }).fill(`${csv}Bad,ministry,,,prefix,198.51.100.0/99,2026-01-01,\n`);
    await page.getByRole('button', { name: 'Read it' }).click();
    await page.getByRole('heading', { name: 'Problems' }).waitFor();
    expect(await page.getByRole('button', { name: 'Add all of it' }).isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'Or paste it here' }).fill(csv);
    await page.getByRole('button', { name: 'Read it' }).click();
    await page.getByRole('button', { name: 'Add all of it' }).click();
    await page.getByRole('link', { name: 'New Office' }).waitFor();
    await close();
  });

  inFull('a file is uploaded with its report type, and the page shows where each row went', async () => {
    const { page, close } = await desk().visit('per_lan');
    await settle(page, `${desk().origin}/batches/upload?feed=feed_sensor-reports`);
    const row = 'timestamp,ip,port\n2026-06-14 01:00:00,203.0.113.9,445\nnever,203.0.113.9,445\n';
    await page.locator('input[type=file]').setInputFiles({ name: 'night.csv', mimeType: 'text/csv', buffer: Buffer.from(row) });
    await page.getByRole('textbox', { name: 'Report type' }).fill('scan_smb');
    await page.getByRole('button', { name: 'Upload' }).click();
    await page.getByRole('link', { name: 'Open the batch' }).click();
    await page.getByRole('heading', { level: 1, name: 'night.csv' }).waitFor();
    expect(await page.getByRole('link', { name: /^Read: 2/ }).count()).toBe(1);
    expect(await page.getByRole('link', { name: /^Quarantined: 1/ }).count()).toBe(1);
    await close();
  });

  test('two people: an administrator is refused and asks; the head reads exactly what, agrees; the administrator does it', async () => {
    const asking = await desk().visit('per_thao');
    await settle(asking.page, `${desk().origin}/people`);
    const row = asking.page.getByRole('row', { name: /Nguyễn Thị Lan/ });
    await row.getByRole('button', { name: /^What can be done about/ }).click();
    await asking.page.getByRole('menuitem', { name: 'Change roles' }).click();
    const dialog = asking.page.getByRole('dialog');
    await dialog.getByRole('checkbox', { name: 'Administrator', exact: true }).check();
    await dialog.getByRole('button', { name: 'Save the roles' }).click();
    await dialog.getByText('A second person has to agree to this first.').waitFor();
    await dialog.getByRole('textbox', { name: 'Why it is needed' }).fill('A second administrator for the night');
    await dialog.getByRole('button', { name: 'Ask for approval' }).click();
    await dialog.getByText(/^Asked\./).waitFor();

    const deciding = await desk().visit('per_minh');
    await settle(deciding.page, `${desk().origin}/`);
    await deciding.page.getByRole('link', { name: /waits for your approval/ }).click();
    await deciding.page.getByText('A second administrator for the night').waitFor();
    await deciding.page.getByText(/Nguyễn Thị Lan/).first().waitFor();
    const approve = deciding.page.getByRole('button', { name: 'Approve exactly this' });
    expect(await approve.isDisabled()).toBe(true);
    await deciding.page.getByRole('checkbox').check();
    await approve.click();
    await deciding.page.getByText('Approved', { exact: true }).first().waitFor();

    await settle(asking.page, `${desk().origin}/`);
    await asking.page.getByRole('link', { name: /was approved/ }).click();
    await asking.page.getByRole('button', { name: 'Do it now' }).click();
    await asking.page.getByText('It is done, and recorded with the approval.').waitFor();
    await settle(asking.page, `${desk().origin}/people`);
    await asking.page.getByRole('row', { name: /Nguyễn Thị Lan.*Administrator/ }).waitFor();
    await asking.close();
    await deciding.close();
  });

  inFull('a clause wants the centre’s yes: the ministry asks for exactly this look, the duty officer agrees, it is had once', async () => {
    const grant = grantOf({
      grantee: 'counterpart', actions: ['exposure.view'], kinds: ['exposure'], products: 'ALL_NAMED', maxLevel: 3,
      conditions: { mfa: false, networks: [], approvals: { count: 1, from: 'other-party' } },
    });
    const { db } = desk().hub.world;
    const signed = await agreementById(db, 'agr_warnminwaters');
    if (signed) await saveAgreement(db, { ...signed, status: 'ended', version: signed.version + 1 });
    const clause = clauseOf('1.1', { grants: [grant] });
    const attestations = clause.attestations.map((a, side) => ({ ...a, organisation: side === 0 ? 'org_hub' : 'org_minwaters' }));
    await insertAgreement(db, agreementOf([{ ...clause, attestations }], {
      id: 'agr_wanting', authority: 'org_hub', counterpart: 'org_minwaters', products: [], title: 'Looks by agreement',
    }));
    const asking = await desk().visit('per_khoa');
    await settle(asking.page, `${desk().origin}/exposure`);
    await asking.page.getByText('a person of the other party who is principal or duty officer').first().waitFor();
    await asking.page.getByRole('textbox', { name: 'Why it is needed' }).first().fill('What hit us this night');
    await asking.page.getByRole('button', { name: 'Ask for approval' }).first().click();
    await asking.page.getByText(/^Asked\./).first().waitFor();

    const deciding = await desk().visit('per_lan');
    await settle(deciding.page, `${desk().origin}/approvals`);
    await deciding.page.getByRole('link', { name: 'See what hit the own organisation' }).click();
    await deciding.page.getByText('What hit us this night').waitFor();
    await deciding.page.getByRole('link', { name: 'Looks by agreement' }).waitFor();
    await deciding.page.getByRole('checkbox').check();
    await deciding.page.getByRole('button', { name: 'Approve exactly this' }).click();
    await deciding.page.getByText('Approved', { exact: true }).first().waitFor();

    await settle(asking.page, `${desk().origin}/approvals`);
    await asking.page.getByRole('link', { name: 'See what hit the own organisation' }).click();
    await asking.page.getByRole('button', { name: 'Do it now' }).click();
    await asking.page.getByText('This is what the approval was for.').waitFor();
    await asking.page.getByText('"con_minwaters"').waitFor();
    await asking.close();
    await deciding.close();
  });

  inFull('a token’s secret is shown once; the language is remembered', async () => {
    const { page, close } = await desk().visit('per_thao');
    await settle(page, `${desk().origin}/tokens`);
    await page.getByRole('textbox', { name: 'Name' }).fill('report script');
    await page.getByRole('checkbox', { name: 'person.list' }).check();
    await page.getByRole('button', { name: 'Make a token' }).click();
    await page.getByText('Copy the secret of “report script” now').waitFor();
    const secret = await page.getByLabel('Secret', { exact: true }).innerText();
    await page.reload();
    await page.getByText('report script').waitFor();
    expect(await page.locator('body').innerText()).not.toContain(secret);
    await page.getByRole('button', { name: 'Language' }).click();
    await page.getByRole('menuitem', { name: 'Tiếng Việt' }).click();
    await page.getByRole('heading', { level: 1, name: 'Mã truy cập API' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Mã truy cập API' }).waitFor();
    await close();
  });

  inFull('a review: open the product, find a symbol, read, annotate, file a finding, end the sitting, close the finding', async () => {
    await round(desk().hub.world, desk().hub.composition);
    const { page, complaints, close } = await desk().visit('per_son');
    await settle(page, `${desk().origin}/visits`);
    await page.getByRole('link', { name: /^Kestrel Gateway/ }).click();
    await page.getByRole('button', { name: 'Begin reading' }).click();
    await page.getByRole('heading', { level: 1, name: 'Reading room' }).waitFor();
    // A symbol, by keys alone.
    await page.keyboard.press('t');
    await page.locator('[role="combobox"]:focus').waitFor();
    await page.keyboard.type('@parseCheckpoint');
    await page.keyboard.press('Enter');
    const file = page.getByRole('region', { name: 'kit/note/checkpoint.ts' });
    await file.getByText('export function parseCheckpoint').waitFor();
    await page.waitForURL(/line=\d+/);
    // What is new in the file since the release before, and the next place of it.
    await file.getByText(/^Changed places since 1\.9/).waitFor();
    const before = page.url();
    await page.keyboard.press('c');
    await page.waitForURL((url) => url.href !== before);
    // A note on the line where one stands, then a finding.
    await page.keyboard.press('m');
    await page.getByRole('textbox', { name: /^Note on line/ }).fill('Is a size of zero allowed here?');
    await page.getByRole('button', { name: 'Add note' }).click();
    await file.getByText('Is a size of zero allowed here?').waitFor();
    await page.locator('body').click({ position: { x: 5, y: 5 } });
    await page.keyboard.press('m');
    await page.getByText('File a finding', { exact: true }).click();
    await page.getByRole('textbox', { name: 'Finding', exact: true }).fill('An origin of 255 bytes is cut');
    await page.getByRole('textbox', { name: 'What is wrong, and how it shows' }).fill('A longer one is taken and cannot be cosigned.');
    await page.getByRole('button', { name: 'Commit to the finding' }).click();
    await page.getByRole('button', { name: 'Commit to the finding' }).waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'End this sitting' }).click();
    await page.getByRole('button', { name: 'Begin reading' }).waitFor();

    await settle(page, `${desk().origin}/flaws`);
    await page.getByRole('link', { name: 'An origin of 255 bytes is cut' }).click();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByRole('row', { name: /An origin of 255 bytes is cut/ }).getByText('closed').waitFor();
    // As the sitting ends, what its page still asks for is answered with that.
    expect(complaints.filter((said) => !said.includes('status of 409'))).toEqual([]);
    await close();
  });
});
