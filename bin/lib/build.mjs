import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { excerpt, runQuiet } from './child.mjs';
import { Failure, say } from './failure.mjs';
import { environmentFor } from './node-runtime.mjs';
import { projectRoot } from './paths.mjs';

const CONFIGURATION = ['.swcrc', 'nest-cli.json', 'package.json', 'tsconfig.json'];
const STAMP = '.postrider-built';

const dist = join(projectRoot, 'dist');

export function isBuilt() {
  const stamp = join(dist, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sourcesHash();
}

/**
 * Compiles src/ into a folder beside dist/ (source maps hold paths relative to it) and swaps the two when it is
 * complete, so that neither an interrupted nor a failed build takes the place of one that works.
 *
 * @param {string} node
 * @param {{ include(pid: number): void }} lock
 */
export async function buildSources(node, lock) {
  say('building (nest build)');
  const hash = sourcesHash();
  const unfinished = join(projectRoot, 'dist.new');
  const previous = join(projectRoot, 'dist.old');
  const { exitCode, output } = await runQuiet(
    node,
    [
      join(projectRoot, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js'),
      'build',
      '--path',
      buildConfiguration(unfinished),
    ],
    { cwd: projectRoot, env: environmentFor(node), lock },
  );
  if (exitCode !== 0 || !existsSync(join(unfinished, 'main.js'))) {
    throw new Failure(`building (nest build) failed:\n${excerpt(output)}`);
  }
  writeFileSync(join(unfinished, STAMP), hash);
  rmSync(previous, { recursive: true, force: true });
  if (existsSync(dist)) renameSync(dist, previous);
  renameSync(unfinished, dist);
  rmSync(previous, { recursive: true, force: true });
}

/** The Nest CLI takes its output folder from a tsconfig file only, and that file's path only relative to the project. */
function buildConfiguration(outDir) {
  const file = join('.runtime', 'tsconfig.build.json');
  writeFileSync(
    join(projectRoot, file),
    JSON.stringify({ extends: '../tsconfig.json', compilerOptions: { outDir } }),
  );
  return file;
}

/** By content, not by time: a checkout or a copy changes times and would cost a build. */
function sourcesHash() {
  const hash = createHash('sha256');
  const sources = readdirSync(join(projectRoot, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of [...CONFIGURATION.map((name) => join(projectRoot, name)), ...sources]) {
    const content = readFileSync(file);
    hash.update(`${file.slice(projectRoot.length)} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}
