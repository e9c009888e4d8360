import { Global, Module } from '@nestjs/common';
import { ConsentModule } from '../../src/modules/consent/index.js';
import { ListsModule, Lists, listsControllers } from '../../src/modules/lists/index.js';
import { OptInPagesModule, SignUps, optInControllers } from '../../src/modules/opt-in/index.js';
import { PrivacyModule, privacyControllers } from '../../src/modules/privacy/index.js';
import { SubscribersModule, subscribersControllers } from '../../src/modules/subscribers/index.js';
import {
  LIST_NAMES,
  SuppressionModule,
  suppressionControllers,
} from '../../src/modules/suppression/index.js';
import { UnsubscribePagesModule, unsubscribeControllers } from '../../src/modules/unsubscribe/index.js';
import { KeyRing } from '../../src/platform/crypto/index.js';
import { PagesModule } from '../../src/platform/pages/index.js';
import { TestApi, type TestApiOptions } from './api.js';

@Global()
@Module({
  imports: [ListsModule],
  providers: [{ provide: LIST_NAMES, useExisting: Lists }],
  exports: [LIST_NAMES],
})
class ListNamesModule {}

/** A mail as it waits for its worker. */
export interface WaitingMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  /** What fills its template. */
  readonly variables: {
    readonly confirmUrl?: string;
    readonly lists: { name: string; description: string | null }[];
    readonly recipient?: { name: string | null };
  };
}

export interface VisitedPage {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

/** Lists, subscribers, suppressions and the visitors' pages over HTTP. Nothing sends the mails: they wait in the database. Sign-ups wait for `settle`. */
export class PeopleApi {
  private constructor(readonly api: TestApi) {}

  /** @param more modules beside these */
  static async start(
    environment: Record<string, string> = {},
    more: Pick<TestApiOptions, 'modules' | 'controllers'> = { modules: [], controllers: [] },
  ): Promise<PeopleApi> {
    const api = await TestApi.start({
      modules: [
        PagesModule,
        ConsentModule,
        ListNamesModule,
        ListsModule,
        SubscribersModule,
        PrivacyModule,
        SuppressionModule,
        OptInPagesModule,
        UnsubscribePagesModule,
        ...more.modules,
      ],
      controllers: [
        ...listsControllers,
        ...subscribersControllers,
        ...privacyControllers,
        ...suppressionControllers,
        ...optInControllers,
        ...unsubscribeControllers,
        ...more.controllers,
      ],
      environment: { PUBLIC_URL: 'https://mail.shop.example', ...environment },
    });
    return new PeopleApi(api);
  }

  /** Makes a list of this slug, unless it says otherwise with double opt-in and public. */
  async list(slug: string, more: Record<string, unknown> = {}): Promise<string> {
    const { status, body } = await this.api.post('/v1/lists', { slug, name: `The ${slug}`, ...more });
    if (status !== 201) throw new Error(JSON.stringify(body));
    return body.id as string;
  }

  async visit(path: string, init: RequestInit = {}): Promise<VisitedPage> {
    const response = await fetch(`${this.api.url}${path}`, { redirect: 'manual', ...init });
    return { status: response.status, headers: response.headers, html: await response.text() };
  }

  /** Posts a form; `body` decides how it is encoded. */
  async submit(
    path: string,
    body: URLSearchParams | FormData,
    headers: Record<string, string> = {},
  ): Promise<VisitedPage> {
    return this.visit(path, { method: 'POST', body, headers });
  }

  /** Does what a worker does: the sign-ups that wait. */
  async settle(): Promise<void> {
    const waiting = await this.api.db
      .selectFrom('sign_ups')
      .select('id')
      .where('state', '=', 'waiting')
      .orderBy('id')
      .execute();
    await Promise.all(waiting.map(({ id }) => this.api.get(SignUps).work(id)));
  }

  /** The mails to this address, the oldest first, as soon as the sign-ups that wait are done. */
  async mailsTo(address: string): Promise<WaitingMail[]> {
    await this.settle();
    const rows = await this.api.db
      .selectFrom('messages')
      .innerJoin('deliveries', 'deliveries.message_id', 'messages.id')
      .select(['messages.id', 'messages.subject', 'messages.content', 'deliveries.address'])
      .where('deliveries.address', '=', address)
      .orderBy('deliveries.id')
      .execute();
    return rows.map(({ id, subject, content, address: to }) => {
      const { variables } = this.api
        .get(KeyRing)
        .unsealJson('content', content ?? Buffer.alloc(0)) as WaitingMail;
      return { id, to, subject: subject ?? '', variables };
    });
  }

  /** The path behind the button of the newest confirmation mail to this address. */
  async confirmPath(address: string): Promise<string> {
    const urls = (await this.mailsTo(address)).flatMap(({ variables }) => variables.confirmUrl ?? []);
    return new URL(urls.at(-1) ?? '').pathname;
  }

  /** Subscribes over the API and presses the button. @returns the ids of the subscriptions, in the order of the lists */
  async confirmed(
    email: string,
    lists: string[],
    more: Record<string, unknown> = {},
  ): Promise<{ personId: string; ids: string[] }> {
    const { body } = await this.api.post('/v1/subscriptions', { email, lists, consent, ...more });
    await this.visit(await this.confirmPath(email), { method: 'POST' });
    return { personId: body.subscriberId, ids: body.subscriptions.map(({ id }: { id: string }) => id) };
  }

  async events(personId: string): Promise<string[]> {
    const rows = await this.api.db
      .selectFrom('events')
      .select('type')
      .where('person_id', '=', personId)
      .where('type', 'like', 'subscriber.%')
      .orderBy('id')
      .execute();
    return rows.map(({ type }) => type);
  }

  async stop(): Promise<void> {
    await this.api.stop();
  }
}

export const consent = { text: 'Yes, send me news', source: 'https://shop.example/checkout' };
