/** `npm run bench -- SCENARIO [options]`: every speed claim is a command. */
const scenarios: Record<string, () => Promise<{ run(args: string[]): Promise<void> }>> = {
  blast: () => import('./blast.js'),
  scale: () => import('./scale.js'),
  latency: () => import('./latency.js'),
  million: () => import('./million.js'),
  mime: () => import('./mime.js'),
  sign: () => import('./sign.js'),
  courier: () => import('./courier.js'),
};

const [name = 'blast', ...args] = process.argv.slice(2);
const scenario = scenarios[name];
if (!scenario) {
  process.stderr.write(`There is no scenario "${name}"; there are ${Object.keys(scenarios).join(', ')}\n`);
  process.exit(1);
}
await (await scenario()).run(args);
process.exit(0);
