/**
 * Photographs the pages of a running demonstration, each in both languages, both themes, wide and narrow.
 *
 *   node scripts/screenshots.mjs [--base http://127.0.0.1:8080] [--out tmp/screenshots] [--only overview,batch]
 *                                [--tongues en,vi] [--themes light,dark] [--widths 1440,390]
 *   node scripts/screenshots.mjs --readme        the six pictures of docs/screenshots, a screen each
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values: asked } = parseArgs({
  options: {
    base: { type: 'string', default: 'http://127.0.0.1:8080' },
    out: { type: 'string', default: join('tmp', 'screenshots') },
    only: { type: 'string', default: '' },
    tongues: { type: 'string', default: 'en,vi' },
    themes: { type: 'string', default: 'light,dark' },
    widths: { type: 'string', default: '1440,390' },
    browser: { type: 'string', default: '/usr/bin/chromium' },
    readme: { type: 'boolean', default: false },
  },
});
const list = (text) => text.split(',').filter(Boolean);
const api = (page, url) => page.evaluate(async (u) => (await fetch(u)).json(), url);

/** Name, person of the story (null: nobody), address or how to find it. */
const shots = [
  ['public', null, '/'],
  ['continue', null, '/continue'],
  ['sign-in', null, '/sign-in'],
  ['about', null, '/about-the-data'],
  ['home', 'per_lan', '/'],
  ['overview', 'per_lan', '/overview'],
  ['statistic', 'per_lan', '/statistics/users-at-risk?area=VN&period=2018-Q4'],
  ['events', 'per_lan', '/events'],
  ['feeds', 'per_lan', '/feeds'],
  ['feed', 'per_lan', async (page) => `/feeds/${(await api(page, '/api/feeds')).items[0]?.id}`],
  ['feed-create', 'per_lan', '/feeds/create'],
  ['batches', 'per_lan', '/batches'],
  ['upload', 'per_lan', '/batches/upload'],
  ['batch', 'per_lan', async (page) => {
    const { items } = await api(page, '/api/batches?limit=100');
    return `/batches/${(items.find((b) => b.counts.quarantined > 0) ?? items[0])?.id}`;
  }],
  ['constituents', 'per_lan', '/constituents'],
  ['constituent', 'per_lan', async (page) => `/constituents/${(await api(page, '/api/constituents')).items[0]?.id}`],
  ['constituent-exposure', 'per_lan', async (page) => `/constituents/${(await api(page, '/api/constituents')).items[0]?.id}/exposure`],
  ['import', 'per_lan', '/constituents/import'],
  ['notices', 'per_lan', '/notices'],
  ['notice', 'per_lan', async (page) => `/notices/${(await api(page, '/api/notices')).notices[0]?.id}`],
  ['my-notices', 'per_hung', '/my-notices'],
  ['exposure', 'per_hung', '/exposure'],
  ['exposure-refused', 'per_khoa', '/exposure'],
  ['home-ministry', 'per_hung', '/'],
  ['agreements', 'per_minh', '/agreements'],
  ['agreement', 'per_minh', '/agreements/agr_kestrel'],
  ['agreement-programme', 'per_minh', '/agreements/agr_meridian'],
  ['agreement-sign', 'per_khoa', '/agreements/agr_warnminwaters'],
  ['rights', 'per_minh', '/agreements/agr_meridian/rights'],
  ['draft', 'per_minh', '/agreements/draft'],
  ['ledger', 'per_minh', '/facts'],
  ['fact', 'per_minh', async (page) => `/facts/${(await api(page, '/api/facts?limit=1')).facts[0]?.index}`],
  ['witnesses', null, '/witnesses'],
  ['ledger-public', null, '/facts'],
  ['people', 'per_thao', '/people'],
  ['invite', 'per_thao', '/people/invite'],
  ['organisations', 'per_minh', '/organisations'],
  ['tokens', 'per_thao', '/tokens'],
  ['account', 'per_thao', '/account'],
  ['break-glass', 'per_thao', '/break-glass'],
  ['approvals', 'per_minh', '/approvals'],
  ['approval', 'per_minh', async (page) => `/approvals/${(await api(page, '/api/approvals')).approvals[0]?.id}`],
  ['not-found', 'per_thao', '/nowhere'],
];

