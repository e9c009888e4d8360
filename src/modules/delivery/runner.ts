import { join } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../platform/config/index.js';
import { Metrics } from '../../platform/metrics/index.js';
import { Drain } from '../../platform/queue/index.js';
import { TemplateError } from '../templates/index.js';
import { CheckRepository, type Checked } from './check.repository.js';
import { Circuit } from './circuit.js';
import { ClaimsRepository, LEASE_SECONDS, type Claim, type ClaimedDelivery } from './claims.repository.js';
import { Composer, type ComposedMail } from './composer.js';
import { COURIER, type Courier, type CourierSlot, type HandOver, type OutgoingMail } from './courier.js';
import { Journal } from './journal.js';
import type { MailSource } from './mail-source.js';
import { Results } from './results.js';
import { Run } from './run.js';
import { isRelayTrouble, settlementOf, skipped, unrenderable } from './settlement.js';

const logger = new Logger('Delivery');

const GIVE_BACK_RETRY_MS = 500;

/** What a run has done so far: all is handed over or given back; the results may still be on their way to the database. */
export interface Worked {
  readonly claimed: number;
  readonly recorded: Promise<void>;
}

const NOTHING: Worked = { claimed: 0, recorded: Promise.resolve() };

/**
 * Works off one claim: check ► render ► hand over ► record, for each delivery, over as many connections as the relay
 * allows. Every step leaves a settlement; what was not handed over when the run ends goes back to where it was.
 */
@Injectable()
export class Runner {
  readonly circuit = new Circuit();
  private readonly journals: string;

  constructor(
    config: Config,
    private readonly claims: ClaimsRepository,
    private readonly checks: CheckRepository,
    private readonly results: Results,
    private readonly composer: Composer,
    private readonly drain: Drain,
    private readonly metrics: Metrics,
    @Inject(COURIER) private readonly courier: Courier,
  ) {
    this.journals = join(config.dataDir, 'journal');
  }

  /**
   * Opens the journal, claims, and runs. The journal is there before the claim is, so that no row is ever `sending` without it.
   * @param claim takes the rows under the token it is given
   * @param options.hurry whether somebody waits until the results are recorded; else they go with others of this process
   */
  async run(
    bucket: string,
    claim: (token: string) => Promise<Claim>,
    source: () => Promise<MailSource | undefined>,
    { hurry }: { hurry: boolean },
  ): Promise<Worked> {
    const token = this.claims.newToken();
    const journal = Journal.open(this.journals, token, bucket);
    let claimed: Claim;
    try {
      claimed = await claim(token);
    } catch (error) {
      await this.giveBack(bucket, token, journal);
      throw error;
    }
    if (claimed.items.length === 0) {
      journal.finish();
      return NOTHING;
    }
    const run = new Run(claimed, journal, this.checks, this.results);
    const renewal = setInterval(() => void this.renew(claimed), (LEASE_SECONDS / 3) * 1000);
    let recorded: Promise<void>;
    try {
      const mail = await source();
      if (mail) await this.allLanes(run, mail);
      else for (const item of claimed.items) run.settle(unrenderable(item, 'it is no longer kept'));
    } finally {
      run.end();
      recorded = this.results
        .recorded(token, hurry)
        .then(() => journal.finish())
        .finally(() => clearInterval(renewal));
      // Who looks at it hears of it; nobody has to.
      recorded.catch((error: Error) => logger.error(`A journal could not be removed: ${error.message}`));
    }
    return { claimed: claimed.items.length, recorded };
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
  private async allLanes(run: Run, source: MailSource): Promise<void> {
    const lanes = Array.from({ length: Math.min(this.courier.slots, run.size) }, async () => {
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
    const slot = await this.courier.slot();
    try {
      let mail = await this.nextMail(run, source);
      while (mail) {
        const following = this.circuit.closed ? await this.nextMail(run, source) : undefined;
        if (!this.circuit.mayTry()) return run.putBack(mail.item);
        await this.deliver(run, mail, slot, following);
        await this.results.roomy();
        mail = following ?? (await this.nextMail(run, source));
      }
    } finally {
      slot.release();
    }
  }

  /** The next mail that may go. What may not is settled on the way. */
  private async nextMail(run: Run, source: MailSource): Promise<ReadyMail | undefined> {
    for (;;) {
      if (this.drain.signal.aborted) run.stop();
      const item = run.next();
      if (!item) return undefined;
      const checked = await run.check.of(item.id);
      if (!mayGo(checked)) {
        this.setAside(run, item, checked);
        continue;
      }
      const composed = await this.render(run, item, checked, source);
      if (composed) return this.ready(run, item, composed);
    }
  }

  private ready(run: Run, item: ClaimedDelivery, composed: ComposedMail): ReadyMail {
    return {
      ...composed,
      item,
      stillWanted: () => {
        const checked = run.check.of(item.id);
        return checked instanceof Promise ? checked.then(mayGo) : mayGo(checked);
      },
      onHandOver: () => run.journal.intent(item.id),
    };
  }

  private setAside(run: Run, item: ClaimedDelivery, checked: Checked | undefined): void {
    if (!checked) run.forget(item);
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
    const result = await this.handOver(mail, slot, following);
    if (result.kind === 'withdrawn') return this.setAside(run, item, await run.check.of(item.id));
    this.note(item, result);
    run.settle(settlementOf(item, result, this.courier.relay, Math.random()));
    if (isRelayTrouble(result)) run.stop();
  }

  /** Where the intent cannot be written (a full disk) nothing has left; a probe that ends so is a failed one, or none would follow. */
  private async handOver(
    mail: ReadyMail,
    slot: CourierSlot,
    following: ReadyMail | undefined,
  ): Promise<HandOver> {
    try {
      return await slot.send(mail, following);
    } catch (error) {
      this.circuit.failed();
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
      return await this.composer.compose(item, checked, source);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      run.settle(unrenderable(item, error.message));
      return undefined;
    }
  }

  private note(item: ClaimedDelivery, result: HandOver): void {
    const { stream } = item;
    const answered = result.kind === 'accepted' || result.kind === 'refused';
    const replyClass = answered ? `${Math.floor(result.reply.code / 100)}xx` : 'none';
    this.metrics.smtpReplies.inc({ stream, class: replyClass });
    if (answered)
      this.metrics.handOver.observe({ stream }, Math.max(0, Date.now() - item.dueAt.getTime()) / 1000);
    if (!isRelayTrouble(result)) return this.circuit.succeeded();
    const problem =
      result.kind === 'refused'
        ? `${result.reply.code} ${result.reply.text}`
        : 'problem' in result
          ? result.problem
          : '';
    if (this.circuit.closed)
      logger.warn(`Relay "${this.courier.relay}" is in trouble, mail waits: ${problem}`);
    this.circuit.failed();
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
