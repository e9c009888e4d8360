import { Injectable } from '@nestjs/common';
import { newId } from '../../domain/index.js';
import type { Executor, Work } from '../../platform/database/index.js';
import {
  conflict,
  invalid,
  notFound,
  requireSender,
  toPage,
  type Page,
  type PageQuery,
} from '../../platform/http/index.js';
import { ListsRepository } from './lists.repository.js';
import type { CreateList, UpdateList } from './lists.schemas.js';
import type { List } from './lists.types.js';
import { Senders } from './senders.service.js';

@Injectable()
export class Lists {
  constructor(
    private readonly repository: ListsRepository,
    private readonly senders: Senders,
  ) {}

  /** @throws 409 when there is a list with this slug, 422 for an unknown sender */
  async create({ trx }: Work, input: CreateList): Promise<List> {
    const sender =
      input.sender === undefined ? await this.senders.first(trx) : await this.sender(trx, input.sender);
    if (!sender) throw conflict('no_sender', 'There is no sender yet: set MAIL_FROM and start again');
    requireSender(sender.slug);
    const { slug, name, optIn = 'double', visibility = 'public', reminder = false } = input;
    const list = {
      id: newId(),
      slug,
      name,
      description: input.description ?? null,
      optIn,
      visibility,
      reminder,
      softBounceLimit: input.softBounceLimit ?? null,
      senderId: sender.id,
    };
    if (!(await this.repository.insert(trx, list)))
      throw conflict('list_exists', `There is already a list "${slug}"`);
    return this.known(trx, slug);
  }

  /** Changes what is given and leaves the rest. @throws 404 for an unknown list, 422 for an unknown sender */
  async update({ trx }: Work, slug: string, change: UpdateList): Promise<List> {
    const { id } = await this.known(trx, slug);
    const { sender, softBounceLimit, ...rest } = change;
    const senderId = sender === undefined ? undefined : (await this.sender(trx, sender)).id;
    if (sender !== undefined) requireSender(sender);
    await this.repository.update(trx, id, {
      ...rest,
      ...(softBounceLimit !== undefined && { soft_bounce_limit: softBounceLimit }),
      ...(senderId !== undefined && { sender_id: senderId }),
    });
    return this.known(trx, slug);
  }

  /** A page of all lists, the oldest first. */
  async list(executor: Executor, { limit, after }: PageQuery): Promise<Page<List>> {
    return toPage(await this.repository.page(executor, limit + 1, after), limit, (list) => list);
  }

  /** The lists that anybody may join on a page: public and not archived. */
  async open(executor: Executor): Promise<List[]> {
    return this.repository.open(executor);
  }

  async bySlug(executor: Executor, slug: string): Promise<List | undefined> {
    const [list] = await this.repository.bySlugs(executor, [slug]);
    return list;
  }

  /** @throws 404 when there is no such list */
  async known(executor: Executor, slug: string): Promise<List> {
    const list = await this.bySlug(executor, slug);
    if (!list) throw notFound('list', slug);
    return list;
  }

  /**
   * The lists in the order of their slugs; a slug that comes twice gives its list twice.
   * @param field the field of the request that named them, for the error
   * @throws 422 that names the first unknown one, as `lists.2`
   */
  async bySlugs(executor: Executor, slugs: readonly string[], field: string): Promise<List[]> {
    const found = new Map((await this.repository.bySlugs(executor, slugs)).map((list) => [list.slug, list]));
    return slugs.map((slug, index) => {
      const list = found.get(slug);
      if (!list) throw invalid(`${field}.${index}`, `there is no list "${slug}"`);
      return list;
    });
  }

  async byIds(executor: Executor, ids: readonly string[]): Promise<List[]> {
    return this.repository.byIds(executor, ids);
  }

  private async sender(executor: Executor, slug: string) {
    const sender = await this.senders.bySlug(executor, slug);
    if (!sender) throw invalid('sender', `there is no sender "${slug}"`);
    return sender;
  }
}
