import 'reflect-metadata';
import { runCommand } from './app/commands.js';
import { ConfigError } from './platform/config/index.js';

/** Errors of the operator's making are said in words; only ours show their inside. */
try {
  await runCommand(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  const expected = error instanceof ConfigError || (error as Error).name === 'UsageError';
  process.stderr.write(
    `${expected ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`,
  );
  process.exit(1);
}
