import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApi } from '../../src/app/api.js';
import type { ProcessOptions } from '../../src/app/core.js';
import { startWorker } from '../../src/app/worker.js';
import { loadConfig } from '../../src/platform/config/index.js';
import { Database } from '../../src/platform/database/index.js';
import { queueNames } from '../../src/platform/queue/index.js';
import type { TestAnswer } from './api.js';
import { testDatabase } from './database.js';
import { DnsServer } from './dns.js';
import { Sink } from './sink.js';

const API_KEY = 'pr_install_test_key';

/** All of Postrider as it runs, in this process: the API over HTTP, one worker on every queue, an SMTP server that keeps its mail. */
export class Install {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly sink: Sink,
    /** For another process of the same install. */
    readonly options: ProcessOptions,
    private readonly cleanUp: () => Promise<void>,
  ) {}

  static async start(environment: Record<string, string> = {}): Promise<Install> {
    const database = await testDatabase();
    const sink = await Sink.start();
    const dns = await DnsServer.start({ 'example.com': { mx: ['10 mx.example.com'] } });
    const dataDir = await mkdtemp(join(tmpdir(), 'postrider-install-'));
    const config = loadConfig(
      {
        DATA_DIR: dataDir,
        LOG_LEVEL: 'silent',
        PORT: '0',
        PUBLIC_URL: 'http://127.0.0.1:3000',
        MAIL_FROM: 'Shop <news@shop.example>',
        SMTP_URL: sink.url,
        DNS_SERVERS: dns.server,
        BOOTSTRAP_API_KEY: API_KEY,
        ...environment,
      },
      '/dev/null',
    );
    const options = { config, databaseUrl: database.url, name: 'test' };
    const app = await createApi(options);
    app.useLogger(false);
    await app.listen(0, '127.0.0.1');
    const worker = await startWorker({ ...options, name: 'test worker' }, queueNames, sink.url);
    return new Install(app, await app.getUrl(), sink, options, async () => {
      await worker.close();
      await app.close();
      await Promise.all([sink.stop(), dns.stop()]);
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
        Authorization: `Bearer ${API_KEY}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Calls and expects a 2xx. @returns the body */
  async done(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
    const answer = await this.call(method, path, body, headers);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer.body;
  }

  /** Subscribes over the API and presses the button in the mail. @returns the id of the person */
  async subscribed(
    email: string,
    lists: readonly string[],
    more: Record<string, unknown> = {},
  ): Promise<string> {
    const before = this.sink.to(email).length;
    await this.done('POST', '/v1/subscriptions', {
      email,
      lists,
      consent: { text: 'Yes, send me news', source: 'https://shop.example/checkout' },
      ...more,
    });
    const raw = await this.sink.until(() => this.sink.to(email)[before]?.raw.toString('utf8'));
    const path = /\/confirm\/[\w-]+/.exec(raw.replaceAll('=\r\n', ''))?.[0];
    if (path === undefined) throw new Error(`No link to confirm in ${raw}`);
    await fetch(`${this.url}${path}`, { method: 'POST' });
    const { body } = await this.call('POST', '/v1/subscribers/search', { email });
    return body.data[0].id as string;
  }

  async stop(): Promise<void> {
    await this.cleanUp();
  }
}
