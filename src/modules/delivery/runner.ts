import { join } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { understandReply, type Stream } from '../../domain/index.js';
import { Config } from '../../platform/config/index.js';
import { Metrics } from '../../platform/metrics/index.js';
import { Drain } from '../../platform/queue/index.js';
import { TemplateError } from '../templates/index.js';
import { CheckRepository } from './check.repository.js';
import type { Checked, Claim, ClaimedDelivery } from './claim.types.js';
import { ClaimsRepository, LEASE_SECONDS } from './claims.repository.js';
import { Composer, type ComposedMail } from './composer.js';
import type { CourierSlot, HandOver, OutgoingMail } from './courier.js';
import { Journal } from './journal.js';
import type { MailSource } from './mail-source.js';
import { Quotas } from './quotas/quotas.js';
import { RelayPool } from './relays/relay-pool.js';
import type { RelayUse } from './relays/relay-use.js';
import type { Reservation } from './relays/reservation.js';
import { Results } from './results.js';
import { Run } from './run.js';
import { SandboxCourier } from './sandbox/sandbox-courier.js';
import { isRelayTrouble, postponed, released, settlementOf, skipped, unrenderable } from './settlement.js';

const logger = new Logger('Delivery');

const GIVE_BACK_RETRY_MS = 500;

/** Something to send: which rows, and how many of them at once. */
export interface Work {
  readonly bucket: string;
  readonly stream: Stream;
  readonly wanted: number;
  /** Takes at most so many rows under the token that it is given. */
  claim(token: string, limit: number): Promise<Claim>;
  source(): Promise<MailSource | undefined>;
  /** Whether somebody waits until the results are recorded; else they go with others of this process. */
  readonly hurry: boolean;
}

/** What became of it: all that was claimed is handed over or given back; results may still be on their way to the database. */
export interface Worked {
  readonly claimed: number;
  /** More than 0: no relay has room, and this many milliseconds later one may. */
  readonly retryAfterMs: number;
  readonly recorded: Promise<void>;
}

/**
 * Works off one claim: check ► render ► hand over ► record, for each delivery, over as many connections as the relay
 * allows. Every step leaves a settlement; what was not handed over when the run ends goes back to where it was.
 */
@Injectable()
export class Runner {
  private readonly journals: string;
  /**
   * Runs that could not write their journal: each connection's last answer may be in memory only. Until the database has these,
   * nothing more leaves, so that a kill -9 still makes one mail a connection unknown at most.
   */
  private readonly unjournaled = new Set<Run>();

  constructor(
    private readonly config: Config,
    private readonly claims: ClaimsRepository,
    private readonly checks: CheckRepository,
    private readonly results: Results,
    private readonly composer: Composer,
    private readonly drain: Drain,
    private readonly metrics: Metrics,
    private readonly relays: RelayPool,
    private readonly quotas: Quotas,
    private readonly sandbox: SandboxCourier,
  ) {
    this.journals = join(config.dataDir, 'journal');
  }

  /** Whether a relay could take mail of a stream now. */
  ready(stream: Stream): boolean {
    return this.relays.choose(stream).use !== undefined;
  }

  /** Finds room at a relay, opens the journal, claims no more than there is room for, and runs. */
  async run(work: Work): Promise<Worked> {
    const room = await this.relays.reserve(work.stream, work.wanted);
    if (!room.use) return { claimed: 0, retryAfterMs: room.retryAfterMs, recorded: Promise.resolve() };
    let used = 0;
    try {
      const run = await this.claim(work, room);
      if (!run) return { claimed: 0, retryAfterMs: 0, recorded: Promise.resolve() };
      let recorded: Promise<void>;
      try {
        await this.workOff(run, await work.source());
      } finally {
        used = run.handedOver;
        run.end();
        recorded = run
          .recorded(work.hurry || this.unjournaled.has(run))
          .finally(() => this.unjournaled.delete(run));
      }
      return { claimed: run.size, retryAfterMs: 0, recorded };
    } finally {
      room.settle(used);
    }
  }

