import { z } from 'zod';

/**
 * Every queue and what its jobs carry: ids, nothing else. A job is a wake-up; the worker re-reads the rows (promise 1),
 * so a job that is lost, doubled or late changes nothing.
 */
export const queues = {
  /** Order mail: a message has deliveries that are due. */
  orders: z.strictObject({ messageId: z.uuid() }),
  /** Mail that a person's own act asked for (confirmations), and mail of the transactional API. */
  service: z.strictObject({ messageId: z.uuid() }),
  /** Somebody asked for lists: look at the domain, note it, send the mail that asks to confirm. */
  signUps: z.strictObject({ signUpId: z.uuid() }),
  /** Somebody asked at /preferences for a link by mail: look the address up, send it. */
  links: z.strictObject({ requestId: z.uuid() }),
  /** A campaign has deliveries that are due. `lane` only spreads one campaign's jobs over workers. */
  news: z.strictObject({ campaignId: z.uuid(), lane: z.int().min(0) }),
  /** A campaign has something to do besides sending: start on time, freeze its audience, skip what is left, finish. */
  campaigns: z.strictObject({ campaignId: z.uuid() }),
  /** A notice to many people (a new privacy policy) has an audience to copy. */
  notices: z.strictObject({ noticeId: z.uuid() }),
  /** Webhooks: events to read, or one endpoint's messages to send. */
  webhooks: z.strictObject({ work: z.union([z.literal('events'), z.uuid()]) }),
  /** Received mails wait for the routes that they were sent to. `lane` only lets more than one worker take them. */
  inbound: z.strictObject({ lane: z.int().min(0) }),
  /** A file of people was stored and waits to be read. */
  imports: z.strictObject({ importId: z.uuid() }),
  /** Webhooks of mail providers wait. `lane` only lets more than one worker take them. */
  mailEvents: z.strictObject({ lane: z.int().min(0) }),
};

export type QueueName = keyof typeof queues;
export type QueuePayload<Q extends QueueName> = z.infer<(typeof queues)[Q]>;
export const queueNames = Object.keys(queues) as QueueName[];

/**
 * The same wake-up twice is one job while it waits. BullMQ refuses `:` and plain integers in a job's id, so each value stands behind
 * its name.
 */
export function jobId(payload: Record<string, string | number>): string {
  return Object.entries(payload)
    .map(([name, value]) => `${name}-${value}`)
    .join('_');
}
