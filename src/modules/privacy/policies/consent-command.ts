import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { isId, parseAddress } from '../../../domain/index.js';
import type { Executor } from '../../../platform/database/index.js';
import type { LedgerCheck, LedgerHead } from '../../consent/index.js';
import type { People, Person } from '../../subscribers/index.js';
import type { ConsentProofPages } from './consent-proof-pages.js';
import { toConsentProofView } from './consent-proof.schemas.js';

const usage = `Usage:
  postrider consent verify [--head SEAL:SIGNATURE]
  postrider consent export PERSON-ID-OR-ADDRESS [--html] [--locale LOCALE] [FILE]

verify reads the whole consent ledger again and says what is not as it was written; it then ends with 1.
--head: the last seal as an earlier check printed it. Whoever keeps it elsewhere finds out, too, whether the end of the record was cut off.
export writes the proof of one person as JSON, or as HTML to be read and printed.`;

/** Lines of a broken ledger that are printed; more would help nobody. */
const MAX_LINES = 1_000;

/** The command cannot be carried out as it was typed. The command line knows it by its name. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What the command works with. */
export interface ConsentTools {
  readonly db: Executor;
  readonly check: LedgerCheck;
  readonly people: People;
  readonly proofs: ConsentProofPages;
  /** Prints a line. */
  readonly say: (line: string) => void;
}

/**
 * `postrider consent …`.
 * @param argv what follows `consent` on the command line
 * @returns the exit code: 1 when the ledger is not as it was written
 * @throws {UsageError} with a message for the person at the terminal
 */
export async function consentCommand(tools: ConsentTools, argv: readonly string[]): Promise<0 | 1> {
  const [action, ...rest] = argv;
  if (action === 'verify') return verifyLedger(tools, rest);
  if (action === 'export') return exportProof(tools, rest);
  throw wrong(action === undefined ? 'say what to do' : `there is no "consent ${action}"`);
}

async function verifyLedger({ check, say }: ConsentTools, argv: string[]): Promise<0 | 1> {
  const { values, positionals } = parse(argv, { head: { type: 'string' } });
  if (positionals.length > 0) throw wrong(`"${positionals[0]}" is too much`);
  let lines = 0;
  const verdict = await check.run(({ what, id, problem }) => {
    lines += 1;
    if (lines <= MAX_LINES) say(`${what} ${id} ${problem}`);
  }, headOf(values['head']));
  if (lines > MAX_LINES) say(`… and ${lines - MAX_LINES} more`);
  const { rows, seals, unsealed, problems, head } = verdict;
  say(
    `${counted(rows, 'row')}, ${counted(seals, 'seal')}. ${counted(unsealed, 'row')} not under a seal yet, checked by hash.`,
  );
  if (head) say(`Last seal: ${head.id}:${head.signature.slice(0, 32)}`);
  say(problems === 0 ? 'The consent ledger is as it was written.' : `${counted(problems, 'problem')} found.`);
  return problems === 0 ? 0 : 1;
}

async function exportProof({ db, people, proofs, say }: ConsentTools, argv: string[]): Promise<0> {
  const { values, positionals } = parse(argv, { html: { type: 'boolean' }, locale: { type: 'string' } });
  const [who, file, ...more] = positionals;
  if (who === undefined) throw wrong('say whose: a person’s id or address');
  if (more.length > 0) throw wrong(`"${more[0]}" is too much`);
  const proof = await proofs.of(db, await personOf(people, db, who));
  const text = values['html']
    ? (await proofs.page(db, proof, String(values['locale'] ?? 'en'))).html
    : JSON.stringify(toConsentProofView(proof), null, 2);
  if (file === undefined) say(text);
  else await writeFile(file, `${text}\n`, { mode: 0o600 });
  return 0;
}

async function personOf(people: People, db: Executor, who: string): Promise<Person> {
  const address = isId(who) ? undefined : parseAddress(who);
  const person = address
    ? address.ok && (await people.byAddress(db, address.address.canonical))
    : await people.byId(db, who);
  if (!person || person.canonical === null) throw wrong('there is no such person, or they were erased');
  return person;
}

function headOf(value: string | boolean | undefined): LedgerHead | undefined {
  if (typeof value !== 'string') return undefined;
  const [, id, signature] = /^(\d+):([0-9a-f]{16,64})$/.exec(value) ?? [];
  if (id === undefined || signature === undefined)
    throw wrong(`--head ${value} is not what a check prints, such as 12:3f0a…`);
  return { id: Number(id), signature };
}

function parse(argv: string[], options: Record<string, { type: 'string' | 'boolean' }>) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw wrong((error as Error).message);
  }
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

function wrong(problem: string): UsageError {
  return new UsageError(`postrider consent: ${problem}\n\n${usage}`);
}
