/** `npm run bench -- SCENARIO [options]`: every speed claim is a command. */
interface Scenario {
  run(args: string[]): Promise<void>;
}

const scenarios: Record<string, () => Promise<Scenario>> = {
  blast: () => import('./blast.js'),
  scale: () => import('./scale.js'),
  latency: () => import('./latency.js'),
  million: () => import('./million.js'),
  freeze: shortMillion,
  counts: shortMillion,
  memory: () => import('./million.js'),
  mime: () => import('./mime.js'),
  sign: () => import('./sign.js'),
  courier: () => import('./courier.js'),
  ledger: () => import('./ledger.js'),
  bounces: () => import('./bounces.js'),
  understand: () => import('./understand.js'),
  hooks: () => import('./hooks.js'),
  import: () => import('./import.js'),
  suppressions: () => import('./suppressions.js'),
};

/** Freeze and counts need the start of a million only. */
async function shortMillion(): Promise<Scenario> {
  const { run } = await import('./million.js');
  return { run: (args) => run([...args, '--short']) };
}

const [name = 'blast', ...args] = process.argv.slice(2);
const scenario = scenarios[name];
if (!scenario) {
  process.stderr.write(`There is no scenario "${name}"; there are ${Object.keys(scenarios).join(', ')}\n`);
  process.exit(1);
}
await (await scenario()).run(args);
process.exit(0);
