import { callbackify } from 'node:util';
import type { SentMessageInfo, Transport } from 'nodemailer';
import type { Courier, HandOver } from '../courier.js';

type Send = Transport['send'];

/** What nodemailer's own SMTP transport calls a failure, so that code written for it understands this one. */
class TransportError extends Error {
  constructor(
    message: string,
    readonly code: 'EENVELOPE' | 'ECONNECTION' | 'EMESSAGE',
    readonly responseCode?: number,
    readonly response?: string,
  ) {
    super(message);
  }
}

/**
 * A courier behind nodemailer's Transport interface: `createTransport(new CourierTransport(courier)).sendMail(…)`. The engine
 * speaks to the courier itself, because `sendMail` hides what it must know: whether silence came before or after the final dot.
 */
export class CourierTransport implements Transport {
  readonly name = 'Postrider';
  readonly version = '1';

  constructor(private readonly courier: Courier) {}

  /** One transaction a recipient. @throws (to the callback) when nobody was accepted, with the last answer */
  readonly send: Send = callbackify(this.sendAll.bind(this));

  async close(): Promise<void> {
    await this.courier.close();
  }

  private async sendAll({ message }: Parameters<Send>[0]): Promise<SentMessageInfo> {
    const envelope = message.getEnvelope();
    const raw = await message.build();
    const accepted: string[] = [];
    const rejected: string[] = [];
    let last: HandOver | undefined;
    const slot = await this.courier.slot();
    try {
      for (const to of envelope.to) {
        last = await slot.send({ from: envelope.from || '', to, raw, onHandOver: () => undefined });
        (last.kind === 'accepted' ? accepted : rejected).push(to);
      }
    } finally {
      slot.release();
    }
    if (last?.kind !== 'accepted' && accepted.length === 0) throw errorOf(last);
    return { envelope, messageId: message.messageId(), accepted, rejected, response: responseOf(last) };
  }
}

function errorOf(result: HandOver | undefined): TransportError {
  switch (result?.kind) {
    case 'refused': {
      const response = responseOf(result);
      const code = result.stage === 'data' ? 'EMESSAGE' : 'EENVELOPE';
      return new TransportError(`The relay refused: ${response}`, code, result.reply.code, response);
    }
    case 'unreached':
    case 'unknown':
      return new TransportError(result.problem, 'ECONNECTION');
    default:
      return new TransportError('The mail has no recipients', 'EENVELOPE');
  }
}

function responseOf(result: HandOver | undefined): string {
  if (!result || !('reply' in result)) return '';
  const { code, enhanced, text } = result.reply;
  return [code, enhanced, text].filter((part) => part !== null).join(' ');
}
