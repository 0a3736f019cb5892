/** The stand-alone verifier: what dist/entente-verify.mjs runs. */
import { verify, verifyRequest, verifyUsage } from './verify.ts';

const request = verifyRequest(process.argv.slice(2));
if (request) {
  process.exitCode = await verify(request, {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
  });
} else {
  process.stderr.write(`${verifyUsage}\n`);
  process.exitCode = 64;
}