/** What README.md shows: file, person, address, language, theme. */
const readmeShots = [
  ['overview-en-light', 'per_lan', '/overview', 'en', 'light'],
  ['overview-vi-dark', 'per_lan', '/overview', 'vi', 'dark'],
  ['agreement-en-light', 'per_minh', '/agreements/agr_kestrel', 'en', 'light'],
  ['rights-en-light', 'per_minh', '/agreements/agr_meridian/rights?right=feed.pull&subject=org_hub&purpose=incident-response', 'en', 'light'],
  ['exposure-vi-light', 'per_hung', '/exposure', 'vi', 'light'],
  ['ledger-en-light', 'per_minh', '/facts', 'en', 'light'],
];

async function asPerson(page, person) {
  if (!person) return;
  const status = await page.evaluate(async (id) => (await fetch('/api/demo/continue', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ person: id }),
  })).status, person);
  if (status !== 200) throw new Error(`continuing as ${person} was answered ${status}`);
}

const browser = await chromium.launch({
  executablePath: asked.browser, headless: true, args: ['--no-sandbox', '--disable-gpu'],
});
const faults = [];

/** A page signed in as that person, in that look; its errors are gathered in `faults`. */
async function pageAs(person, { tongue, theme, width }) {
  const context = await browser.newContext({
    viewport: { width, height: 900 }, deviceScaleFactor: 1, colorScheme: theme, reducedMotion: 'reduce',
    timezoneId: 'Asia/Ho_Chi_Minh',
  });
  await context.addInitScript((t) => localStorage.setItem('entente.language', t), tongue);
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`));
  page.on('console', (m) => (m.type() === 'error' ? faults.push(`${page.url()}: ${m.text()}`) : undefined));
  await page.goto(`${asked.base}/about-the-data`);
  await asPerson(page, person);
  return page;
}

async function photograph(page, { name, path, file, fullPage }) {
  await page.goto(`${asked.base}${path}`);
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'), undefined, { timeout: 15_000 })
    .catch(() => faults.push(`${name}: still loading after 15 s`));
  await page.waitForTimeout(250);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) faults.push(`${name}: ${wide} pixels wider than the screen`);
  await page.screenshot({ path: file, fullPage });
}

async function everyPage() {
  const only = list(asked.only);
  const wanted = shots.filter(([name]) => only.length === 0 || only.includes(name));
  const people = [...new Set(wanted.map(([, person]) => person))];
  mkdirSync(asked.out, { recursive: true });
  for (const tongue of list(asked.tongues)) {
    for (const theme of list(asked.themes)) {
      for (const width of list(asked.widths).map(Number)) {
        for (const person of people) {
          const page = await pageAs(person, { tongue, theme, width });
          for (const [name, , address] of wanted.filter(([, p]) => p === person)) {
            const path = typeof address === 'string' ? address : await address(page);
            const look = `${name}.${tongue}.${theme}.${width}`;
            await photograph(page, { name: look, path, file: join(asked.out, `${look}.png`), fullPage: true });
          }
          await page.context().close();
        }
      }
    }
  }
  return `${wanted.length} pages photographed to ${asked.out}`;
}

async function readmePictures() {
  const folder = join('docs', 'screenshots');
  mkdirSync(folder, { recursive: true });
  for (const [name, person, path, tongue, theme] of readmeShots) {
    const page = await pageAs(person, { tongue, theme, width: 1440 });
    await photograph(page, { name, path, file: join(folder, `${name}.png`), fullPage: false });
    await page.context().close();
  }
  return `${readmeShots.length} pictures for README.md in ${folder}`;
}

const said = asked.readme ? await readmePictures() : await everyPage();
await browser.close();
process.stdout.write(`${said}\n`);
for (const fault of new Set(faults)) process.stdout.write(`  ${fault}\n`);
