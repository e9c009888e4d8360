import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Several processes load the same packages at every start; V8's code cache saves each of them a part of it.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/postrider', import.meta.url)));
await import('reflect-metadata');
const { runCommand } = await import('./app/commands.js');

/** Said in words, because the operator can do something about them; only what is ours shows its inside. */
const inWords = new Set(['ConfigError', 'UsageError', 'EmbeddedPostgresError', 'EarlyEnd']);

try {
  await runCommand(process.argv.slice(2));
  process.exit(process.exitCode ?? 0);
} catch (error) {
  const { name, message, stack } = error as Error;
  process.stderr.write(`${inWords.has(name) ? message : (stack ?? String(error))}\n`);
  process.exit(1);
}
