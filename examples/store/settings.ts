import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface Settings {
  readonly postriderUrl: string;
  readonly apiKey: string;
  readonly port: number;
}

/** Where Postrider is, and a key for it: your own, or the one that its first start put into its data folder. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const project = resolve(import.meta.dirname, '../..');
  const keyFile = join(resolve(project, env['DATA_DIR'] ?? 'data'), 'quickstart.key');
  return {
    postriderUrl: env['POSTRIDER_URL'] ?? 'http://127.0.0.1:3000',
    apiKey: env['POSTRIDER_API_KEY'] ?? readKey(keyFile),
    port: Number(env['STORE_PORT'] ?? 4000),
  };
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new Error(
      `There is no key in ${file}: start Postrider first (npm start), or set POSTRIDER_API_KEY.`,
    );
  }
}
