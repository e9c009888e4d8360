import { Injectable } from '@nestjs/common';

const LONGEST_PAGE = 64 * 1024;
const PATIENCE_MS = 5_000;
/** At a time: whoever posts names the page, so the number is bounded, whatever they name. */
const MOST_REQUESTS = 4;

/** Hosts of Amazon SNS. Whoever owns another name can put a certificate of their own there. */
const SNS_HOST = /^sns\.[a-z]{2}(?:-[a-z]+)+-\d{1,2}\.amazonaws\.com(?:\.cn)?$/;

/** @returns the URL, where it is one of Amazon SNS over https; undefined for every other */
export function snsUrl(text: string | undefined): URL | undefined {
  const url = URL.parse(text ?? '');
  const isPlain = url?.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';
  return url && isPlain && SNS_HOST.test(url.hostname) ? url : undefined;
}

/** Amazon SNS did not answer, or could not be asked: that says nothing about the page. */
export class NoAnswer extends Error {}

/** Asks Amazon SNS for its certificates and confirms subscriptions; it goes to no other host. */
@Injectable()
export class SnsPages {
  private inHand = 0;

  /** What goes out; a test that has no Amazon puts its own here. Redirects are not followed. */
  request: (url: URL, options: RequestInit) => Promise<Response> = (url, options) => fetch(url, options);

  /** @throws where the host is another one, the page is long, or the answer is no 200; NoAnswer where it may be there a moment later */
  async get(url: URL): Promise<string> {
    if (!snsUrl(url.href)) throw new Error(`${url.hostname} is no host of Amazon SNS`);
    if (this.inHand >= MOST_REQUESTS) throw new NoAnswer('Too much is asked of Amazon SNS at once');
    this.inHand += 1;
    try {
      const answer = await this.ask(url);
      if (answer.status >= 500) throw new NoAnswer(`Amazon SNS answered ${answer.status}`);
      if (!answer.ok) throw new Error(`Amazon SNS answered ${answer.status}`);
      return await bounded(answer);
    } finally {
      this.inHand -= 1;
    }
  }

  private async ask(url: URL): Promise<Response> {
    try {
      return await this.request(url, { redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) });
    } catch (error) {
      throw new NoAnswer(`Amazon SNS does not answer: ${(error as Error).message}`);
    }
  }
}

async function bounded(answer: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    size += (part as Uint8Array).length;
    if (size > LONGEST_PAGE) throw new Error('Amazon SNS answered with too much');
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts).toString();
}
