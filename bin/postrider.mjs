#!/usr/bin/env node
// Old syntax only, and everything else behind import(): any Node that knows ES modules can read this file,
// so an old one gets a sentence instead of a syntax error.
const version = process.versions.node;
const [major, minor] = version.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`postrider: Node ${version} is too old: install Node 24 (or at least 20.19).\n`);
  process.exitCode = 1;
} else {
  void import('./lib/launch.mjs')
    .then(({ launch }) => launch(process.argv.slice(2)))
    .then((exitCode) => {
      process.exitCode = exitCode;
    });
}
