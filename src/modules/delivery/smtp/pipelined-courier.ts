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
  readonly slots: number;
  private free: number;
  private readonly waiting: (() => void)[] = [];
  private readonly idle: KeptSession[] = [];
  private closed = false;

  constructor(
    private readonly settings: RelaySettings,
    private readonly timeouts: SmtpTimeouts = RFC5321_TIMEOUTS,
  ) {
    this.relay = settings.name;
    this.slots = settings.connections;
    this.free = settings.connections;
  }

  async slot(): Promise<CourierSlot> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    let released = false;
    return {
      send: (mail) => this.send(mail),
      release: () => {
        if (released) return;
        released = true;
        const next = this.waiting.shift();
        if (next) next();
        else this.free += 1;
      },
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    const kept = this.idle.splice(0);
    for (const { timer } of kept) clearTimeout(timer);
    await Promise.all(kept.map(({ session }) => session.quit()));
  }

  private async send(mail: OutgoingMail): Promise<HandOver> {
    const kept = this.takeIdle();
    if (kept) {
      const result = await this.sendOver(kept, mail);
      if (!wasDropped(result)) return result;
    }
    const fresh = await this.connect();
    return fresh instanceof SmtpSession ? this.sendOver(fresh, mail) : fresh;
  }

  private async connect(): Promise<SmtpSession | HandOver> {
    const result = await signIn(this.settings, this.timeouts);
    if (result.kind !== 'signedIn') return result;
    return new SmtpSession(new Dialogue(result.socket), result.relay, this.timeouts);
  }

  private async sendOver(session: SmtpSession, mail: OutgoingMail): Promise<HandOver> {
    try {
      return await session.send(mail);
    } finally {
      if (session.usable && !this.closed) this.keep(session);
      else void session.quit();
    }
  }

  private keep(session: SmtpSession): void {
    const timer = setTimeout(() => {
      this.idle.splice(this.idle.indexOf(kept), 1);
      void session.quit();
    }, this.timeouts.idle).unref();
    const kept = { session, timer };
    this.idle.push(kept);
  }

  /** The one used last, so that those not needed grow old. */
  private takeIdle(): SmtpSession | undefined {
    const kept = this.idle.pop();
    clearTimeout(kept?.timer);
    return kept?.session;
  }
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
