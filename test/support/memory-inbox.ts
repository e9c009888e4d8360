import { newId } from '../../src/domain/index.js';
import type {
  InboxMessage,
  InboxQuery,
  InboxStore,
  InboxSummary,
  NewInboxMessage,
} from '../../src/modules/inbox/index.js';
import type { Page } from '../../src/platform/http/index.js';

/** The store of the inbox in memory, for tests of what stands in front of it. */
export class MemoryInbox implements InboxStore {
  readonly messages: InboxMessage[] = [];
  /** Set to make every call fail, as when the database is down. */
  failure: Error | null = null;
  /** Called before a message is kept: hold it back, and nothing may be answered yet. */
  beforeAdd: () => Promise<void> = async () => {};

  async add(message: NewInboxMessage): Promise<void> {
    this.check();
    await this.beforeAdd();
    this.check();
    this.messages.unshift({ ...message, id: newId(), receivedAt: new Date(), size: message.raw.length });
  }

  async list({ limit, after, q }: InboxQuery): Promise<Page<InboxSummary>> {
    this.check();
    const wanted = q.toLowerCase();
    const found = this.messages
      .filter(({ id }) => after === null || id < after)
      .filter(({ subject, toHeader, rcptTo }) =>
        [subject, toHeader, ...rcptTo].join('\n').toLowerCase().includes(wanted),
      );
    return { data: found.slice(0, limit), hasMore: found.length > limit };
  }

  async get(id: string): Promise<InboxMessage | null> {
    this.check();
    return this.messages.find((message) => message.id === id) ?? null;
  }

  async count(): Promise<number> {
    this.check();
    return this.messages.length;
  }

  async clear(): Promise<void> {
    this.check();
    this.messages.length = 0;
  }

  private check(): void {
    if (this.failure) throw this.failure;
  }
}
