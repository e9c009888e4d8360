import { join } from 'node:path';
import { buildSources, isBuilt } from './build.mjs';
import { runQuiet, runVisible } from './child.mjs';
import { areDependenciesInstalled, installDependencies } from './dependencies.mjs';
import { Failure, say } from './failure.mjs';
import { withLock } from './lock.mjs';
import { findNpm } from './npm.mjs';
import { environmentFor, fetchNode, suitableNode } from './node-runtime.mjs';
import { projectRoot } from './paths.mjs';

/** What `npm test` proves before the tests: package.json scripts, in this order. */
const CHECKS = ['lint', 'types', 'deps', 'knip', 'format:check'];

/**
 * Makes the project ready to run (Node, dependencies, build) and runs one command in it.
 * `build`, `check`, `script` and `test` are the launcher's own; every other command belongs to dist/main.js.
 *
 * @param {string[]} args the command and its arguments
 * @returns {Promise<number>} the exit code: the command's own, 128+n when signal n ended it, 1 when it could not be started
 */
export async function launch([command, ...args]) {
  try {
    const node = await prepare();
    switch (command) {
      case 'build':
        return 0;
      case 'check':
        return await runChecks(node);
      case 'script':
        return await runScript(node, args);
      case 'test':
        return (args.length === 0 && (await runChecks(node))) || (await runTests(node, args));
      default:
        return await runMain(node, command === undefined ? [] : [command, ...args]);
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(error.message);
    return error.exitCode;
  }
}

/** @returns {Promise<string>} the Node to run everything with */
async function prepare() {
  const ready = readyNode();
  if (ready) return ready;
  return withLock(join(projectRoot, '.runtime', 'launcher.lock'), async (lock) => {
    const node = suitableNode() ?? (await fetchNode(lock));
    if (!areDependenciesInstalled()) await installDependencies(node, lock);
    if (!isBuilt()) await buildSources(node, lock);
    return node;
  });
}

/** The usual case needs no lock and writes nothing, so that a read-only installation can run. */
function readyNode() {
  return areDependenciesInstalled() && isBuilt() ? suitableNode() : undefined;
}

/** Why: src/app/supervised-process.ts. */
const WORKER_FLAGS = ['--max-semi-space-size=64'];

function runMain(node, args) {
  const flags = args[0] === 'worker' ? WORKER_FLAGS : [];
  return runVisible(node, [...flags, join(projectRoot, 'dist', 'main.js'), ...args], {
    cwd: projectRoot,
    env: { ...environmentFor(node), POSTRIDER_LAUNCHED: '1', POSTRIDER_CWD: callersFolder() },
    supervised: true,
  });
}

/** The folder that relative file arguments refer to: npm changes into the project before it calls us. */
function callersFolder() {
  const calledByNpm = process.env.npm_package_json === join(projectRoot, 'package.json');
  return (calledByNpm && process.env.INIT_CWD) || process.cwd();
}

async function runChecks(node) {
  const npm = findNpm(node);
  say(`checking: ${CHECKS.join(', ')}`);
  for (const check of CHECKS) {
    const { exitCode, output } = await runQuiet(npm.command, [...npm.args, 'run', '--silent', check], {
      cwd: projectRoot,
      env: environmentFor(node),
    });
    if (exitCode !== 0) {
      process.stderr.write(output);
      say(`the check "${check}" failed; to repeat it alone: npm run ${check}`);
      return exitCode;
    }
  }
  return 0;
}

/** A TypeScript file of the project (a bench, pictures), which may import the sources. */
function runScript(node, args) {
  const loader = join(projectRoot, 'test', 'support', 'typescript.ts');
  return runVisible(node, ['--import', loader, ...args], { cwd: projectRoot, env: environmentFor(node) });
}

function runTests(node, args) {
  const jest = join(projectRoot, 'node_modules', 'jest', 'bin', 'jest.js');
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  return runVisible(node, [...flags, jest, ...args], { cwd: projectRoot, env: environmentFor(node) });
}