  /** The journal is there before the claim is, so that no row is ever `sending` without it. */
  private async claim(work: Work, room: Reservation): Promise<Run | undefined> {
    const token = this.claims.newToken();
    const journal = Journal.open(this.journals, { token, bucket: work.bucket, relay: room.use.name });
    let claim: Claim;
    try {
      claim = await work.claim(token, room.granted);
    } catch (error) {
      await this.giveBack(work.bucket, token, journal);
      throw error;
    }
    if (claim.items.length === 0) {
      journal.finish();
      return undefined;
    }
    const renewal = setInterval(() => void this.renew(claim), (LEASE_SECONDS / 3) * 1000);
    return new Run(claim, journal, room, this.checks, this.results, () => clearInterval(renewal));
  }

  /**
   * The claim may have been committed although its answer was lost. Nothing was handed over, so its rows go back as soon as the
   * database answers; if this process ends before that, the journal says the same.
   */
  private async giveBack(bucket: string, token: string, journal: Journal): Promise<void> {
    while (!this.drain.signal.aborted) {
      try {
        await this.claims.release(bucket, token);
        return journal.finish();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, GIVE_BACK_RETRY_MS));
      }
    }
    journal.leave();
  }

  /** One lane per connection. When one breaks, the others finish the mail in their hands before the run ends. */
  private async workOff(run: Run, source: MailSource | undefined): Promise<void> {
    if (!source) {
      for (const item of run.rest()) run.settle(unrenderable(item, 'it is no longer kept'));
      return;
    }
    const lanes = Array.from({ length: Math.min(run.relay.slots(run.stream), run.size) }, async () => {
      try {
        await this.lane(run, source);
      } catch (error) {
        run.stop();
        throw error;
      }
    });
    const broken = (await Promise.allSettled(lanes)).find((result) => result.status === 'rejected');
    if (broken) throw broken.reason;
  }

  /** One mail after the other over one connection. The next one is made ready first, so that its envelope may ride ahead. */
  private async lane(run: Run, source: MailSource): Promise<void> {
    const { relay } = run;
    const slot = await relay.slot(run.stream);
    try {
      let mail = await this.nextMail(run, source);
      while (mail) {
        const following = relay.circuit.closed ? await this.nextMail(run, source) : undefined;
        if (!relay.circuit.mayTry()) return run.putBack(mail.item);
        await this.deliver(run, mail, slot, following);
        await this.results.roomy();
        mail = following ?? (await this.nextMail(run, source));
      }
    } finally {
      this.handBack(run, slot);
    }
  }

  /** The connection goes to another run, so what it did last must be in this one's journal first. */
  private handBack(run: Run, slot: CourierSlot): void {
    try {
      run.journal.flush();
    } catch (error) {
      this.unjournaled.add(run);
      run.stop();
      logger.error(`The journal cannot be written, mail waits: ${(error as Error).message}`);
    }
    slot.release();
  }

  /** The next mail that may go to the relay. What may not, and what stays in the sandbox, is settled on the way. */
  private async nextMail(run: Run, source: MailSource): Promise<ReadyMail | undefined> {
    for (;;) {
      if (this.drain.signal.aborted || run.relay.gone) run.stop();
      const item = run.next();
      if (!item) return undefined;
      const checked = await run.check.of(item.id);
      if (!mayGo(checked)) {
        this.setAside(run, item, checked);
        continue;
      }
      const staysHere = this.sandbox.carries(item);
      const wait = staysHere ? 0 : await this.quotas.permit(item.recipientDomain, item.stream);
      if (wait > 0) {
        run.settle(postponed(item, wait));
        continue;
      }
      const composed = await this.render(run, item, checked, source);
      if (!composed) continue;
      if (staysHere) {
        run.settle(this.sandbox.handOver(item));
        continue;
      }
      // The last thing before the wire: to make it may have taken longer than the second that it was meant for.
      if (await run.room.mayLeave()) return this.readyMail(run, item, composed);
      run.putBack(item);
    }
  }

  private readyMail(run: Run, item: ClaimedDelivery, composed: ComposedMail): ReadyMail {
    return {
      ...composed,
      item,
      stillWanted: () => {
        const checked = run.check.of(item.id);
        return checked instanceof Promise ? checked.then(mayGo) : mayGo(checked);
      },
      onHandOver: () => {
        if (this.unjournaled.size > 0) throw new Error('What left before is in no journal yet');
        run.journal.intent(item.id);
        run.handedOver += 1;
      },
    };
  }

  private setAside(run: Run, item: ClaimedDelivery, checked: Checked | undefined): void {
    // Not ours any more. Where the lease has ended and nobody else has taken it, this is the proof that it did not leave.
    if (!checked) run.settle(released(item));
    else if (checked.skip !== null && !checked.held) run.settle(skipped(item, checked.skip));
    else run.putBack(item);
  }

  private async deliver(
    run: Run,
    mail: ReadyMail,
    slot: CourierSlot,
    following: ReadyMail | undefined,
  ): Promise<void> {
    const { item } = mail;
    const { relay } = run;
    const result = await this.handOver(run, mail, slot, following);
    if (result.kind === 'withdrawn') {
      relay.circuit.untried();
      return this.setAside(run, item, await run.check.of(item.id));
    }
    this.note(relay, item, result);
    run.settle(settlementOf(item, result, relay.name, Math.random(), this.config.retryHours));
    if (isRelayTrouble(result)) run.stop();
  }

  /** Where the intent cannot be written (a full disk) nothing has left; a probe that ends so is a failed one, or none would follow. */
  private async handOver(
    run: Run,
    mail: ReadyMail,
    slot: CourierSlot,
    following: ReadyMail | undefined,
  ): Promise<HandOver> {
    try {
      return await slot.send(mail, following);
    } catch (error) {
      this.unjournaled.add(run);
      run.relay.failed((error as Error).message);
      throw error;
    }
  }

  private async render(
    run: Run,
    item: ClaimedDelivery,
    checked: Checked,
    source: MailSource,
  ): Promise<ComposedMail | undefined> {
    try {
      return await this.composer.compose(item, checked, source, run.relay.relay);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      run.settle(unrenderable(item, error.message));
      return undefined;
    }
  }

  private note(relay: RelayUse, item: ClaimedDelivery, result: HandOver): void {
    const { stream } = item;
    const reply = 'reply' in result ? result.reply : undefined;
    this.metrics.smtpReplies.inc({ stream, class: reply ? `${Math.floor(reply.code / 100)}xx` : 'none' });
    if (reply) {
      this.metrics.handOver.observe({ stream }, Math.max(0, Date.now() - item.dueAt.getTime()) / 1000);
      this.quotas.went(relay.name, item.recipientDomain);
    }
    if (result.kind === 'refused') {
      const meaning = understandReply(result.reply, result.stage);
      void this.quotas.slowDown(meaning, relay.name, item.recipientDomain);
    }
    // A relay that hangs up after the dot would turn a whole blast into unknowns: it rests as after any other trouble.
    if (result.kind !== 'unknown' && !isRelayTrouble(result)) return relay.succeeded();
    relay.failed(reply ? `${reply.code} ${reply.text}` : 'problem' in result ? result.problem : '');
  }

  private async renew(claim: Claim): Promise<void> {
    await this.claims
      .renew(claim)
      .catch((error: Error) => logger.warn(`A lease was not renewed: ${error.message}`));
  }
}

/** A mail that was looked at, made, and may go. */
interface ReadyMail extends OutgoingMail {
  readonly item: ClaimedDelivery;
}

function mayGo(checked: Checked | undefined): checked is Checked {
  return checked !== undefined && !checked.held && checked.skip === null;
}
