import { hash, sign, type KeyObject } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { DkimAlgorithm } from './dkim-key.js';
import { headerFields, relaxedBody, relaxedField, type HeaderField } from './relaxed.js';
import { SigningLimit } from './signing-limit.js';

/** One signature on each mail of a domain. */
export interface DkimSigner {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: DkimAlgorithm;
  readonly privateKey: KeyObject;
}

export interface SigningOptions {
  /** For `t=`; now when left out. */
  readonly at?: Date;
  readonly limit?: SigningLimit;
}

/** Fields that are signed as often as they stand in the mail (RFC 6376 §5.4.1, RFC 8058 §4). */
const SIGNED = [
  'From To Cc Subject Date Message-ID Reply-To MIME-Version Content-Type Content-Transfer-Encoding',
  'List-Id List-Help List-Unsubscribe List-Unsubscribe-Post List-Subscribe List-Post List-Owner List-Archive',
  'Feedback-ID Auto-Submitted',
].flatMap((names) => names.split(' '));

/** Signed once more than they stand there, so that nobody can add another (RFC 6376 §8.15). */
const OVERSIGNED = new Set(['From', 'To', 'Subject', 'Date']);

const LINE_LENGTH = 76;

/** One of libuv's four threads stays free for files and look-ups; more threads than cores sign no faster. */
const sharedLimit = new SigningLimit(Math.min(3, availableParallelism()));

/**
 * Puts one DKIM-Signature for each signer before the mail (RFC 6376, 8301, 8463), relaxed/relaxed, without `l=`.
 * @param raw the mail with CRLF, as it goes over the wire
 */
export async function signDkim(
  raw: Buffer,
  signers: readonly DkimSigner[],
  { at = new Date(), limit = sharedLimit }: SigningOptions = {},
): Promise<Buffer> {
  if (signers.length === 0) return raw;
  const { head, body } = split(raw);
  const selection = select(headerFields(head));
  const bodyHash = hash('sha256', relaxedBody(body), 'base64');
  const fields = await Promise.all(
    signers.map(async (signer) => {
      const field = signatureField(signer, selection.names, bodyHash, at);
      const signed = Buffer.from(selection.signed + relaxedField(field).relaxed, 'latin1');
      const signature = await limit.run(() => signatureOf(signer, signed));
      return `${field}${inLines(signature.toString('base64'))}\r\n`;
    }),
  );
  return Buffer.concat([Buffer.from(fields.join('')), raw]);
}

function split(raw: Buffer): { head: string; body: Buffer } {
  const end = raw.indexOf('\r\n\r\n');
  return end === -1
    ? { head: raw.toString('latin1'), body: raw.subarray(raw.length) }
    : { head: raw.toString('latin1', 0, end), body: raw.subarray(end + 4) };
}

/** The names for `h=`, and the fields that they mean: of several with one name the last one first (RFC 6376 §5.4.2). */
function select(fields: readonly HeaderField[]): { names: string[]; signed: string } {
  const names: string[] = [];
  let signed = '';
  for (const name of SIGNED) {
    const lower = name.toLowerCase();
    for (const field of fields.filter((field) => field.name === lower).reverse()) {
      names.push(name);
      signed += `${field.relaxed}\r\n`;
    }
    if (OVERSIGNED.has(name)) names.push(name);
  }
  return { names, signed };
}

/** The field up to `b=`, which is the last tag: what is signed of it ends there. */
function signatureField(
  { algorithm, domain, selector }: DkimSigner,
  names: readonly string[],
  bodyHash: string,
  at: Date,
): string {
  return [
    `DKIM-Signature: v=1; a=${algorithm}; c=relaxed/relaxed; d=${domain};`,
    ` s=${selector}; t=${Math.floor(at.getTime() / 1000)};`,
    ...namesInLines(names),
    ` bh=${bodyHash};`,
    ' b=',
  ].join('\r\n');
}

function namesInLines(names: readonly string[]): string[] {
  const lines: string[] = [];
  let line = ' h=';
  for (const [index, name] of names.entries()) {
    const item = `${name}${index === names.length - 1 ? ';' : ':'}`;
    if (line.length + item.length > LINE_LENGTH) {
      lines.push(line);
      line = ' ';
    }
    line += item;
  }
  return [...lines, line];
}

function inLines(base64: string): string {
  let lines = '';
  for (let at = 0; at < base64.length; at += LINE_LENGTH - 4)
    lines += `${at === 0 ? '' : '\r\n '}${base64.slice(at, at + LINE_LENGTH - 4)}`;
  return lines;
}

/** Both sign the SHA-256 of the header; Ed25519 takes it as its message (RFC 8463 §3). */
function signatureOf({ algorithm, privateKey }: DkimSigner, signed: Buffer): Promise<Buffer> {
  return algorithm === 'rsa-sha256'
    ? signOnThreadPool('sha256', signed, privateKey)
    : signOnThreadPool(null, hash('sha256', signed, 'buffer'), privateKey);
}

function signOnThreadPool(digest: string | null, data: Buffer, key: KeyObject): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    sign(digest, data, key, (error, signature) => (error ? reject(error) : resolve(signature))),
  );
}
