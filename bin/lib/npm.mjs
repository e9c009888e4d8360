import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { Failure } from './failure.mjs';

const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b/;

/** For every installation: quiet, and an unreachable registry is given up after 10 s instead of npm's 80. */
export const INSTALL_FLAGS = [
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
  '--fetch-retries=3',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=5000',
];

/**
 * How to call npm under the given Node: `spawn(command, [...args, 'ci'])`.
 * npm's own script is preferred, because a wrapper in PATH may choose a Node of its own.
 */
export function findNpm(node) {
  const fromNpm = process.env.npm_execpath ?? '';
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const inPath = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'npm'))
    .filter(isExecutable)
    .map((file) => realpathSync(file));
  const script = [fromNpm, ...inPath, beside].find((file) => isNpmScript(file) && existsSync(file));
  if (script) return { command: node, args: [script] };
  if (inPath[0]) return { command: inPath[0], args: [] };
  throw new Failure(
    'npm was not found in PATH: install it (it comes with Node from nodejs.org) and start again',
  );
}

/** A sentence to put before npm's own output when it failed because of the network, else nothing. */
export function explainNpm(output) {
  return UNREACHABLE.test(output)
    ? 'the npm registry is out of reach: check the network, the proxy and `npm config get registry`.\n'
    : '';
}

function isNpmScript(file) {
  return basename(file) === 'npm-cli.js';
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
