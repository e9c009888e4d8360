import { cpus, totalmem } from 'node:os';
import type pg from 'pg';

/** The machine and the settings that a number depends on, in one line each. */
export async function describeMachine(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query(
    `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
            current_setting('synchronous_commit') AS commit`,
  );
  const [{ version, fsync, commit }] = rows;
  return [
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`,
    `PostgreSQL ${version}, fsync = ${fsync}, synchronous_commit = ${commit}`,
  ];
}
