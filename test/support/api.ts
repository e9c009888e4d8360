import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { core } from '../../src/app/core.js';
import { AccessModule, ApiKeys } from '../../src/modules/access/index.js';
import { Senders } from '../../src/modules/lists/index.js';
import { loadConfig } from '../../src/platform/config/index.js';
import { Database } from '../../src/platform/database/index.js';
import { createHttpApp, HttpModule, scopes } from '../../src/platform/http/index.js';
import { testDatabase } from './database.js';

export interface TestAnswer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- what an answer holds is what a test is there to find out
  readonly body: any;
}

export interface TestApiOptions {
  modules: Type[];
  controllers: Type[];
  environment?: Record<string, string>;
}

/** Some modules behind real HTTP, on a real database and queue; nothing works on the queues. */
export class TestApi {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly apiKey: string,
    /** For a worker that shares the keys and the database. */
    readonly shared: { readonly databaseUrl: string; readonly dataDir: string },
    private readonly cleanUp: () => Promise<void>,
  ) {}

  static async start({ modules, controllers, environment = {} }: TestApiOptions): Promise<TestApi> {
    const database = await testDatabase();
    const dataDir = await mkdtemp(join(tmpdir(), 'postrider-api-'));
    const config = loadConfig(
      { DATA_DIR: dataDir, LOG_LEVEL: 'silent', MAIL_FROM: 'Shop <news@shop.example>', ...environment },
      '/dev/null',
    );
    const app = await createHttpApp(
      {
        module: class ApiUnderTest {},
        imports: [
          ...core({ config, databaseUrl: database.url, name: 'test' }, []),
          HttpModule,
          AccessModule,
          ...modules,
        ],
        controllers,
      },
      config,
    );
    app.useLogger(false);
    await app.listen(0, '127.0.0.1');
    await app.get(Senders, { strict: false }).ensureDefaults(config);
    const { secret } = await app
      .get(Database)
      .work((work) =>
        app.get(ApiKeys, { strict: false }).create(work, { name: 'test', scopes }, 'command line'),
      );
    return new TestApi(app, await app.getUrl(), secret, { databaseUrl: database.url, dataDir }, async () => {
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    });
  }

  get db(): Database {
    return this.app.get(Database);
  }

  get<T>(type: Type<T>): T {
    return this.app.get(type, { strict: false });
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<TestAnswer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.apiKey}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  async post(path: string, body?: unknown, headers?: Record<string, string>): Promise<TestAnswer> {
    return this.call('POST', path, body, headers);
  }

  async read(path: string): Promise<TestAnswer> {
    return this.call('GET', path);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.cleanUp();
  }
}
