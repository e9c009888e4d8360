import { Handles, JobHandler, type QueuePayload } from '../../platform/queue/index.js';
import { InboundWork } from './inbound-work.service.js';
import { InboundRepository } from './inbound.repository.js';

/** So many due mails are worth another worker. */
const WORTH_A_LANE = 100;
const LANES = 4;

@Handles('inbound', { concurrency: LANES })
export class InboundProcessor extends JobHandler<'inbound'> {
  readonly queue = 'inbound';

  constructor(
    private readonly work: InboundWork,
    private readonly repository: InboundRepository,
  ) {
    super();
  }

  async handle(): Promise<void> {
    await this.work.run();
  }

  async due(): Promise<QueuePayload<'inbound'>[]> {
    const due = (await this.repository.due()).length;
    const lanes = Math.min(LANES, Math.ceil(due / WORTH_A_LANE));
    return Array.from({ length: lanes }, (_, lane) => ({ lane }));
  }
}
