import { isId } from '../../../domain/index.js';
import type { RequestView } from './provider-request.js';
import type { ProviderRequestsRepository } from './provider-requests.repository.js';

const LISTED = 100;
const usage = `Usage:
  postrider mail-events list [--failed]
  postrider mail-events replay ID
  postrider mail-events replay --failed`;

/** The command cannot be carried out as it was typed; the message says what is wrong with it. The command line knows it by its name. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * `postrider mail-events …`.
 * @param argv what follows `mail-events` on the command line
 * @returns the text to print
 * @throws {UsageError} with a message for the person at the terminal
 */
export async function mailEventsCommand(
  requests: ProviderRequestsRepository,
  argv: readonly string[],
): Promise<string> {
  const [action, what, ...more] = argv;
  if (more.length > 0) throw wrong(`"${more.join(' ')}" is too much`);
  if (action === 'list') return list(requests, what);
  if (action === 'replay') return replay(requests, what);
  throw wrong(action === undefined ? 'say what to do with webhooks' : `there is no "mail-events ${action}"`);
}

async function list(requests: ProviderRequestsRepository, what: string | undefined): Promise<string> {
  if (what !== undefined && what !== '--failed') throw wrong(`there is no "mail-events list ${what}"`);
  const found = await requests.list({ limit: LISTED, ...(what !== undefined && { state: 'failed' }) });
  return found.length === 0 ? 'There is no such webhook.' : found.map(line).join('\n');
}

async function replay(requests: ProviderRequestsRepository, what: string | undefined): Promise<string> {
  if (what === '--failed') return `Webhooks that are read again: ${await requests.replay('failed')}`;
  if (what === undefined || !isId(what))
    throw wrong('say which webhook: its id, as `mail-events list` shows it');
  if ((await requests.replay({ id: what })) === 0)
    throw wrong(`there is no webhook ${what}; they are kept for 30 days`);
  return 'It is read again.';
}

function line({ id, receivedAt, provider, state, tries, octets, note }: RequestView): string {
  const told = note === null ? '' : `  ${note}`;
  return `${id}  ${receivedAt.toISOString()}  ${provider}  ${state}  ${tries} tries  ${octets} octets${told}`;
}

function wrong(problem: string): UsageError {
  return new UsageError(`${problem}\n\n${usage}`);
}
