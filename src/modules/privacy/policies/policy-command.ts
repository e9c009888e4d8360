import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Database } from '../../../platform/database/index.js';
import { ApiError } from '../../../platform/http/index.js';
import type { Policies } from '../../consent/index.js';
import { newPolicyBody } from './policies.schemas.js';

const usage = `Usage:
  postrider policy publish FILE.md… --revised 2026-11-22 [--version NAME] [--locale de]
  postrider policy list

Each file is the policy in one language: the one in its name (policy.de.md), else --locale, else English.
--revised: the day that the policy itself names. --version: a name of your own; a running number when left out.`;

/** The command cannot be carried out as it was typed. The command line knows it by its name. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * `postrider policy …`.
 * @param argv what follows `policy` on the command line
 * @returns the text to print
 * @throws {UsageError} with a message for the person at the terminal
 */
export async function policyCommand(
  { policies, db, publicUrl }: { policies: Policies; db: Database; publicUrl: string },
  argv: readonly string[],
): Promise<string> {
  const [action, ...rest] = argv;
  if (action === 'list') return list(policies, db);
  if (action !== 'publish')
    throw wrong(action === undefined ? 'say what to do' : `there is no "policy ${action}"`);
  const { version, revisedOn, body } = await read(rest);
  try {
    const policy = await db.work(({ trx }) => policies.publish(trx, { version, revisedOn, bodies: body }));
    return `Version ${policy.version} is published in ${policy.locales.join(', ')}: ${publicUrl}/privacy`;
  } catch (error) {
    if (error instanceof ApiError) throw new UsageError(error.message);
    throw error;
  }
}

async function list(policies: Policies, db: Database): Promise<string> {
  const all = await policies.all(db);
  if (all.length === 0) return 'No privacy policy is published.';
  return all
    .map(({ version, revisedOn, locales }) => `${version}  revised ${revisedOn}  ${locales.join(', ')}`)
    .join('\n');
}

async function read(argv: string[]) {
  const { values, positionals } = parse(argv);
  if (positionals.length === 0) throw wrong('say which file');
  if (values.revised === undefined) throw wrong('--revised is missing: the day that the policy names');
  const body: Record<string, string> = {};
  for (const file of positionals) {
    const locale = /\.([a-z]{2,3}(?:-[A-Za-z0-9]+)*)\.[a-z]+$/.exec(file)?.[1] ?? values.locale ?? 'en';
    if (Object.hasOwn(body, locale)) throw wrong(`${file} is a second file in "${locale}"`);
    body[locale] = await textOf(file);
  }
  const parsed = newPolicyBody.safeParse({ version: values.version, revisedOn: values.revised, body });
  if (parsed.success) return parsed.data;
  throw wrong(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw wrong(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function parse(args: string[]) {
  const option = { type: 'string' } as const;
  try {
    return parseArgs({
      args,
      options: { revised: option, version: option, locale: option },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw wrong((error as Error).message);
  }
}

function wrong(problem: string): UsageError {
  return new UsageError(`postrider policy: ${problem}\n\n${usage}`);
}
