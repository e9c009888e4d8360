import { verify, X509Certificate, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { textAt, type Json } from './fields.js';
import { Unchecked, Unproven } from './mail-provider.js';
import { NoAnswer, SnsPages, snsUrl } from './sns-pages.js';

/** https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html: these fields, in this order. */
const signedFields: Readonly<Record<string, readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    'Message',
    'MessageId',
    'SubscribeURL',
    'Timestamp',
    'Token',
    'TopicArn',
    'Type',
  ],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
};
const hashes: Readonly<Record<string, string>> = { '1': 'sha1', '2': 'sha256' };

const CERTIFICATE_PATH = /^\/[\w-]{1,128}\.pem$/;
const DAY_MS = 86_400_000;
/** A certificate that is not there is not asked for again at once. */
const FAILURE_MS = 30_000;
/** Amazon tries three times more, every 20 s. */
const NO_ANSWER_MS = 5_000;

/** What became of asking for a certificate. */
type Found = { readonly key: KeyObject } | { readonly problem: Error };

/** Signatures of Amazon SNS, version 1 and 2. */
@Injectable()
export class SnsSignatures {
  private readonly keys = new LRUCache<string, Found>({
    max: 20,
    fetchMethod: async (url, _stale, { options }) => {
      try {
        return { key: await this.keyAt(new URL(url)) };
      } catch (error) {
        options.ttl = error instanceof NoAnswer ? NO_ANSWER_MS : FAILURE_MS;
        return { problem: error as Error };
      }
    },
    ttl: DAY_MS,
  });

  constructor(private readonly pages: SnsPages) {}

  /** @throws {Unproven, Unchecked} */
  async check(message: Json): Promise<void> {
    const fields = signedFields[textAt(message, 'Type') ?? ''];
    const hash = hashes[textAt(message, 'SignatureVersion') ?? ''];
    const signature = textAt(message, 'Signature');
    if (!fields || hash === undefined || signature === undefined) throw new Unproven('it is not signed');
    const url = snsUrl(textAt(message, 'SigningCertURL'));
    if (!url || url.search !== '' || !CERTIFICATE_PATH.test(url.pathname)) {
      throw new Unproven('SigningCertURL is no certificate of Amazon SNS');
    }
    const found = await this.keys.fetch(url.href);
    if (!found || 'problem' in found) {
      const problem = `its certificate cannot be used: ${found?.problem.message ?? 'there is none'}`;
      throw found?.problem instanceof NoAnswer ? new Unchecked(problem) : new Unproven(problem);
    }
    if (!verify(hash, canonical(message, fields), found.key, Buffer.from(signature, 'base64'))) {
      throw new Unproven('the signature does not match');
    }
  }

  private async keyAt(url: URL): Promise<KeyObject> {
    const certificate = new X509Certificate(await this.pages.get(url));
    const { validFromDate, validToDate, publicKey } = certificate;
    const now = new Date();
    if (now < validFromDate || now > validToDate) throw new Error('it is not valid now');
    if (publicKey.asymmetricKeyType !== 'rsa') throw new Error('it has no RSA key');
    return publicKey;
  }
}

/** Each field that is there: its name, a line feed, its value as it came, a line feed. */
function canonical(message: Json, fields: readonly string[]): Buffer {
  const lines = fields
    .filter((name) => typeof message[name] === 'string')
    .map((name) => `${name}\n${message[name] as string}\n`);
  return Buffer.from(lines.join(''));
}
