import { isId } from '../../domain/index.js';
import { InboundRepository } from './inbound.repository.js';
import type { InboundView } from './inbound.types.js';

const USAGE = 'usage: postrider inbound list [--failed] | inbound replay ID | inbound replay --failed';

/** `inbound …`. @returns what to print @throws Error that says what is wrong with the arguments */
export async function inboundCommand(mails: InboundRepository, args: readonly string[]): Promise<string> {
  const [verb, what, ...rest] = args;
  if (rest.length > 0) throw new Error(USAGE);
  if (verb === 'list' && (what === undefined || what === '--failed')) {
    const found = await mails.list(what === undefined ? undefined : 'failed');
    return found.length === 0 ? 'There are none.' : found.map(line).join('\n');
  }
  if (verb === 'replay' && what === '--failed') return `${await mails.replay('failed')} to be handled again`;
  if (verb === 'replay' && what !== undefined) {
    if (!isId(what))
      throw new Error(`"${what}" is not the id of a received mail; \`inbound list\` shows them`);
    if ((await mails.replay({ id: what })) === 0)
      throw new Error(`There is no received mail ${what} (they are kept for 30 days)`);
    return '1 to be handled again';
  }
  throw new Error(USAGE);
}

function line({ id, receivedAt, route, state, tries, size, reason }: InboundView): string {
  const told = reason === null ? '' : `  ${reason}`;
  return `${id}  ${receivedAt.toISOString()}  ${route}  ${state}, ${tries} tries, ${size} octets${told}`;
}
