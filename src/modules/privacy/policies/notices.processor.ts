import { Handles, JobHandler, type QueuePayload } from '../../../platform/queue/index.js';
import { Announcements } from './announcements.service.js';

@Handles('notices', { concurrency: 1 })
export class NoticesProcessor extends JobHandler<'notices'> {
  readonly queue = 'notices';

  constructor(private readonly announcements: Announcements) {
    super();
  }

  async handle({ noticeId }: QueuePayload<'notices'>): Promise<void> {
    await this.announcements.fill(noticeId);
  }

  async due(): Promise<QueuePayload<'notices'>[]> {
    return (await this.announcements.due()).map((noticeId) => ({ noticeId }));
  }
}
