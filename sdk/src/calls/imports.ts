import type { CallOptions, Client } from '../client.js';
import type { Import, ImportAccepted, ImportPage, paths } from '../openapi.js';
import type { PageQuery } from './page-query.js';

/** To which lists, what people agreed to and where, and which column is what. */
export type ImportTerms = NonNullable<paths['/v1/imports']['post']['parameters']['query']>;

/** A file may be large: unless told otherwise a try has ten minutes. */
const UPLOAD_TIMEOUT_MS = 600_000;

/** Subscribers from CSV. */
export class Imports {
  constructor(private readonly client: Client) {}

  /**
   * Answers once the file is stored; its rows follow, and `get` says how far it is.
   * @param csv UTF-8 with a header. Of a large file a Blob, which is read as it is sent: `await openAsBlob('people.csv')` of node:fs
   */
  create(csv: string | Blob, terms: ImportTerms, options: CallOptions = {}): Promise<ImportAccepted> {
    return this.client.call(
      { method: 'POST', path: ['v1', 'imports'], query: { ...terms }, csv },
      { timeoutMs: UPLOAD_TIMEOUT_MS, ...options },
    );
  }

  list(query: PageQuery = {}, options?: CallOptions): Promise<ImportPage> {
    return this.client.call({ method: 'GET', path: ['v1', 'imports'], query: { ...query } }, options);
  }

  get(id: string, options?: CallOptions): Promise<Import> {
    return this.client.call({ method: 'GET', path: ['v1', 'imports', id] }, options);
  }

  /** The rows that could not be read, as CSV: row, column, problem. */
  errors(id: string, options?: CallOptions): Promise<string> {
    return this.client.call(
      { method: 'GET', path: ['v1', 'imports', id, 'errors.csv'], isCsv: true },
      options,
    );
  }

  /** Rows that are done stay done. @throws PostriderError 409 where it has ended */
  cancel(id: string, options?: CallOptions): Promise<Import> {
    return this.client.call({ method: 'POST', path: ['v1', 'imports', id, 'cancel'] }, options);
  }
}
