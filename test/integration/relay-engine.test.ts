import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { scripted } from '../support/couriers.js';
import { testDatabase } from '../support/database.js';
import { core } from '../../src/app/core.js';
import { loadConfig } from '../../src/platform/config/index.js';
import { Quotas } from '../../src/modules/delivery/quotas/quotas.js';
import { RelayEngineModule } from '../../src/modules/delivery/relays/relay-engine.module.js';
import { RelayPool } from '../../src/modules/delivery/relays/relay-pool.js';
import { Relays } from '../../src/modules/delivery/relays/relays.service.js';

test('a worker process knows the relay of its environment from the beginning, and leaves no lease behind', async () => {
  const relay = await scripted();
  const database = await testDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'postrider-relays-'));
  const config = loadConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent', SMTP_CONNECTIONS: '3' }, '/dev/null');
  const app = await NestFactory.createApplicationContext(
    {
      module: class WorkerUnderTest {},
      imports: [
        ...core({ config, databaseUrl: database.url, name: 'test' }, []),
        RelayEngineModule.forWorker(relay.url, ['orders', 'service']),
      ],
    },
    { logger: false, abortOnError: false },
  );
  try {
    const { use } = app.get(RelayPool, { strict: false }).choose('orders');
    expect([use?.name, use?.slots('orders')]).toEqual(['default', 3]);
    expect(app.get(Quotas, { strict: false }).relayPace('default')).toBeUndefined();
    expect((await app.get(Relays, { strict: false }).known('default')).url).toBe(relay.url);
    expect(await database.db.selectFrom('connection_leases').selectAll().execute()).toHaveLength(1);
  } finally {
    await app.close();
  }
  expect(await database.db.selectFrom('connection_leases').selectAll().execute()).toEqual([]);
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});
