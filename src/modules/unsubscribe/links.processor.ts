import { Handles, JobHandler, type QueuePayload } from '../../platform/queue/index.js';
import { Links } from './links.service.js';

const SWEEP_LIMIT = 200;

/** Looks up who asked for a link. */
@Handles('links', { concurrency: 2 })
export class LinksProcessor extends JobHandler<'links'> {
  readonly queue = 'links';

  constructor(private readonly links: Links) {
    super();
  }

  async handle({ requestId }: QueuePayload<'links'>): Promise<void> {
    await this.links.answer(requestId);
  }

  async due(): Promise<QueuePayload<'links'>[]> {
    return (await this.links.waiting(SWEEP_LIMIT)).map((requestId) => ({ requestId }));
  }
}
