/** F24 as people do it: a reviewer hands a capture in on the page of a visit, reads what no declaration names, and commits to a finding on it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleCapture } from '../../src/kit/flows/testing.ts';
import { chromiumPath } from './chromium.ts';
import { faultsOf, openDesk, settle, type Desk } from './desk.ts';

const place: { desk?: Desk; visit?: string; comparison?: string; declaration?: string } = {};
const desk = (): Desk => place.desk as Desk;
const at = (path: string): string => `${desk().origin}${path}`;
const looks = [{ tongue: 'en', theme: 'light', width: 1440 }, { tongue: 'vi', theme: 'dark', width: 390 }] as const;

describe.skipIf(chromiumPath === null)('where a product sends, in a real browser (no Chromium found: skipped)', () => {
  beforeAll(async () => {
    place.desk = await openDesk(0.02);
    const cookie = await desk().hub.as('per_son');
    const { items } = (await desk().hub.ask('GET', '/api/visits', undefined, { cookie })).json<{ items: { id: string }[] }>();
    place.visit = items[0]?.id ?? '';
    const listed = (await desk().hub.ask('GET', `/api/visits/${place.visit}/flow-comparisons`, undefined, { cookie }))
      .json<{ declarations: { artefact: string }[] }>();
    place.declaration = listed.declarations[0]?.artefact ?? '';
  });
  afterAll(() => place.desk?.close());

  test('the capture is handed in, four ways are told as not declared, and one click makes a finding of them', async () => {
    const { page, complaints, close } = await desk().visit('per_son');
    await settle(page, at(`/visits/${place.visit}`));
    await page.getByText('Nothing has been compared yet').waitFor();
    await page.locator('input[type=file]').setInputFiles({ name: 'hour.pcap', mimeType: 'application/octet-stream', buffer: sampleCapture('10.0.0.5') });
    await page.getByLabel('Test machine').fill('10.0.0.5');
    await page.getByLabel('Laboratory networks').fill('10.0.0.0/24');
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.getByRole('button', { name: 'See what was found' }).click();
    await page.getByRole('heading', { name: 'Not declared', exact: true }).waitFor();
    place.comparison = new URL(page.url()).pathname;
    for (const told of ['metrics.other.example', 'hidden.example', '192.0.2.77', '8443']) expect(await page.getByText(told).count()).toBeGreaterThan(0);
    // One of them is the laboratory's own clock, say: it is taken out, and stays open.
    await page.getByLabel('Into the finding: 192.0.2.77').uncheck();
    await page.getByRole('button', { name: 'Commit to a finding on 3' }).click();
    await page.getByText('Choose at least one way.').waitFor();
    expect(await page.getByRole('link', { name: 'Finding: Committed' }).count()).toBe(3);
    await page.getByRole('link', { name: 'Finding: Committed' }).first().click();
    await page.getByText('no declared flow goes there').waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  test.each(looks)('each page of it is whole: $tongue, $theme, $width pixels', async (look) => {
    const pages = [`/visits/${place.visit}`, place.comparison ?? '', `/artefacts/${place.declaration}`];
    for (const [person, path] of [...pages.map((path) => ['per_son', path] as const), ['per_moser', pages[2] ?? ''] as const]) {
      const { page, complaints, close } = await desk().visit(person, look);
      await settle(page, at(path));
      expect([path, ...await faultsOf(page), ...complaints]).toEqual([path]);
      await close();
    }
  });

  test('the provider reads its declaration, and on the page of the visit nothing of what was seen', async () => {
    const { page, complaints, close } = await desk().visit('per_moser');
    await settle(page, at(`/visits/${place.visit}`));
    expect(await page.getByText('Where the product sends').count()).toBe(0);
    await settle(page, at(`/artefacts/${place.declaration}`));
    await page.getByText('telemetry.kestrel.example').waitFor();
    expect(complaints).toEqual([]);
    await close();
  });
});
