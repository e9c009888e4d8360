import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, decodeKey, type Config } from '../config/index.js';

/**
 * SECRET_KEY, or the one that an earlier start made and kept in DATA_DIR (mode 0600). There is no default.
 * Several processes may start at once: the file appears under its name only when it is whole, and the first one wins.
 */
export function loadSecretKey(config: Config): KeyObject {
  return createSecretKey(fromEnvironment(config) ?? fromFile(config.dataDir));
}

function fromEnvironment(config: Config): Buffer | undefined {
  return config.env.SECRET_KEY === undefined ? undefined : decodeKey(config.env.SECRET_KEY);
}

function fromFile(dataDir: string): Buffer {
  const file = join(dataDir, 'secret.key');
  const existing = read(file);
  if (existing) return existing;
  mkdirSync(dataDir, { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  return fromFile(dataDir);
}

function read(file: string): Buffer | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ConfigError(`${file} cannot be read: ${(error as Error).message}`);
  }
  const key = decodeKey(text);
  if (!key)
    throw new ConfigError(`${file} is damaged: it must hold 64 hex digits. Restore it from a backup.`);
  return key;
}
