import type { SmtpStage } from '../../../domain/index.js';
import type { HandOver, OutgoingMail } from '../courier.js';
import { joined } from '../slab.js';
import { ConnectionLost, type Dialogue } from './dialogue.js';
import { envelopeOf, type Envelope, type Refusal } from './envelope.js';
import type { Extensions } from './extensions.js';
import type { RawReply } from './reply-reader.js';
import type { SmtpTimeouts } from './timeouts.js';
import { wireBody } from './wire-body.js';

/** A longer body leaves in blocks of this many octets, each when the network has taken the one before. */
const BLOCK_OCTETS = 64 * 1024;

const FINAL_DOT = Buffer.from('.\r\n');
const NOTHING = Buffer.alloc(0);

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
 * costs one round trip and one write: the next mail's MAIL, RCPT and DATA ride behind the final dot of the one before. Its
 * answers are told apart by their order alone (RFC 2920 §3.2), and a 354 in its place proves it. They may be long in coming; that is why a mail is asked once more whether it is still wanted when only its body is left
 * to send. After a 354 there is no way back but to cut the connection, which is rare enough.
 */
export class SmtpSession {
  private resetFirst = false;
  /** Whose envelope rode ahead, its answers not yet read. */
  private ahead: { mail: OutgoingMail; steps: Step[] } | undefined;

  constructor(
    private readonly dialogue: Dialogue,
    private readonly relay: Extensions,
    private readonly timeouts: SmtpTimeouts,
  ) {}

  /** Whether the mail that was announced as the next one may follow, or any where none was. */
  get open(): boolean {
    return this.ahead ? this.dialogue.usable : this.usable;
  }

  /** Whether any mail may follow. */
  get usable(): boolean {
    return this.dialogue.usable && this.dialogue.quiet && !this.ahead;
  }

  /**
   * @param next the mail that this session is given next, whose envelope may ride ahead
   * @throws what `mail.onHandOver` or `mail.stillWanted` throws; then nothing was handed over
   */
  async send(mail: OutgoingMail, next?: OutgoingMail): Promise<HandOver> {
    let handedOver = false;
    const handOver = () => {
      mail.onHandOver();
      handedOver = true;
    };
    try {
      const refusal = await this.announce(mail);
      if (refusal) return refusal;
      // Not awaited where the answer is at hand: that is nearly always, and the body leaves a turn of the loop earlier.
      const wanted = mail.stillWanted?.() ?? true;
      if (wanted !== true && !(await wanted)) {
        this.dialogue.abandon();
        return { kind: 'withdrawn' };
      }
      return await this.deliver(wireBody(mail.raw, mail.crlf), handOver, next);
    } catch (error) {
      this.dialogue.abandon();
      if (!(error instanceof ConnectionLost)) throw error;
      return { kind: handedOver ? 'unknown' : 'unreached', problem: error.message };
    }
  }

  async quit(): Promise<void> {
    if (this.ahead) return this.dialogue.abandon();
    await this.dialogue.quit(this.timeouts.quit);
  }

  /** MAIL, RCPT and DATA. The answer is the relay's refusal; without one it waits for the body. */
  private async announce(mail: OutgoingMail): Promise<Refusal | undefined> {
    const { dialogue, relay, ahead } = this;
    this.ahead = undefined;
    if (ahead && ahead.mail !== mail) throw new ConnectionLost('The connection waits for another mail');
    let steps = ahead?.steps;
    if (!steps) {
      const envelope = envelopeOf(mail, relay);
      if (envelope.kind === 'refused') return envelope;
      steps = this.steps(envelope);
      if (relay.pipelining) this.ask(commandsOf(steps));
    }
    let refusal: Refusal | undefined;
    try {
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
  private async deliver(body: Buffer, handOver: () => void, next?: OutgoingMail): Promise<HandOver> {
    const { dialogue, timeouts } = this;
    let start = 0;
    while (dialogue.quiet && body.length - start > BLOCK_OCTETS) {
      dialogue.write(body.subarray(start, start + BLOCK_OCTETS));
      start += BLOCK_OCTETS;
      await dialogue.flushed(timeouts.block);
    }
    if (!dialogue.quiet) return this.cutOff();
    const ahead = this.envelopeAhead(next);
    dialogue.write(joined(body.subarray(start), FINAL_DOT, ahead), handOver);
    const reply = await dialogue.reply('the final dot', timeouts.finalDot);
    if (reply.code === 421) dialogue.abandon();
    if (!isClass(reply, 2)) return refusalOf(reply, { name: 'the final dot', stage: 'data' });
    const said = reply.parse();
    return { kind: 'accepted', reply: said, relayId: queueId(said.text) };
  }

  /** The commands of the next mail, where the relay takes them early and would not refuse them unheard. */
  private envelopeAhead(next: OutgoingMail | undefined): Buffer {
    if (!next || !this.relay.pipelining) return NOTHING;
    const envelope = envelopeOf(next, this.relay);
    if (envelope.kind === 'refused') return NOTHING;
    this.ahead = { mail: next, steps: this.steps(envelope) };
    return Buffer.from(commandsOf(this.ahead.steps));
  }

  /** The relay speaks before the dot. A refusal is one; anything else says that replies and commands are out of step. */
  private async cutOff(): Promise<Refusal> {
    const reply = await this.dialogue.reply('a part of the mail', this.timeouts.block);
    this.dialogue.abandon();
    return refusalOf(reply, { name: 'a part of the mail', stage: 'data' });
  }
}

function commandsOf(steps: readonly Step[]): string {
  return steps.map(({ command }) => command).join('');
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
    /(?:queued(?: mail for delivery)?(?: as)?|\bid=|OK\s+id=|^Ok(?=\s+[0-9a-f]{16}-))[\s:]*<?([\w.@+/=-]{4,200})>?/i.exec(
      text,
    )?.[1] ?? null
  );
}
