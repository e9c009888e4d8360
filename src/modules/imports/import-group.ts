import { randomBytes } from 'node:crypto';
import { canonicalJson, idsFrom } from '../../domain/index.js';
import type { Admitted, Candidate } from '../subscribers/index.js';
import type { RowPerson, RowReader } from './file/row.js';
import type { ImportCounts, RowError } from './imports.types.js';

/** Ids that are made at once. */
const IDS = 512;

interface Entry {
  candidate: Candidate;
  /** Rows that name the same address again: those that changed something of it, and the others. */
  changes: number;
  repeats: number;
}

/** Some rows of a file that are imported in one transaction. An address that comes twice is one person, who is changed by the second row. */
export class ImportGroup {
  readonly errors: RowError[] = [];
  private readonly entries = new Map<string, Entry>();
  private ids: string[] = [];
  private rows = 0;
  private failed = 0;

  constructor(private readonly wins: 'new' | 'stored') {}

  /** @param row its number as a spreadsheet counts */
  add(reader: RowReader, record: readonly string[], row: number): void {
    if (record.every((field) => field.trim() === '')) return;
    this.rows += 1;
    const read = reader.read(record);
    if ('person' in read) {
      this.take(read.person);
      return;
    }
    this.failed += 1;
    const byColumn = new Map(read.problems.map((problem) => [problem.column, problem]));
    for (const problem of byColumn.values()) this.errors.push({ row, ...problem });
  }

  get candidates(): Candidate[] {
    return [...this.entries.values()].map(({ candidate }) => candidate);
  }

  /** The counts after this group. */
  counted(before: ImportCounts, { joined, turnedAway, changed, people }: Admitted): ImportCounts {
    const joiners = new Set(joined.map(({ personId }) => personId));
    const counts = { ...before, skipped: { ...before.skipped } };
    counts.rows += this.rows;
    counts.failed += this.failed;
    for (const { candidate, changes, repeats } of this.entries.values()) {
      const reason = turnedAway.get(candidate.id);
      if (reason !== undefined) {
        counts.skipped[reason] += 1 + changes + repeats;
        continue;
      }
      if (joiners.has(people.get(candidate.id) ?? candidate.id)) counts.added += 1;
      else if (changed.has(candidate.id)) counts.updated += 1;
      else counts.unchanged += 1;
      counts.updated += changes;
      counts.unchanged += repeats;
    }
    return counts;
  }

  private newId(): string {
    if (this.ids.length === 0) this.ids = idsFrom(randomBytes(16 * IDS));
    return this.ids.pop()!;
  }

  private take(person: RowPerson): void {
    const { canonical } = person.address;
    const entry = this.entries.get(canonical);
    if (!entry) {
      this.entries.set(canonical, { candidate: { id: this.newId(), ...person }, changes: 0, repeats: 0 });
      return;
    }
    const merged = this.merged(entry.candidate, person);
    if (isSame(merged, entry.candidate)) entry.repeats += 1;
    else entry.changes += 1;
    entry.candidate = merged;
  }

  /** As the database does with a person who is known. */
  private merged(candidate: Candidate, person: RowPerson): Candidate {
    const [first, second] = this.wins === 'new' ? [person, candidate] : [candidate, person];
    return {
      ...candidate,
      name: first.name ?? second.name,
      locale: first.locale ?? second.locale,
      attributes: { ...second.attributes, ...first.attributes },
    };
  }
}

function isSame(one: Candidate, other: Candidate): boolean {
  const said = ({ name, locale, attributes }: Candidate) =>
    JSON.stringify([name, locale, canonicalJson(attributes)]);
  return said(one) === said(other);
}
