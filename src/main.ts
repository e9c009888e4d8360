import 'reflect-metadata';
import { runCommand } from './app/commands.js';

/** Said in words, because the operator can do something about them; only what is ours shows its inside. */
const inWords = new Set(['ConfigError', 'UsageError', 'EmbeddedPostgresError', 'EarlyEnd']);

try {
  await runCommand(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  const { name, message, stack } = error as Error;
  process.stderr.write(`${inWords.has(name) ? message : (stack ?? String(error))}\n`);
  process.exit(1);
}
