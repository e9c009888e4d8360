import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { excerpt, runQuiet } from './child.mjs';
import { Failure, say } from './failure.mjs';
import { environmentFor } from './node-runtime.mjs';
import { explainNpm, findNpm, INSTALL_FLAGS } from './npm.mjs';
import { projectRoot } from './paths.mjs';

/** Lies inside node_modules, which `npm ci` removes first: an interrupted installation has none. */
const stamp = join(projectRoot, 'node_modules', '.postrider-installed');

export function areDependenciesInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted();
}

/**
 * @param {string} node the Node to run npm under: under an older one npm silently chooses older packages
 * @param {{ include(pid: number): void }} lock
 */
export async function installDependencies(node, lock) {
  say('installing dependencies (npm ci)');
  const npm = findNpm(node);
  // The build needs the development dependencies, also where NODE_ENV=production makes npm leave them out.
  const args = ['ci', '--include=dev', '--include=optional', '--prefer-offline', ...INSTALL_FLAGS];
  const { exitCode, output } = await runQuiet(npm.command, [...npm.args, ...args], {
    cwd: projectRoot,
    env: environmentFor(node),
    lock,
  });
  if (exitCode !== 0) {
    throw new Failure(`installing dependencies (npm ci) failed: ${explainNpm(output)}\n${excerpt(output)}`);
  }
  writeFileSync(stamp, wanted());
}

/** The platform counts too: a folder may be shared between machines, and packages carry binaries. */
function wanted() {
  const lockfile = readFileSync(join(projectRoot, 'package-lock.json'));
  return `${createHash('sha256').update(lockfile).digest('hex')} ${process.platform}-${process.arch}\n`;
}
