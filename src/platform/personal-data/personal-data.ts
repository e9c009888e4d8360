import type { Database, Executor, Work } from '../database/index.js';

/** Whom it is about. Address and canonical form are null for a person who was erased before. */
export interface PersonRef {
  readonly id: string;
  readonly canonical: string | null;
  /** As it was typed. */
  readonly address: string | null;
}

/** How long one kind of record is kept, and how it goes. */
export interface RetentionRule {
  /** Names the rule in reports: "content of messages". Unique. */
  readonly kind: string;
  readonly days: number;
  /** What goes and what stays, in a sentence for the operator. */
  readonly describe: string;
  /** How many records are past their time now. */
  count(executor: Executor): Promise<number>;
  /** Removes them, in chunks small enough that sending never waits for one. @returns how many went */
  purge(db: Database): Promise<number>;
}

/**
 * What one module stores about people, and how it is shown, erased and let go. Each module that stores anything about a person has
 * one provider that extends this class; it is found by its type (`PersonalDataRegistry`), so that erasure and export forget nobody.
 */
export abstract class PersonalData {
  /** The tables that it answers for. A test fails when a table of the database is in no holder's list. */
  abstract readonly tables: readonly string[];
  readonly retention: readonly RetentionRule[] = [];

  /** Everything that is held about a person as plain JSON, by kind ("orders"). A kind without anything is an empty list. */
  abstract export(executor: Executor, person: PersonRef): Promise<Record<string, unknown>>;

  /**
   * Removes it, or unties it from the person for ever, in the caller's transaction. The row of the person is locked; other holders
   * may have erased their part already. Nothing may be left that names the person, in clear or sealed.
   */
  abstract erase(work: Work, person: PersonRef): Promise<void>;

  /**
   * Somebody is here under an address that was erased before: a new person. What was kept under the keyed hash of the address, so that
   * it still holds, is tied to the address again. Most modules keep nothing.
   */
  async comeBack(_executor: Executor, _person: PersonRef): Promise<void> {}
}
