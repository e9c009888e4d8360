import type { Courier, CourierSlot, HandOver, OutgoingMail } from '../courier.js';
import type { RelaySettings } from './relay-settings.js';
import { Dialogue } from './dialogue.js';
import { signIn } from './sign-in.js';
import { SmtpSession } from './smtp-session.js';
import { RFC5321_TIMEOUTS, type SmtpTimeouts } from './timeouts.js';

/**
 * Takes mail to one relay over a bounded number of kept connections. nodemailer makes each one (connecting, TLS, EHLO, AUTH);
 * the transactions on it are ours, pipelined where the relay offers it.
 */
export class PipelinedCourier implements Courier {
  readonly relay: string;
  private most: number;
  private taken = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly idle: KeptSession[] = [];
  private closed = false;

  constructor(
    private readonly settings: RelaySettings,
    private readonly timeouts: SmtpTimeouts = RFC5321_TIMEOUTS,
  ) {
    this.relay = settings.name;
    this.most = settings.connections;
  }

  get slots(): number {
    return this.most;
  }

  /** Slots that somebody holds; for a while more than there are, after a `resize`. */
  get inUse(): number {
    return this.taken;
  }

  /** Another number of connections from now on. One too many ends when its mail is through. */
  resize(slots: number): void {
    this.most = slots;
    this.handOn();
    while (this.idle.length > Math.max(0, this.most - this.taken)) this.drop(this.idle[0]);
  }

  async slot(): Promise<CourierSlot> {
    if (this.taken < this.most) this.taken += 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    const sending = { session: undefined as SmtpSession | undefined };
    let released = false;
    return {
      send: (mail, next) => this.send(sending, mail, next),
      release: () => {
        if (released) return;
        released = true;
        if (sending.session) this.keep(sending.session);
        this.taken -= 1;
        this.handOn();
      },
    };
  }

  /** Free slots go to those who wait. */
  private handOn(): void {
    while (this.taken < this.most && this.waiting.length > 0) {
      this.taken += 1;
      this.waiting.shift()?.();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    const kept = this.idle.splice(0);
    for (const { timer } of kept) clearTimeout(timer);
    await Promise.all(kept.map(({ session }) => session.quit()));
  }

  private async send(slot: Held, mail: OutgoingMail, next?: OutgoingMail): Promise<HandOver> {
    const kept = slot.session ?? this.takeIdle();
    slot.session = undefined;
    if (kept) {
      const result = await this.sendOver(slot, kept, mail, next);
      if (!wasDropped(result)) return result;
    }
    const fresh = await this.connect();
    return fresh instanceof SmtpSession ? this.sendOver(slot, fresh, mail, next) : fresh;
  }

  private async connect(): Promise<SmtpSession | HandOver> {
    const result = await signIn(this.settings, this.timeouts);
    if (result.kind !== 'signedIn') return result;
    return new SmtpSession(new Dialogue(result.socket), result.relay, this.timeouts);
  }

  private async sendOver(
    slot: Held,
    session: SmtpSession,
    mail: OutgoingMail,
    next?: OutgoingMail,
  ): Promise<HandOver> {
    try {
      return await session.send(mail, next);
    } finally {
      // What is open is the slot's until it is released: the next envelope may be on its way.
      if (session.open && !this.closed) slot.session = session;
      else void session.quit();
    }
  }

  private keep(session: SmtpSession): void {
    const tooMany = this.taken > this.most;
    if (!session.usable || this.closed || tooMany) return void session.quit();
    const timer = setTimeout(() => this.drop(kept), this.timeouts.idle).unref();
    const kept = { session, timer };
    this.idle.push(kept);
  }

  private drop(kept: KeptSession | undefined): void {
    if (!kept) return;
    clearTimeout(kept.timer);
    this.idle.splice(this.idle.indexOf(kept), 1);
    void kept.session.quit();
  }

  /** The one used last, so that those not needed grow old. */
  private takeIdle(): SmtpSession | undefined {
    const kept = this.idle.pop();
    clearTimeout(kept?.timer);
    return kept?.session;
  }
}

/** The connection that a slot sent its last mail over. */
interface Held {
  session: SmtpSession | undefined;
}

/** An open connection without a mail, and what ends it. */
interface KeptSession {
  readonly session: SmtpSession;
  readonly timer: NodeJS.Timeout;
}

/**
 * A kept connection may have been closed while nobody looked, or closes now (421; Exim does so after 1,000 mails). Nothing was
 * handed over, so a fresh one may try.
 */
function wasDropped(result: HandOver): boolean {
  return (
    result.kind === 'unreached' ||
    (result.kind === 'refused' && result.stage === 'mail' && result.reply.code === 421)
  );
}
