import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { EndpointsRepository } from './endpoints.repository.js';
import { EventReaderRepository } from './event-reader.repository.js';
import { WebhookMessagesRepository } from './messages.repository.js';
import { typesOf } from './public-events.js';

/** Events that one transaction looks at. */
const GROUP = 2_000;

/** Turns events into messages: one for each endpoint that wants it. */
@Injectable()
export class EventReader {
  private readonly logger = new Logger(EventReader.name);

  constructor(
    private readonly db: Database,
    private readonly repository: EventReaderRepository,
    private readonly endpoints: EndpointsRepository,
    private readonly messages: WebhookMessagesRepository,
  ) {}

  /** Whether an endpoint is enabled and there is an event to look at. */
  async hasWork(): Promise<boolean> {
    if ((await this.endpoints.enabled(this.db)).length === 0) return false;
    return this.db.work(async ({ trx }) => {
      if (await this.repository.isAhead(trx)) return true;
      const position = await this.repository.position(trx);
      return position !== undefined && (await this.repository.readNext(trx, position, [], 1)).length > 0;
    });
  }

  /**
   * Looks at the next group of events. The messages and the new position are one transaction, so that a crash repeats nothing and
   * leaves nothing out; one worker reads at a time.
   * @returns the endpoints that got messages, and whether there may be more to read
   */
  async readGroup(): Promise<{ endpointIds: string[]; more: boolean }> {
    return this.db.work(async ({ trx }) => {
      const position = await this.repository.lock(trx);
      if (!position) return { endpointIds: [], more: false };
      if (await this.repository.isAhead(trx)) {
        this.logger.warn('The database came from another server: webhooks go on with what happens from here');
        await this.repository.comeBack(trx);
        return { endpointIds: [], more: true };
      }
      const endpoints = await this.endpoints.enabled(trx);
      const types = [...new Set(endpoints.flatMap(({ events }) => typesOf(events)))];
      const events = await this.repository.readNext(trx, position, types, GROUP);
      const last = events.at(-1);
      if (!last) return { endpointIds: [], more: false };
      const added = events.flatMap((event) =>
        endpoints
          .filter((endpoint) => typesOf(endpoint.events).includes(event.type))
          .map(({ id }) => ({
            endpointId: id,
            type: event.type,
            bucket: event.bucket,
            eventId: event.id,
            happenedAt: event.at,
          })),
      );
      await this.messages.add(trx, added);
      await this.repository.moveTo(trx, last);
      return { endpointIds: [...new Set(added.map(({ endpointId }) => endpointId))], more: true };
    });
  }
}
