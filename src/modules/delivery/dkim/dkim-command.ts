import { parseAddress } from '../../../domain/index.js';
import type { DkimKey, DkimKeys } from './dkim-keys.service.js';

const usage = `Usage:
  postrider dkim create DOMAIN
  postrider dkim list [DOMAIN]
  postrider dkim retire SELECTOR

DOMAIN is what stands behind the @ of the sender's address.`;

/** The command cannot be carried out as it was typed; the message says what is wrong with it. The command line knows it by its name. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * `postrider dkim …`.
 * @param argv what follows `dkim` on the command line
 * @returns the text to print
 * @throws {UsageError} with a message for the person at the terminal
 */
export async function dkimCommand(keys: DkimKeys, argv: readonly string[]): Promise<string> {
  const [action, ...args] = argv;
  if (action === 'create') return create(keys, domainOf(one(args, 'say for which domain')));
  if (action === 'list')
    return list(keys, args.length === 0 ? undefined : domainOf(one(args, 'say which domain')));
  if (action === 'retire') return retire(keys, one(args, 'say which key: its selector'));
  throw wrong(action === undefined ? 'say what to do with DKIM keys' : `there is no "dkim ${action}"`);
}

async function create(keys: DkimKeys, domain: string): Promise<string> {
  const older = (await keys.list(domain)).filter((key) => key.retiredAt === null);
  const records = (await keys.create(domain)).map(recordOf).join('\n\n');
  const next =
    older.length === 0
      ? `Mail from ${domain} is signed with them from now on; receivers can check it once DNS shows the records.`
      : `The keys before go on signing until DNS shows these records. Then retire them:\n${older
          .map(({ selector }) => `  postrider dkim retire ${selector}`)
          .join('\n')}`;
  return `Publish these TXT records:\n\n${records}\n\n${next}`;
}

async function list(keys: DkimKeys, domain: string | undefined): Promise<string> {
  const all = await keys.list(domain);
  if (all.length === 0)
    return `There are no DKIM keys${domain === undefined ? '' : ` for ${domain}`}. Make them: postrider dkim create DOMAIN`;
  const lines: string[] = [];
  const replaced = new Set<string>();
  for (const key of all) {
    const kind = `${key.domain} ${key.algorithm}`;
    const signs = await doesSign(keys, key);
    lines.push(
      `${key.domain}  ${key.selector}  made ${day(key.createdAt)}  ${stateOf(key, signs, replaced.has(kind))}`,
    );
    if (key.record) lines.push(`${recordOf(key)}\n`);
    if (signs) replaced.add(kind);
  }
  return lines.join('\n').trimEnd();
}

function stateOf({ retiredAt }: DkimKey, signs: boolean, isReplaced: boolean): string {
  if (retiredAt !== null) return `retired ${day(retiredAt)}`;
  if (signs) return 'signs';
  return isReplaced ? 'may be retired: a newer key signs' : 'waits until DNS shows its record';
}

async function retire(keys: DkimKeys, selector: string): Promise<string> {
  const key = await keys.retire(selector);
  if (!key) throw new UsageError(`No active DKIM key has the selector ${selector}. See: postrider dkim list`);
  return `Retired ${key.selector} of ${key.domain}. Leave its DNS record for a week: mail on its way still needs it.`;
}

async function doesSign(keys: DkimKeys, { domain, selector }: DkimKey): Promise<boolean> {
  return (await keys.signersFor(domain)).some((signer) => signer.selector === selector);
}

/** As a zone file has it; a form for one value takes the text without quotation marks and the spaces between them. */
function recordOf({ record }: DkimKey): string {
  if (record === null) return '';
  return `${record.name}. IN TXT (\n${record.strings.map((text) => `  "${text}"`).join('\n')} )`;
}

function one(args: readonly string[], missing: string): string {
  const [value, more] = args;
  if (value === undefined) throw wrong(missing);
  if (more !== undefined) throw wrong(`"${more}" is too much`);
  return value;
}

function domainOf(value: string): string {
  const parsed = parseAddress(`x@${value}`);
  if (!parsed.ok) throw wrong(`"${value}" is not a domain`);
  return parsed.address.domain;
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}

function wrong(problem: string): UsageError {
  return new UsageError(`postrider dkim: ${problem}\n\n${usage}`);
}
