import { sign } from 'node:crypto';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { makeDkimKey, readDkimKey, type DkimAlgorithm } from '../src/modules/delivery/dkim/dkim-key.js';
import { signDkim, type DkimSigner } from '../src/modules/delivery/dkim/sign-dkim.js';
import { composeMime } from '../src/modules/delivery/mime/compose-mime.js';
import { cpuPerMail } from './support/cpu.js';
import { letterTo } from './support/letter.js';

/** As many mails under way as a worker has connections. */
const LANES = 5;

/** DKIM of a news mail, beside the bare RSA signature that Node makes of its header. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { mails: { type: 'string', default: '1000' } } });
  const mails = Number(values.mails);
  const raw = composeMime(letterTo('Person')(1));
  const [rsa, ed25519] = [await signer('rsa-sha256'), await signer('ed25519-sha256')];
  const header = raw.subarray(0, raw.indexOf('\r\n\r\n'));
  print(
    `${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}, ${mails} mails of ${Math.round(raw.length / 1024)} KB\n`,
  );
  const bare = await cpuPerMail(mails, () => sign('sha256', header, rsa.privateKey));
  print(`RSA-2048 signature of Node alone  ${bare.toFixed(3)} CPU-ms`);
  for (const [name, signers] of [
    ['signDkim, RSA-2048', [rsa]],
    ['signDkim, Ed25519', [ed25519]],
    ['signDkim, both', [rsa, ed25519]],
  ] as const) {
    const cpu = await cpuPerMail(mails, () => signDkim(raw, signers), LANES);
    print(`${name.padEnd(33)} ${cpu.toFixed(3)} CPU-ms   ${(cpu / bare).toFixed(2)} ×`);
  }
}

async function signer(algorithm: DkimAlgorithm): Promise<DkimSigner> {
  const privateKey = readDkimKey(algorithm, await makeDkimKey(algorithm));
  return { domain: 'bench.example', selector: algorithm, algorithm, privateKey };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
