import { Handles, JobHandler, type QueuePayload } from '../../platform/queue/index.js';
import { Reminders } from './reminders.service.js';
import { SignUps } from './sign-ups.service.js';

/** Most of a sign-up is waiting for a DNS, so several at once cost little. */
@Handles('signUps', { concurrency: 10 })
export class SignUpsProcessor extends JobHandler<'signUps'> {
  readonly queue = 'signUps';

  constructor(
    private readonly signUps: SignUps,
    private readonly reminders: Reminders,
  ) {
    super();
  }

  async handle({ signUpId }: QueuePayload<'signUps'>): Promise<void> {
    await this.signUps.work(signUpId);
  }

  async due(): Promise<QueuePayload<'signUps'>[]> {
    await this.reminders.sendSometimes();
    return (await this.signUps.due()).map((signUpId) => ({ signUpId }));
  }
}
