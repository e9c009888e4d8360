import { Injectable } from '@nestjs/common';
import { newId } from '../../../domain/index.js';
import { Config } from '../../../platform/config/index.js';
import { Database, type Executor, type Work } from '../../../platform/database/index.js';
import { conflict, invalid, notFound, requireSender } from '../../../platform/http/index.js';
import { Drain, WakeUps } from '../../../platform/queue/index.js';
import { Policies, type Policy } from '../../consent/index.js';
import { Batches, type NoticeVariables } from '../../delivery/index.js';
import { Lists, Senders } from '../../lists/index.js';
import { Templates } from '../../templates/index.js';
import { AnnouncementsRepository, type Announcement } from './announcements.repository.js';
import type { AnnounceBody, AnnouncementView } from './policies.schemas.js';

const TEMPLATE = 'policy-notice';
/** As in a campaign: the first mails leave at once, and no transaction is long. */
const FIRST_CHUNK = 5_000;
const CHUNK = 25_000;

/**
 * Tells people of a policy: service mail to many, which waits behind order mail as news does and shares turns with it. One for each
 * version; it can be paused and cancelled.
 */
@Injectable()
export class Announcements {
  constructor(
    private readonly db: Database,
    private readonly config: Config,
    private readonly repository: AnnouncementsRepository,
    private readonly policies: Policies,
    private readonly batches: Batches,
    private readonly lists: Lists,
    private readonly senders: Senders,
    private readonly templates: Templates,
    private readonly wakeUps: WakeUps,
    private readonly drain: Drain,
  ) {}

  /** @throws 404 for an unknown version, 409 for one that is not current or was announced, 422 for an unknown list or sender */
  async announce(work: Work, version: string, request: AnnounceBody): Promise<AnnouncementView> {
    const { trx } = work;
    const policy = await this.policies.known(trx, version);
    const current = await this.policies.current(trx);
    if (current?.version !== version)
      throw conflict(
        'policy_outdated',
        `Version ${version} is not the current one; announce ${current?.version}`,
      );
    const { audience, acceptance, message } = request;
    const lists =
      typeof audience === 'string' ? [] : await this.lists.bySlugs(trx, audience.lists, 'audience.lists');
    const sender = request.sender
      ? await this.senders.bySlug(trx, request.sender)
      : await this.senders.first(trx);
    if (!sender) throw invalid('sender', `there is no sender "${request.sender}"`);
    requireSender(sender.slug);
    const id = newId();
    const added = await this.repository.insert(trx, {
      id,
      policy_id: policy.id,
      audience: typeof audience === 'string' ? audience : 'lists',
      list_ids: lists.map((list) => list.id),
      acceptance,
    });
    if (!added) throw conflict('policy_announced', `Version ${version} has been announced already`);
    await this.batches.open(work, {
      id,
      senderId: sender.id,
      revisionId: await this.revisionId(work.trx),
      name: `Privacy policy ${version}`,
      kind: 'notice',
      variables: this.variables(policy, acceptance, message),
    });
    work.afterCommit(() => this.wakeUps.wake('notices', { noticeId: id }));
    return this.find(trx, version);
  }

  /** @throws 404 */
  async find(executor: Executor, version: string): Promise<AnnouncementView> {
    return this.view(executor, version, await this.known(executor, version));
  }

  /** @throws 404, 409 when it cannot be moved so */
  async move(work: Work, version: string, move: 'pause' | 'resume' | 'cancel'): Promise<AnnouncementView> {
    const { id } = await this.known(work.trx, version);
    await this.repository.lock(work.trx, id);
    const { state } = await this.find(work.trx, version);
    const from = { pause: ['sending'], resume: ['paused'], cancel: ['sending', 'paused'] }[move];
    if (!from.includes(state))
      throw conflict(
        'wrong_state',
        `The announcement of version ${version} is ${state}; it cannot be ${past[move]}`,
      );
    if (move === 'cancel') await this.batches.stop(work, id);
    else await this.batches[move](work, id);
    return this.find(work.trx, version);
  }

  /** Copies the audience, chunk after chunk, while the first mails are on their way. Right however often and by however many it is called. */
  async fill(id: string): Promise<void> {
    while (!this.drain.signal.aborted && (await this.db.work((work) => this.fillNext(work, id))));
  }

  async due(): Promise<string[]> {
    return this.repository.unfilled(this.db);
  }

  /** @returns whether there may be more to copy */
  private async fillNext(work: Work, id: string): Promise<boolean> {
    const { trx } = work;
    const announcement = await this.repository.lock(trx, id);
    if (!announcement || announcement.filled_at !== null) return false;
    const stopped = (await this.batches.view(trx, [id])).get(id)?.state === 'stopped';
    const limit = announcement.fill_after === null ? FIRST_CHUNK : CHUNK;
    const last = stopped ? undefined : await this.repository.boundary(trx, announcement, limit);
    if (last === undefined) {
      await this.repository.filled(trx, id);
      await this.batches.complete(work, id);
      return false;
    }
    await this.batches.fill(trx, id, null, this.repository.chunk(trx, announcement, last));
    await this.repository.filledUpTo(trx, id, last);
    work.afterCommit(() => this.batches.wake(id));
    return true;
  }

  private async known(executor: Executor, version: string): Promise<Announcement> {
    const policy = await this.policies.known(executor, version);
    const announcement = await this.repository.ofPolicy(executor, policy.id);
    if (!announcement) throw notFound('announcement of privacy policy', version);
    return announcement;
  }

  private async view(
    executor: Executor,
    version: string,
    announcement: Announcement,
  ): Promise<AnnouncementView> {
    const { id, policy_id, audience, list_ids, acceptance, created_at } = announcement;
    const batch = (await this.batches.view(executor, [id])).get(id);
    const counts = (await this.batches.counts(executor, [id])).get(id);
    if (!batch || !counts) throw new Error(`The batch of announcement ${id} is gone`);
    const lists = await this.lists.byIds(executor, list_ids);
    return {
      id,
      version,
      state: states[batch.state],
      pauseReason: batch.pauseReason,
      audience: audience === 'lists' ? { lists: lists.map(({ slug }) => slug) } : audience,
      acceptance,
      createdAt: created_at.toISOString(),
      complete: batch.complete,
      counts,
      accepted: await this.repository.accepted(executor, policy_id),
    };
  }

  private async revisionId(executor: Executor): Promise<string> {
    const revisionId = await this.templates.live(TEMPLATE, executor);
    if (revisionId === undefined) throw new Error(`The built-in template "${TEMPLATE}" is missing`);
    return revisionId;
  }

  /** What the mails say, by language. Without a message of the operator the words are the same in all. */
  private variables(
    { version, revisedOn }: Policy,
    acceptance: AnnounceBody['acceptance'],
    messages: AnnounceBody['message'] = {},
  ): NoticeVariables {
    const policy = {
      version,
      revisedOn,
      url: `${this.config.publicUrl}/privacy/${version}`,
      asksAcceptance: acceptance === 'asked',
    };
    const locales = Object.keys(messages);
    if (locales.length === 0) return { en: { policy, message: null } };
    return Object.fromEntries(locales.map((locale) => [locale, { policy, message: messages[locale] }]));
  }
}

const states = { open: 'sending', paused: 'paused', stopped: 'cancelled', finished: 'finished' } as const;
const past = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' } as const;
