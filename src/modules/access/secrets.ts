import { createHash, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `pr_` and 32 random bytes: nobody guesses it, so a plain SHA-256 is hash enough and costs microseconds per request. */
export function newSecret(): string {
  return `pr_${randomBytes(32).toString('base64url')}`;
}

export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** What may be shown of a secret so that people can tell their keys apart; at most a third of a short one. */
export function prefixOf(secret: string): string {
  return secret.slice(0, Math.min(11, Math.ceil(secret.length / 3)));
}

/**
 * The secret in `<dataDir>/quickstart.key` (mode 0600), made by the first process that asks. The file appears under its name only
 * when it is whole, so processes that start together agree on one.
 * @throws when the file holds something else
 */
export function quickstartSecret(dataDir: string): { file: string; secret: string } {
  const file = join(dataDir, 'quickstart.key');
  const existing = read(file);
  if (existing !== undefined) return { file, secret: existing };
  mkdirSync(dataDir, { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${newSecret()}\n`, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  return quickstartSecret(dataDir);
}

function read(file: string): string | undefined {
  try {
    const secret = readFileSync(file, 'utf8').trim();
    if (/^pr_\S{32,}$/.test(secret)) return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  throw new Error(`${file} does not hold an API key. Delete it; the next start makes a new one.`);
}
