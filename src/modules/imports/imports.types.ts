import type { Reason } from '../subscribers/index.js';

export type ImportState = 'uploading' | 'waiting' | 'running' | 'finished' | 'failed' | 'cancelled';

/** What stands where in the file: names of columns as its header has them. */
export interface ColumnNames {
  readonly email: string;
  readonly name: string | null;
  readonly locale: string | null;
  /** When the person agreed. */
  readonly agreedAt: string | null;
  /** Kept as attributes under their own names. */
  readonly attributes: readonly string[];
}

/** Everything that was said with the file, so that a worker can read it again after a crash. */
export interface ImportSettings {
  readonly lists: readonly { readonly id: string; readonly slug: string }[];
  readonly consent: {
    readonly text: string;
    readonly source: string;
    /** ISO 8601; null where the file says it, or nobody does. */
    readonly date: string | null;
    /** Whether people confirmed it by a mail to their address, where they come from. */
    readonly confirmed: boolean;
  };
  readonly header: readonly string[];
  readonly columns: ColumnNames;
  readonly delimiter: Delimiter;
  readonly onExisting: 'update' | 'keep';
  readonly dryRun: boolean;
}

export type Delimiter = ',' | ';' | '\t';

/** What became of the rows; all but `rows` add up to it. */
export interface ImportCounts {
  readonly rows: number;
  /** On a list now on which the person was not. */
  readonly added: number;
  /** On the lists before; name, language or attributes are others now. */
  readonly updated: number;
  readonly unchanged: number;
  readonly skipped: Readonly<Record<Reason, number>>;
  /** Not readable: what is wrong is in the list of errors. */
  readonly failed: number;
}

export const NO_COUNTS: ImportCounts = {
  rows: 0,
  added: 0,
  updated: 0,
  unchanged: 0,
  skipped: { left: 0, refused: 0, erased: 0 },
  failed: 0,
};

export interface Import {
  readonly id: string;
  readonly state: ImportState;
  readonly settings: ImportSettings;
  /** Of the file, as UTF-8. */
  readonly octets: number;
  /** How many of them have been read for good. */
  readonly octetsDone: number;
  /** Records that are done, blank ones too, the header not. */
  readonly position: number;
  readonly counts: ImportCounts;
  /** Why it failed as a whole. */
  readonly problem: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** Something in a row that cannot be taken. */
export interface RowError {
  /** As a spreadsheet counts: the header is row 1. */
  readonly row: number;
  readonly column: string;
  readonly problem: string;
}
