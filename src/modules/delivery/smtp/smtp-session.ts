import type { SmtpStage } from '../../../domain/index.js';
import type { HandOver, OutgoingMail } from '../courier.js';
import { ConnectionLost, type Dialogue } from './dialogue.js';
import { envelopeOf, type Envelope, type Refusal } from './envelope.js';
import type { Extensions } from './extensions.js';
import type { RawReply } from './reply-reader.js';
import type { SmtpTimeouts } from './timeouts.js';
import { wireBody } from './wire-body.js';

/** A longer body leaves in blocks of this many octets, each when the network has taken the one before. */
const BLOCK_OCTETS = 64 * 1024;

const FINAL_DOT = Buffer.from('.\r\n');

interface Step {
  /** What is answered, in the words of an error: no address, because errors are logged. */
  readonly name: string;
  /** Undefined for RSET, whose refusal speaks of the connection only. */
  readonly stage: SmtpStage | undefined;
  readonly command: string;
  /** The first digit of the answer that lets us go on (RFC 5321 §4.2.1). */
  readonly wanted: 2 | 3;
  readonly timeout: number;
}

/**
 * Mail transactions (RFC 5321 §3.3) on a connection that is signed in, one after the other. With PIPELINING (RFC 2920) a mail
 * costs two round trips: MAIL, RCPT and DATA; body and final dot. The next mail's commands do not ride behind the final dot:
 * that would spare 0.01 ms of CPU, but consent would be looked at before the answer to the mail before, which may take ten
 * minutes, and after a 354 there is no way back but to cut the connection.
 */
export class SmtpSession {
  private resetFirst = false;

  constructor(
    private readonly dialogue: Dialogue,
    private readonly relay: Extensions,
    private readonly timeouts: SmtpTimeouts,
  ) {}

  /** Whether another mail may follow. */
  get usable(): boolean {
    return this.dialogue.usable && this.dialogue.quiet;
  }

  /** @throws what `mail.onHandOver` throws; then nothing was handed over */
  async send(mail: OutgoingMail): Promise<HandOver> {
    const envelope = envelopeOf(mail, this.relay);
    if (envelope.kind === 'refused') return envelope;
    let handedOver = false;
    const handOver = () => {
      mail.onHandOver();
      handedOver = true;
    };
    try {
      return (await this.announce(envelope)) ?? (await this.deliver(wireBody(mail.raw), handOver));
    } catch (error) {
      this.dialogue.abandon();
      if (!(error instanceof ConnectionLost)) throw error;
      return { kind: handedOver ? 'unknown' : 'unreached', problem: error.message };
    }
  }

  async quit(): Promise<void> {
    await this.dialogue.quit(this.timeouts.quit);
  }

  /** MAIL, RCPT and DATA. The answer is the relay's refusal; without one it waits for the body. */
  private async announce(envelope: Envelope): Promise<Refusal | undefined> {
    const { dialogue, relay } = this;
    const steps = this.steps(envelope);
    let refusal: Refusal | undefined;
    try {
      if (relay.pipelining) this.ask(steps.map(({ command }) => command).join(''));
      for (const step of steps) {
        if (!relay.pipelining) this.ask(step.command);
        const reply = await dialogue.reply(step.name, step.timeout);
        if (!refusal && !isClass(reply, step.wanted)) refusal = refusalOf(reply, step);
        if (!refusal) continue;
        if (reply.code === 421) dialogue.abandon();
        if (step.wanted === 3 && reply.code < 400) await this.withdraw(refusal, reply);
        if (!relay.pipelining) break;
      }
    } catch (error) {
      // A relay that says no and then hangs up has said no.
      if (!refusal || !(error instanceof ConnectionLost)) throw error;
    }
    this.resetFirst = refusal !== undefined;
    return refusal;
  }

