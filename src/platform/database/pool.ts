import pg from 'pg';

/** Where errors of connections go that no statement is waiting on. Without a listener a restart of the database would end the process. */
type LogError = (error: Error) => void;

const typeParsers = new Map<number, (value: string) => unknown>([
  // Ids and counts stay far below 2^53; pg would hand them out as strings.
  [pg.types.builtins.INT8, (value) => Number(value)],
  // A date is a day, not a moment: keep `YYYY-MM-DD`.
  [pg.types.builtins.DATE, (value) => value],
]);

/** A database that does not let us in within this time does not answer. */
const CONNECT_MS = 5_000;
/**
 * A request waits this long for a connection before it answers 503. Longer than for the database itself: after a restart of the API on
 * a busy machine fifty calls came at once, the first ones compiled templates, and the others were told that the database is down.
 */
const WAIT_MS = 15_000;

class Client extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super({ ...config, connectionTimeoutMillis: CONNECT_MS });
  }
}

export interface PoolOptions {
  url: string;
  /** The most connections this process opens. */
  max: number;
  /** Shown in pg_stat_activity. */
  name: string;
  searchPath?: string;
  onError: LogError;
}

export function createPool({ url, max, name, searchPath, onError }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: name,
    keepAlive: true,
    Client,
    connectionTimeoutMillis: WAIT_MS,
    ...(searchPath && { options: `-c search_path=${searchPath}` }),
    types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
  });
  pool.on('error', onError);
  // The pool listens to idle connections only. One that is lost between two statements of a transaction would end the process
  // (seen when PostgreSQL is killed in a blast: "terminating connection due to unexpected postmaster exit").
  pool.on('connect', (client) => client.on('error', onError));
  return pool;
}

function typeParser(oid: Parameters<typeof pg.types.getTypeParser>[0], format?: 'text' | 'binary'): unknown {
  return (format !== 'binary' && typeParsers.get(oid)) || pg.types.getTypeParser(oid, format);
}
