import { isId } from '../../domain/index.js';
import type { InboundRepository } from './inbound.repository.js';
import type { InboundView } from './inbound.types.js';

const usage = `Usage:
  postrider inbound list [--failed]
  postrider inbound replay ID
  postrider inbound replay --failed`;

/** The command cannot be carried out as it was typed; the message says what is wrong with it. The command line knows it by its name. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * `postrider inbound …`.
 * @param argv what follows `inbound` on the command line
 * @returns the text to print
 * @throws {UsageError} with a message for the person at the terminal
 */
export async function inboundCommand(mails: InboundRepository, argv: readonly string[]): Promise<string> {
  const [action, what, ...more] = argv;
  if (more.length > 0) throw wrong(`"${more.join(' ')}" is too much`);
  if (action === 'list') return list(mails, what);
  if (action === 'replay') return replay(mails, what);
  throw wrong(action === undefined ? 'say what to do with received mail' : `there is no "inbound ${action}"`);
}

async function list(mails: InboundRepository, what: string | undefined): Promise<string> {
  if (what !== undefined && what !== '--failed') throw wrong(`there is no "inbound list ${what}"`);
  const found = await mails.list(what === undefined ? undefined : 'failed');
  return found.length === 0 ? 'There is no such mail.' : found.map(line).join('\n');
}

async function replay(mails: InboundRepository, what: string | undefined): Promise<string> {
  if (what === '--failed') return `Mails that are handled again: ${await mails.replay('failed')}`;
  if (what === undefined || !isId(what)) throw wrong('say which mail: its id, as `inbound list` shows it');
  if ((await mails.replay({ id: what })) === 0)
    throw wrong(`there is no received mail ${what}; they are kept for 30 days`);
  return 'It is handled again.';
}

function line({ id, receivedAt, route, state, tries, size, reason }: InboundView): string {
  const told = reason === null ? '' : `  ${reason}`;
  return `${id}  ${receivedAt.toISOString()}  ${route}  ${state}  ${tries} tries  ${size} octets${told}`;
}

function wrong(problem: string): UsageError {
  return new UsageError(`${problem}\n\n${usage}`);
}