  /** What is there already would be taken for the answer. */
  private ask(command: string | Buffer): void {
    if (!this.dialogue.quiet) throw new ConnectionLost('The relay spoke before it was asked');
    this.dialogue.write(command);
  }

  private steps({ mail, rcpt }: Envelope): Step[] {
    const { timeouts } = this;
    const steps: Step[] = [
      { name: 'MAIL', stage: 'mail', command: `${mail}\r\n`, wanted: 2, timeout: timeouts.mail },
      { name: 'RCPT', stage: 'rcpt', command: `${rcpt}\r\n`, wanted: 2, timeout: timeouts.rcpt },
      { name: 'DATA', stage: 'data', command: 'DATA\r\n', wanted: 3, timeout: timeouts.data },
    ];
    if (this.resetFirst) {
      // So that nothing of a refused envelope is left in the next one.
      steps.unshift({
        name: 'RSET',
        stage: undefined,
        command: 'RSET\r\n',
        wanted: 2,
        timeout: timeouts.mail,
      });
    }
    return steps;
  }

  /**
   * RFC 2920 §3.1: the relay has refused the only recipient and waits for a body all the same. A lone dot ends it, to nobody.
   * Where it refused the sender it may have taken the recipient, and only hanging up is safe.
   */
  private async withdraw(refusal: Refusal, toData: RawReply): Promise<void> {
    if (refusal.stage !== 'rcpt' || !isClass(toData, 3)) return this.dialogue.abandon();
    this.ask(FINAL_DOT);
    const reply = await this.dialogue.reply('a lone dot', this.timeouts.finalDot);
    if (reply.code === 421) this.dialogue.abandon();
  }

  /** The body and the final dot. `handOver` is called when only the last block, which holds the dot, is left to write. */
  private async deliver(body: Buffer, handOver: () => void): Promise<HandOver> {
    const { dialogue, timeouts } = this;
    let start = 0;
    while (dialogue.quiet && body.length - start > BLOCK_OCTETS) {
      dialogue.write(body.subarray(start, start + BLOCK_OCTETS));
      start += BLOCK_OCTETS;
      await dialogue.flushed(timeouts.block);
    }
    if (!dialogue.quiet) return this.cutOff();
    dialogue.write(Buffer.concat([body.subarray(start), FINAL_DOT]), handOver);
    const reply = await dialogue.reply('the final dot', timeouts.finalDot);
    if (reply.code === 421) dialogue.abandon();
    if (!isClass(reply, 2)) return refusalOf(reply, { name: 'the final dot', stage: 'data' });
    const said = reply.parse();
    return { kind: 'accepted', reply: said, relayId: queueId(said.text) };
  }

  /** The relay speaks before the dot. A refusal is one; anything else says that replies and commands are out of step. */
  private async cutOff(): Promise<Refusal> {
    const reply = await this.dialogue.reply('a part of the mail', this.timeouts.block);
    this.dialogue.abandon();
    return refusalOf(reply, { name: 'a part of the mail', stage: 'data' });
  }
}

function isClass(reply: RawReply, firstDigit: 2 | 3): boolean {
  return Math.floor(reply.code / 100) === firstDigit;
}

/** @throws ConnectionLost where the reply is neither what was wanted nor a refusal: it does not belong to what was said */
function refusalOf(reply: RawReply, { name, stage }: Pick<Step, 'name' | 'stage'>): Refusal {
  if (reply.code < 400 || stage === undefined) {
    throw new ConnectionLost(`The relay answered ${name} with ${reply.code}`);
  }
  return { kind: 'refused', stage, reply: reply.parse() };
}

/** `250 2.0.0 Ok: queued as 4Xy…` and the forms of other servers: the relay's own name for the mail. */
function queueId(text: string): string | null {
  return (
    /(?:queued(?: mail for delivery)?(?: as)?|\bid=|OK\s+id=)[\s:]*<?([\w.@+/=-]{4,200})>?/i.exec(
      text,
    )?.[1] ?? null
  );
}
