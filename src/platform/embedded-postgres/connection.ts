import { Client, DatabaseError } from 'pg';
import { NAME } from './cluster.js';
import { EmbeddedPostgresError, explainFailure } from './failure.js';

/** What a server says to a connection with our password. */
export type Answer = 'ready' | 'starting' | 'stopping' | 'silent' | 'refuses us';

/** Connects to the database `postrider`, and makes it where it is missing. */
export async function ask(port: number, password: string): Promise<Answer> {
  try {
    await withClient(NAME, port, password, (client) => client.query('SELECT 1'));
    return 'ready';
  } catch (error) {
    if (!(error instanceof DatabaseError)) return 'silent';
    switch (error.code) {
      case '3D000': // invalid_catalog_name
        await createDatabase(port, password);
        return 'ready';
      case '57P03': // cannot_connect_now
        return error.message.includes('shutting down') ? 'stopping' : 'starting';
      case '53300': // too_many_connections: those of a process that was killed are about to end
        return 'starting';
      case '28P01': // invalid_password
      case '28000': // invalid_authorization_specification
        return 'refuses us';
      default:
        throw new EmbeddedPostgresError(`PostgreSQL on port ${port} takes no connection: ${error.message}`);
    }
  }
}

async function createDatabase(port: number, password: string): Promise<void> {
  try {
    await withClient('postgres', port, password, (client) => client.query(`CREATE DATABASE ${NAME}`));
  } catch (error) {
    throw explainFailure(`Making the database ${NAME} failed`, String(error));
  }
}

export function urlOf(port: number, password: string): string {
  return `postgres://${NAME}:${password}@127.0.0.1:${port}/${NAME}`;
}

async function withClient<T>(
  database: string,
  port: number,
  password: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: NAME,
    password,
    database,
    connectionTimeoutMillis: 5000,
  });
  // Without a listener a connection that the server closes would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
