import { Drain, Handles, JobHandler, WakeUps, type QueuePayload } from '../../platform/queue/index.js';
import { EventReader } from './event-reader.service.js';
import { Replays } from './replays.service.js';
import { Turns } from './turns.service.js';
import { READ_EVENTS } from './webhooks.types.js';

/** One job reads for so long, in milliseconds; the sweeper makes another while there is more. */
const READING_MS = 10_000;

/** Many at a time: most of a turn is waiting for somebody else's server, and a slow one must not keep the others from theirs. */
@Handles('webhooks', { concurrency: 32 })
export class WebhooksProcessor extends JobHandler<'webhooks'> {
  readonly queue = 'webhooks';

  constructor(
    private readonly reader: EventReader,
    private readonly replays: Replays,
    private readonly turns: Turns,
    private readonly wakeUps: WakeUps,
    private readonly drain: Drain,
  ) {
    super();
  }

  async handle({ work }: QueuePayload<'webhooks'>): Promise<void> {
    if (work === READ_EVENTS) await this.read();
    else if (await this.turns.run(work)) await this.wakeUps.wakeAgain(this.queue, [{ work }]);
  }

  async due(): Promise<QueuePayload<'webhooks'>[]> {
    const unread = (await this.reader.hasWork()) || (await this.replays.hasWork());
    const endpoints = await this.turns.owed();
    return [...(unread ? [READ_EVENTS] : []), ...endpoints].map((work) => ({ work }));
  }

  private async read(): Promise<void> {
    const end = performance.now() + READING_MS;
    const goesOn = (): boolean => !this.drain.signal.aborted && performance.now() < end;
    for (let more = true; more && goesOn();) {
      const group = await this.reader.readGroup();
      await this.wake(group.endpointIds);
      more = group.more;
    }
    for (let replayed: string | undefined = ''; replayed !== undefined && goesOn();) {
      replayed = await this.replays.step();
      if (replayed !== undefined) await this.wake([replayed]);
    }
  }

  private async wake(endpointIds: readonly string[]): Promise<void> {
    await this.wakeUps.wake(this.queue, ...endpointIds.map((work) => ({ work })));
  }
}
