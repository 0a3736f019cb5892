/** A demonstration hub with a little telemetry behind a real door, and browsers that visit it as people of the story. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { systemDisassembler } from '#world/disassembler/objdump';
import { writeAdvisory } from '../../src/app/demo/advisory.ts';
import { writeBuilds } from '../../src/app/demo/builds.ts';
import { writeCatalogue } from '../../src/app/demo/catalogue.ts';
import { writeHeartbeats } from '../../src/app/demo/constituents.ts';
import { writePlaces } from '../../src/app/demo/load.ts';
import { writeChannels } from '../../src/app/demo/watch.ts';
import { writeReview } from '../../src/app/demo/review.ts';
import { writeSharing } from '../../src/app/demo/sharing.ts';
import { writeThreats } from '../../src/app/demo/threats.ts';
import { writeVulnerabilities } from '../../src/app/demo/vulnerabilities.ts';
import { loadTelemetry } from '../../src/app/demo/telemetry/load.ts';
import { centre } from '../../src/app/demo/story.ts';
import { filesFrom } from '../../src/app/http/files.ts';
import type { Posture } from '../../src/app/http/guard.ts';
import { noLimits } from '../../src/app/http/limits.ts';
import { openDoor, type HubDoor } from '../../src/app/hub.ts';
import { testHub, type TestHub } from '../hub.ts';
import { launch } from './chromium.ts';

const web = join(import.meta.dirname, '..', '..', 'dist', 'web');

export interface Look {
  readonly tongue?: 'en' | 'vi';
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
}

export interface Visit {
  readonly page: Page;
  /** What the browser complained about: uncaught errors and refused loads, but for answers the hub meant. */
  readonly complaints: string[];
  close(): Promise<void>;
}

export interface Desk {
  readonly hub: TestHub;
  readonly origin: string;
  /** Opens a browser window as a person of the story, or as nobody. */
  visit(person: string | null, look?: Look): Promise<Visit>;
  close(): Promise<void>;
}

const postureAt = (port: number): Posture => ({
  hosts: [`localhost:${port}`], origins: [`http://localhost:${port}`], trustedProxies: [],
  cookie: { name: 'entente-demo', secure: false }, limits: noLimits, uploadMax: 0,
});

/** What any clone's pages are looked at with: a few periods of the story, not its years. */
const few = /^(users|attacks)-2018-Q4|^websites-2019|^botnets-2023-0[567]|^\d{4}-\d{2}-\d{2}-|^infected-\d{4}-\d{2}-\d{2}|^report|^defaced-|^bang-su-co/;

/** `scale` is the share of the demonstration's telemetry that is taken in. */
export async function openDesk(scale: number): Promise<Desk> {
  const hub = await testHub({ disassembler: systemDisassembler() });
  await writePlaces(hub.world.db);
  await writeHeartbeats(hub.world.db, hub.world.clock);
  await writeCatalogue(hub.world);
  await writeBuilds(hub.world);
  await writeChannels(hub.world);
  await writeReview(hub.world);
  await writeThreats(hub.world);
  await writeSharing(hub.world);
  await writeVulnerabilities(hub.world);
  await loadTelemetry({ ...hub.world, pipeline: hub.composition.pipeline }, centre, scale, undefined,
    (fileName) => process.env['TIER'] === 'ci' || few.test(fileName));
  await writeAdvisory(hub.world.db, hub.world.clock);
  await hub.composition.sequencer.idle();
  const at: { port: number } = { port: 0 };
  const door: HubDoor = await openDoor({
    address: '127.0.0.1', port: 0, files: await filesFrom(web), map: new Uint8Array(await readFile(join(web, '..', 'map.json'))),
    postureAt: (port) => {
      at.port = port;
      return postureAt(port);
    },
  });
  door.open(hub.composition.app(postureAt(at.port)));
  const browser = await launch();
  const origin = `http://localhost:${at.port}`;
  return {
    hub, origin,
    visit: (person, look) => visit(browser, origin, person, look),
    async close() {
      await browser.close();
      await door.close();
      await hub.close();
    },
  };
}

async function visit(browser: Browser, origin: string, person: string | null, look: Look = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1280, height: 900 }, colorScheme: look.theme ?? 'light', reducedMotion: 'reduce',
    timezoneId: 'Asia/Ho_Chi_Minh', locale: 'en-GB',
  });
  // Scripts for the browser are text here: this side of the test has no DOM to check them against.
  await context.addInitScript({
    content: `if (!localStorage.getItem('entente.language')) localStorage.setItem('entente.language', '${look.tongue ?? 'en'}')`,
  });
  // Nothing here asserts how quick a page is: a busy machine takes its time.
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (m) => {
    if (m.type() === 'error' && !/status of 40[134]/.test(m.text())) complaints.push(`${m.text()} ${m.location().url}`);
  });
  if (person) {
    // The context's own cookies, without a page that would have to be loaded first.
    const entered = await context.request.post(`${origin}/api/demo/continue`, { data: { person }, headers: { origin } });
    if (!entered.ok()) throw new Error(`continuing as ${person} was answered ${entered.status()}`);
  }
  return { page, complaints, close: () => context.close() };
}

/** Opens an address and waits until nothing on it is still coming. */
export async function settle(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.locator('h1').first().waitFor();
  await page.waitForLoadState('networkidle');
  // No script given as text: what the first look does not settle would be asked again under the page's own policy, which has no eval.
  await page.locator('body:not(:has([aria-busy="true"]))').waitFor();
}

/** What is wrong with the page as it stands: axe's findings, a heading too few or many, a sideways scroll, a bare key. */
export async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const seen: { headings: number; over: number; text: string } = await page.evaluate(`({
    headings: document.querySelectorAll('h1').length,
    over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    text: document.body.innerText,
  })`);
  const bare = seen.text.match(/\b(?:ui|nav|shell|home|series|role|kind|right|unit|refusal)\.[a-z][a-z.-]+\b/g) ?? [];
  return [
    ...violations.map((v) => `${v.id} (${v.impact}) ${v.nodes[0]?.html.slice(0, 120)}`),
    ...(seen.headings === 1 ? [] : [`${seen.headings} level-one headings`]),
    ...(seen.over > 0 ? [`${seen.over} pixels wider than the screen`] : []),
    ...bare.map((key) => `the bare key ${key}`),
  ];
}
