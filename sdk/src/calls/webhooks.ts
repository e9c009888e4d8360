import type { CallOptions, Client } from '../client.js';
import type {
  NewWebhookEndpoint,
  WebhookAttemptPage,
  WebhookEndpoint,
  WebhookEndpointChange,
  WebhookEndpointDetail,
  WebhookEndpointPage,
  WebhookEndpointWithSecret,
  WebhookQueued,
  WebhookReplay,
  WebhookReplayQueued,
} from '../openapi.js';
import { verifyWebhook } from '../verify-webhook.js';
import type { PageQuery } from './page-query.js';

export class Webhooks {
  /** Checks and reads what was posted to your endpoint: see verifyWebhook. */
  readonly verify = verifyWebhook;

  constructor(private readonly client: Client) {}

  /** The answer has the secret, this once. */
  create(endpoint: NewWebhookEndpoint, options?: CallOptions): Promise<WebhookEndpointWithSecret> {
    return this.client.call({ method: 'POST', path: ['v1', 'webhook-endpoints'], body: endpoint }, options);
  }

  list(query: PageQuery = {}, options?: CallOptions): Promise<WebhookEndpointPage> {
    return this.client.call(
      { method: 'GET', path: ['v1', 'webhook-endpoints'], query: { ...query } },
      options,
    );
  }

  get(id: string, options?: CallOptions): Promise<WebhookEndpointDetail> {
    return this.client.call({ method: 'GET', path: ['v1', 'webhook-endpoints', id] }, options);
  }

  update(id: string, change: WebhookEndpointChange, options?: CallOptions): Promise<WebhookEndpoint> {
    return this.client.call(
      { method: 'PATCH', path: ['v1', 'webhook-endpoints', id], body: change },
      options,
    );
  }

  remove(id: string, options?: CallOptions): Promise<void> {
    return this.client.call({ method: 'DELETE', path: ['v1', 'webhook-endpoints', id] }, options);
  }

  /** A new secret. It is asked for once: a second one would make the secret that you still have invalid. */
  rotateSecret(id: string, options?: CallOptions): Promise<WebhookEndpointWithSecret> {
    return this.post(id, ['rotate-secret'], options, { once: true });
  }

  /** Sends a `test.ping`. */
  test(id: string, options?: CallOptions): Promise<WebhookQueued> {
    return this.post(id, ['test'], options);
  }

  attempts(
    id: string,
    query: PageQuery & { readonly delivered?: boolean } = {},
    options?: CallOptions,
  ): Promise<WebhookAttemptPage> {
    return this.client.call(
      { method: 'GET', path: ['v1', 'webhook-endpoints', id, 'attempts'], query: { ...query } },
      options,
    );
  }

  /** Events of the last 30 days once more. */
  replay(id: string, replay: WebhookReplay, options?: CallOptions): Promise<WebhookReplayQueued> {
    return this.post(id, ['replay'], options, { body: replay });
  }

  replayAttempt(id: string, attemptId: string, options?: CallOptions): Promise<WebhookQueued> {
    return this.post(id, ['attempts', attemptId, 'replay'], options);
  }

  private post<T>(
    id: string,
    act: readonly string[],
    options?: CallOptions,
    how: { readonly body?: unknown; readonly once?: boolean } = {},
  ): Promise<T> {
    return this.client.call(
      { method: 'POST', path: ['v1', 'webhook-endpoints', id, ...act], ...how },
      options,
    );
  }
}
