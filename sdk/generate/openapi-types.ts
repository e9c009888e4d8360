import { readFile } from 'node:fs/promises';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { generatedHeader } from './generated-header.js';

const DOCUMENT = new URL('../../openapi.json', import.meta.url);

/** `sdk/src/openapi.ts`: every schema of the API as a type of its own name, and the routes with their parameters. */
export async function openApiTypes(): Promise<string> {
  const document = JSON.parse(await readFile(DOCUMENT, 'utf8')) as OpenAPI3;
  dropExamples(document.paths);
  const nodes = await openapiTS(document, {
    // A field with a default may be left out of a request.
    defaultNonNullable: false,
    rootTypes: true,
    rootTypesNoSchemaPrefix: true,
  });
  return `${generatedHeader('openapi.json')}\n${astToString(nodes)}`;
}

/** They belong to the reference: as comments they would be half of this file. Only of calls, whose parts they are beside a schema. */
function dropExamples(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  if ('schema' in node) {
    const media = node as { example?: unknown; examples?: unknown };
    delete media.example;
    delete media.examples;
  }
  for (const child of Object.values(node)) dropExamples(child);
}
