import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { canonicalJson } from '../../domain/index.js';
import type { CopyWork, Executor } from '../../platform/database/index.js';
import { clientFamily, truncateIp } from './client.js';
import { ConsentRepository } from './consent.repository.js';
import type {
  Act,
  ConsentFacts,
  ConsentPersonal,
  ConsentProof,
  ConsentRecord,
  ConsentRow,
} from './consent.types.js';
import { hashOfRow, hashOfTexts } from './ledger-hash.js';

const SALT_BYTES = 32;

/** The proof of who agreed to what, when and to which words (GDPR Art. 7). Rows are added and never changed. */
@Injectable()
export class ConsentLedger {
  constructor(private readonly repository: ConsentRepository) {}

  /** One row per act, in the caller's transaction: it is there exactly when what it proves has happened. */
  async record(executor: Executor, ...records: readonly ConsentRecord[]): Promise<void> {
    if (records.length === 0) return;
    const at = new Date();
    await this.repository.append(
      executor,
      records.map((record) => rowOf(record, at, randomBytes(SALT_BYTES))),
    );
  }

  /**
   * The same for thousands of acts that share few proofs, which are known by their identity. A seal takes their rows like any others, also
   * when this transaction commits late.
   */
  async recordMany(
    { copy }: CopyWork,
    proof: (act: Act) => ConsentProof,
    acts: readonly Act[],
  ): Promise<void> {
    const at = new Date();
    // One call: the generator takes 3 µs to start, as much as all else of a row.
    const salts = randomBytes(SALT_BYTES * acts.length);
    const texts = new Map<ConsentProof, ProofTexts>();
    const rows = acts.map((said, index) => {
      const { act, personId, listId } = said;
      const given = proof(said);
      const known = texts.get(given) ?? textsOf(given);
      texts.set(given, known);
      const salt = salts.subarray(index * SALT_BYTES, (index + 1) * SALT_BYTES);
      const row = { at, act, listId, personId };
      return { ...row, ...known, salt, hash: hashOfTexts(salt, row, known.facts, known.personal) };
    });
    await this.repository.copy(copy, rows);
  }

  /** Everything that one person ever agreed to or ended, the oldest first. */
  async ofPerson(executor: Executor, personId: string): Promise<ConsentRow[]> {
    return this.repository.ofPerson(executor, personId);
  }

  /** Unties all rows of a person who never confirmed anything; nobody asked to be erased, so nothing is recorded. */
  async forget(executor: Executor, personId: string): Promise<void> {
    await this.repository.forget(executor, personId);
  }

  /** Records the erasure, then drops from all rows of the person what ties them to anyone. Their hashes stay in their places. */
  async erase(executor: Executor, personId: string, source: string): Promise<void> {
    await this.record(executor, { act: 'erased', personId, listId: null, text: null, source });
    await this.repository.forget(executor, personId);
  }
}

function rowOf(record: ConsentRecord, at: Date, salt: Buffer): Omit<ConsentRow, 'id'> {
  const { act, personId, listId } = record;
  const row = { at, act, listId, personId, ...contentOf(record) };
  return { ...row, salt, hash: hashOfRow(salt, row) };
}

function contentOf(proof: ConsentProof): Pick<ConsentRow, 'facts'> & { readonly personal: ConsentPersonal } {
  const { ip, userAgent, text, textVersion, policyVersion, source } = proof;
  const { messageId, requestId, agreedAt, importId } = proof;
  return {
    facts: present({ text, textVersion, policyVersion, source, messageId, requestId, agreedAt, importId }),
    personal: {
      ip: ip === undefined ? null : truncateIp(ip),
      client: userAgent === undefined ? null : clientFamily(userAgent),
    },
  };
}

/** As canonical JSON. */
interface ProofTexts {
  readonly facts: string;
  readonly personal: string;
}

function textsOf(proof: ConsentProof): ProofTexts {
  const { facts, personal } = contentOf(proof);
  return { facts: canonicalJson(facts), personal: canonicalJson(personal) };
}

function present(facts: Record<string, string | null | undefined>): ConsentFacts {
  return Object.fromEntries(
    Object.entries(facts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
