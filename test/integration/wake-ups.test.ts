import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '../../src/domain/index.js';
import { ListsModule } from '../../src/modules/lists/index.js';
import { TestApi } from '../support/api.js';
import { queueNames, type QueueName, type QueuePayload } from '../../src/platform/queue/queues.js';
import { WakeUps } from '../../src/platform/queue/index.js';

const id = newId();
/** One job of every queue, as it is woken. */
const payloads: { readonly [Q in QueueName]: QueuePayload<Q> } = {
  orders: { messageId: id },
  service: { messageId: id },
  signUps: { signUpId: id },
  links: { requestId: id },
  news: { campaignId: id, lane: 0 },
  campaigns: { campaignId: id },
  notices: { noticeId: id },
  webhooks: { work: 'events' },
  inbound: { lane: 0 },
  imports: { importId: id },
  mailEvents: { lane: 0 },
};
let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ modules: [ListsModule], controllers: [] });
});
afterAll(() => api.stop());

test.each(queueNames)('a wake-up of %s is a job, and the same again is the same one', async (name) => {
  const wakeUps = api.get(WakeUps);
  for (let times = 0; times < 2; times += 1) await wakeUps.wake(name, payloads[name]);
  const jobs = await wakeUps.queue(name).getJobs(['waiting']);
  expect(jobs.map((job) => job.data as unknown)).toEqual([payloads[name]]);
});
