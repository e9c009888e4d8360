import { ImportRun, ImportsModule, importsControllers } from '../../src/modules/imports/index.js';
import type { ImportView } from '../../src/modules/imports/imports.schemas.js';
import type { TestAnswer } from './api.js';
import { PeopleApi } from './people-api.js';

export const terms = { list: 'news', consentText: 'Yes, send me news', consentSource: 'Old system' };

/** Imports beside all that people do. No worker runs: `imported` does what it would do. */
export class ImportApi {
  private constructor(readonly people: PeopleApi) {}

  static async start(): Promise<ImportApi> {
    return new ImportApi(
      await PeopleApi.start({}, { modules: [ImportsModule], controllers: importsControllers }),
    );
  }

  get api() {
    return this.people.api;
  }

  /** @param said what differs from `terms` */
  async upload(
    file: string | Buffer | ReadableStream,
    said: Record<string, string | string[]> = {},
    headers: Record<string, string> = {},
  ): Promise<TestAnswer> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...terms, ...said }))
      for (const one of [value].flat()) query.append(name, one);
    const response = await fetch(`${this.api.url}/v1/imports?${query.toString()}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.api.apiKey}`, 'Content-Type': 'text/csv', ...headers },
      body: file,
      duplex: 'half',
    });
    return { status: response.status, body: await response.json() };
  }

  /** Uploads, runs to the end, and returns what the API then says. */
  async imported(file: string | Buffer, said: Record<string, string | string[]> = {}): Promise<ImportView> {
    const { status, body } = await this.upload(file, said);
    if (status !== 202) throw new Error(JSON.stringify(body));
    await this.api.get(ImportRun).run(body.id);
    return (await this.api.read(`/v1/imports/${body.id}`)).body;
  }

  async text(path: string): Promise<string> {
    const response = await fetch(`${this.api.url}${path}`, {
      headers: { Authorization: `Bearer ${this.api.apiKey}` },
    });
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer());
  }

  /** The subscriber with this address, as the API shows it. */
  // oxlint-disable-next-line typescript/no-explicit-any -- each test says what it expects in it
  async subscriber(email: string): Promise<any> {
    return (await this.api.post('/v1/subscribers/search', { email })).body.data[0];
  }

  async stop(): Promise<void> {
    await this.people.stop();
  }
}
