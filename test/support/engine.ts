import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { core } from '../../src/app/core.js';
import { newId, parseAddress, type DeliveryCounts } from '../../src/domain/index.js';
import {
  Batches,
  DeliveryEngineModule,
  Messages,
  NewsProcessor,
  OrdersProcessor,
  ServiceProcessor,
  type MessageRecipient,
} from '../../src/modules/delivery/index.js';
import { Lists, Senders } from '../../src/modules/lists/index.js';
import { People, Subscriptions, SubscribersModule } from '../../src/modules/subscribers/index.js';
import { Templates } from '../../src/modules/templates/index.js';
import { loadConfig } from '../../src/platform/config/index.js';
import { Database } from '../../src/platform/database/index.js';
import { testDatabase } from './database.js';

export interface EngineOptions {
  smtpUrl: string;
  connections?: number;
  redisUrl?: string;
  dataDir?: string;
  databaseUrl?: string;
  /** More of the environment, such as BOUNCE_DOMAIN. */
  environment?: Readonly<Record<string, string>>;
}

/** The delivery engine on a real database and queue, without HTTP. */
export class Engine {
  private constructor(
    readonly app: INestApplicationContext,
    readonly db: Database,
    readonly dataDir: string,
    readonly databaseUrl: string,
    private readonly cleanUp: () => Promise<void>,
  ) {}

  static async start(options: EngineOptions): Promise<Engine> {
    const database = options.databaseUrl === undefined ? await testDatabase() : undefined;
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'postrider-engine-')));
    const config = loadConfig(
      {
        DATA_DIR: dataDir,
        LOG_LEVEL: 'silent',
        PUBLIC_URL: 'http://127.0.0.1:3000',
        MAIL_FROM: 'Shop <news@shop.example>',
        SMTP_URL: options.smtpUrl,
        SMTP_CONNECTIONS: String(options.connections ?? 5),
        ...(options.redisUrl !== undefined && { REDIS_URL: options.redisUrl }),
        ...options.environment,
      },
      '/dev/null',
    );
    const databaseUrl = options.databaseUrl ?? database?.url ?? '';
    const app = await NestFactory.createApplicationContext(
      {
        module: class EngineUnderTest {},
        imports: [
          ...core({ config, databaseUrl, name: 'test' }, ['orders', 'service', 'news']),
          DeliveryEngineModule.forRelay(options.smtpUrl, ['orders', 'service', 'news']),
          SubscribersModule,
        ],
        providers: [OrdersProcessor, ServiceProcessor, NewsProcessor],
      },
      { logger: false, abortOnError: false },
    );
    const db = app.get(Database);
    await app.get(Senders, { strict: false }).ensureDefaults(config);
    return new Engine(app, db, dataDir, databaseUrl, async () => {
      await database?.drop();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    });
  }

  get messages(): Messages {
    return this.app.get(Messages, { strict: false });
  }

  get batches(): Batches {
    return this.app.get(Batches, { strict: false });
  }

  get subscriptions(): Subscriptions {
    return this.app.get(Subscriptions, { strict: false });
  }

  async person(email: string, name: string | null = null): Promise<MessageRecipient> {
    const parsed = parseAddress(email);
    if (!parsed.ok) throw new Error(email);
    const { address } = parsed;
    const person = await this.db.work(({ trx }) =>
      this.app.get(People, { strict: false }).upsert(trx, { address, name }),
    );
    return { personId: person.id, address, role: 'to', name };
  }

  /** Accepts one mail of plain text. */
  async send(email: string, stream: 'orders' | 'service' = 'orders', subject = 'Hello'): Promise<string> {
    const recipient = await this.person(email);
    const content = { subject, html: `<p>${subject}</p>`, text: subject };
    const { id } = await this.db.work((work) =>
      this.messages.accept(work, { stream, locale: 'en', content, recipients: [recipient], automatic: true }),
    );
    return id;
  }

  /** A list with so many confirmed people, `person-0@…` and on. */
  async audience(
    slug: string,
    size: number,
    domain = 'example.com',
  ): Promise<{ listId: string; addresses: string[] }> {
    const list = await this.db.work((work) =>
      this.app
        .get(Lists, { strict: false })
        .create(work, { slug, name: slug, optIn: 'double', visibility: 'public' }),
    );
    const addresses = Array.from({ length: size }, (_, index) => `${slug}-${index}@${domain}`);
    const people = addresses.map((address) => ({ id: newId(), canonical: address, address }));
    for (let start = 0; start < size; start += 1000) {
      const some = people.slice(start, start + 1000);
      await this.db
        .insertInto('people')
        .values(some.map((person) => ({ ...person, attributes: '{}' })))
        .execute();
      await this.db
        .insertInto('subscriptions')
        .values(
          some.map(({ id }) => ({
            id: newId(),
            person_id: id,
            list_id: list.id,
            status: 'confirmed' as const,
          })),
        )
        .execute();
    }
    return { listId: list.id, addresses };
  }

  /** Opens a batch for a list's whole audience and wakes the workers. */
  async blast(
    listId: string,
    content = 'Hello **{{ recipient.name | default: "there" }}**',
  ): Promise<string> {
    const templates = this.app.get(Templates, { strict: false });
    const id = newId();
    await this.db.work(async (work) => {
      const sender = await this.app.get(Senders, { strict: false }).first(work.trx);
      const revisionId = await templates.addRevision(work.trx, templates.news({ subject: 'News', content }));
      await this.batches.open(work, { id, senderId: sender?.id ?? '', revisionId, name: 'News' });
      await this.batches.fill(
        work.trx,
        id,
        listId,
        this.subscriptions.audience(work.trx, listId, null, 1_000_000),
      );
      await this.batches.complete(work, id);
    });
    return id;
  }

  async counts(batchId: string): Promise<DeliveryCounts> {
    const counts = (await this.batches.counts(this.db, [batchId])).get(batchId);
    if (!counts) throw new Error(`There are no counts for ${batchId}`);
    return counts;
  }

  async batchState(batchId: string): Promise<string | undefined> {
    return (await this.batches.view(this.db, [batchId])).get(batchId)?.state;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.cleanUp();
  }
}

/** Asks again until the answer is not undefined or false. */
export async function eventually<T>(
  look: () => Promise<T | undefined | false>,
  timeoutMs = 20_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`Nothing after ${timeoutMs} ms: ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
