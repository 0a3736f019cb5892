/**
 * Asks a hub for values over HTTP from a process of its own, as a client does: batches one after another, or single values by several clients at
 * once. Reads one line of JSON `{port, cookie, known, kind, share, rounds, clients, each}` and answers one `{rates, found, least, most}`.
 */
import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';

const { port, cookie, known, kind, share = 1, rounds = 7, clients = 8, each = 400 } = JSON.parse(process.argv[2] ?? '{}');
const agent = new Agent({ keepAlive: true, maxSockets: clients });
const md5 = (text) => createHash('md5').update(text).digest('hex');
const hashOf = (n) => md5(`indicator--1${n.toString(16).padStart(7, '0')}-0000-4000-8000-000000000000`);

const ask = (values) => new Promise((resolve, reject) => {
  const body = JSON.stringify({ values, all: false });
  const sent = request({
    host: 'localhost', port, path: '/api/lookup', method: 'POST', agent,
    headers: { cookie, origin: 'http://localhost:8080', 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  }, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part));
    answer.on('end', () => {
      const text = Buffer.concat(parts).toString();
      if (answer.statusCode !== 200) reject(new Error(`answered ${answer.statusCode}: ${text.slice(0, 200)}`));
      else resolve(JSON.parse(text).found);
    });
    answer.on('error', reject);
  });
  sent.on('error', reject);
  sent.end(body);
});

const batch = 10_000;
const told = { rates: [], found: 0, least: 0, most: 0 };
if (kind === 'batches') {
  for (let i = 0; i < rounds; i++) {
    const values = Array.from({ length: batch }, (_, n) => (n < batch * share ? hashOf((i * batch * 31 + n * 97) % known) : md5(`nobody ${i} ${n}`)));
    told.least += new Set(values.slice(0, batch * share)).size;
    told.most += batch * share;
    const began = performance.now();
    told.found += await ask(values);
    if (i > 0) told.rates.push(batch / ((performance.now() - began) / 1000));
  }
} else {
  const began = performance.now();
  await Promise.all(Array.from({ length: clients }, async (_, client) => {
    for (let i = 0; i < each; i++) {
      // Not `+= await`: that reads the sum before the others have added to it.
      const found = await ask([hashOf((client * 7_919 + i * 104_729) % known)]);
      told.found += found;
    }
  }));
  told.rates.push((clients * each) / ((performance.now() - began) / 1000));
  told.least = clients * each;
  told.most = clients * each;
}
process.stdout.write(`${JSON.stringify(told)}\n`);
agent.destroy();
