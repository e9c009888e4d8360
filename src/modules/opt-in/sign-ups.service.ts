import { Injectable } from '@nestjs/common';
import { newId, parseAddress, type Address } from '../../domain/index.js';
import { Database, type Executor, type Work } from '../../platform/database/index.js';
import { WakeUps } from '../../platform/queue/index.js';
import { Lists, type List } from '../lists/index.js';
import { Subscriptions } from '../subscribers/index.js';
import { MailDomains, type Unreachable } from './mail-domains.js';
import { OptInMailing } from './opt-in-mailing.js';
import { OptInRequestsRepository } from './opt-in-requests.repository.js';
import { OptInRequests, QUIET_HOURS } from './opt-in-requests.service.js';
import { OptIn } from './opt-in.service.js';
import type { FormContent, MailContent, Mailing, SignUpContent } from './sign-up-content.js';
import { SignUpsRepository } from './sign-ups.repository.js';

/** A sign-up that nobody took in this time has lost its wake-up. */
const LOST_AFTER_SECONDS = 5;
const SWEEP_LIMIT = 500;
const DONE = { state: 'done', reason: null } as const;
/** Noted where a mail said so; an address hears it once in `QUIET_HOURS`. */
const TOLD_ALREADY = 'already';

/**
 * Sign-ups between the request and the mail. A request only stores one row, so it takes as long for an address that is unknown as for one
 * that is known, confirmed or erased; what depends on who it is happens here, in a worker.
 */
@Injectable()
export class SignUps {
  constructor(
    private readonly repository: SignUpsRepository,
    private readonly optIn: OptIn,
    private readonly mailing: OptInMailing,
    private readonly requests: OptInRequests,
    private readonly requestRows: OptInRequestsRepository,
    private readonly domains: MailDomains,
    private readonly subscriptions: Subscriptions,
    private readonly lists: Lists,
    private readonly wakeUps: WakeUps,
    private readonly db: Database,
  ) {}

  /** Stores what a visitor posted. @returns the id that its status page goes by */
  async accept(work: Work, address: Address, form: Omit<FormContent, 'kind' | 'email'>): Promise<string> {
    return this.store(work, address, { kind: 'form', email: address.typed, ...form });
  }

  /** Leaves the mails of an asking to the worker. Nothing is stored where there is nothing to mail. */
  async mailLater(work: Work, address: Address, mailing: Mailing): Promise<void> {
    if (mailing.requestId === null && mailing.welcome.length === 0) return;
    await this.store(work, address, { kind: 'mail', email: address.typed, mailing });
  }

  /** What a refused form named; undefined for everything else, known or unknown, which must look the same. */
  async refused(
    executor: Executor,
    id: string,
  ): Promise<{ domain: string; lists: readonly List[] } | undefined> {
    const signUp = await this.repository.byId(executor, id);
    if (signUp?.state !== 'refused' || signUp.content?.kind !== 'form') return undefined;
    const { email, lists } = signUp.content;
    return {
      domain: email.slice(email.lastIndexOf('@') + 1),
      lists: await this.lists.byIds(executor, lists),
    };
  }

  /** Does what a sign-up waits for. Right however often it is called; what is done already is left alone. */
  async work(id: string): Promise<void> {
    const signUp = await this.repository.byId(this.db, id);
    if (signUp?.state !== 'waiting' || !signUp.content) return;
    const { content } = signUp;
    const parsed = parseAddress(content.email);
    if (!parsed.ok) throw new Error(`Sign-up ${id} holds no address`);
    const { address } = parsed;
    // Before the transaction: a DNS that is slow must hold no connection of the database.
    const unreachable = await this.domains.unreachable(address.domain);
    await this.db.work(async (work) => {
      if (!(await this.repository.take(work.trx, id))) return;
      const end = unreachable
        ? await this.refuse(work, content, unreachable)
        : await this.go(work, address, content);
      await this.repository.settle(work.trx, id, end);
    });
  }

  async due(): Promise<string[]> {
    return this.repository.due(this.db, LOST_AFTER_SECONDS, SWEEP_LIMIT);
  }

  private async store(work: Work, address: Address, content: SignUpContent): Promise<string> {
    const id = newId();
    await this.repository.insert(work.trx, id, address.canonical, content);
    work.afterCommit(() => this.wakeUps.wake('signUps', { signUpId: id }));
    return id;
  }

  private async go(work: Work, address: Address, content: SignUpContent) {
    if (content.kind === 'mail') {
      await this.mailing.send(work, content.mailing);
      return DONE;
    }
    const lists = (await this.lists.byIds(work.trx, content.lists)).filter(
      ({ archivedAt }) => archivedAt === null,
    );
    if (lists.length === 0) return DONE;
    const { name, locale, proof } = content;
    const { mailing } = await this.optIn.ask(work, { address, lists, name, locale, proof, wins: 'stored' });
    const tells = mailing.already.length > 0 && (await this.mayTell(work, address, mailing.personId));
    await this.mailing.send(work, { ...mailing, already: tells ? mailing.already : [] }, false);
    return tells ? ({ state: 'done', reason: TOLD_ALREADY } as const) : DONE;
  }

  /** Whether "you are already on the list" may go out: once a day, and not beside a confirmation mail of the day. */
  private async mayTell({ trx }: Work, address: Address, personId: string): Promise<boolean> {
    if (await this.repository.ended(trx, address.canonical, TOLD_ALREADY, QUIET_HOURS)) return false;
    return (await this.requests.out(trx, personId)) === undefined;
  }

  private async refuse({ trx }: Work, content: FormContent | MailContent, reason: Unreachable) {
    if (content.kind === 'mail') {
      const { requestId, welcome } = content.mailing;
      const request = requestId === null ? undefined : await this.requestRows.byId(trx, requestId);
      await this.subscriptions.refuse(trx, [...(request?.subscriptionIds ?? []), ...welcome], reason);
      if (request) await this.requestRows.close(trx, request.id);
    }
    return { state: 'refused', reason } as const;
  }
}
