import { Handles, JobHandler, type QueuePayload } from '../../platform/queue/index.js';
import { InboundWork } from './inbound-work.service.js';
import { InboundRepository } from './inbound.repository.js';

@Handles('inbound', { concurrency: 5 })
export class InboundProcessor extends JobHandler<'inbound'> {
  readonly queue = 'inbound';

  constructor(
    private readonly work: InboundWork,
    private readonly repository: InboundRepository,
  ) {
    super();
  }

  async handle({ mailId }: QueuePayload<'inbound'>): Promise<void> {
    await this.work.process(mailId);
  }

  async due(): Promise<QueuePayload<'inbound'>[]> {
    return (await this.repository.due()).map((mailId) => ({ mailId }));
  }
}
