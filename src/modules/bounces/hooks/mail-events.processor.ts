import { Handles, JobHandler, type QueuePayload } from '../../../platform/queue/index.js';
import { HookWork } from './hook-work.service.js';
import { ProviderRequestsRepository } from './provider-requests.repository.js';

/** So many due webhooks are worth another worker. */
const WORTH_A_LANE = 100;
const LANES = 2;

@Handles('mailEvents', { concurrency: LANES })
export class MailEventsProcessor extends JobHandler<'mailEvents'> {
  readonly queue = 'mailEvents';

  constructor(
    private readonly work: HookWork,
    private readonly repository: ProviderRequestsRepository,
  ) {
    super();
  }

  async handle(): Promise<void> {
    await this.work.run();
  }

  async due(): Promise<QueuePayload<'mailEvents'>[]> {
    const due = await this.repository.countDue(WORTH_A_LANE * LANES);
    const lanes = Math.min(LANES, Math.ceil(due / WORTH_A_LANE));
    return Array.from({ length: lanes }, (_, lane) => ({ lane }));
  }
}
