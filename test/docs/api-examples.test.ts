import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { z } from 'zod';

/** Each call of the committed openapi.json shows what is asked and what is answered, and its own schema agrees. */

interface Media {
  schema: object;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}
interface Operation {
  parameters?: { name: string; in: string; example?: unknown }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties?: object; additionalProperties?: unknown }> };
}

// As JSON Schema names its parts, so that zod can read it.
const text = readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8');
const { paths, components } = JSON.parse(
  text.replaceAll('#/components/schemas/', '#/definitions/'),
) as Document;
const definitions = components.schemas;
closeObjects(definitions);

const bodies = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, { requestBody, responses }]) => {
    const call = `${method.toUpperCase()} ${path}`;
    const answers = Object.entries(responses).filter(([status]) => status.startsWith('2'));
    return [
      ...mediaOf(`what ${call} is sent`, requestBody?.content),
      ...answers.flatMap(([status, { content }]) => mediaOf(`the ${status} of ${call}`, content)),
    ];
  }),
);

test('every call has an example of what is asked and of what is answered: src/app/api-examples', () => {
  const bare = bodies.filter(({ examples }) => examples.length === 0).map(({ name }) => name);
  expect(bare).toEqual([]);
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.values(methods).flatMap(({ parameters = [] }) =>
      parameters
        .filter((parameter) => parameter.in === 'path' && parameter.example === undefined)
        .map((parameter) => `${parameter.name} in ${path}`),
    ),
  );
  expect(calls).toEqual([]);
});

test('every example is what its schema says, and has no field that the schema does not know', () => {
  const wrong = bodies.flatMap(({ name, schema, examples }) => {
    const reader = z.fromJSONSchema({ ...schema, definitions }, { defaultTarget: 'openapi-3.0' });
    return examples.flatMap((example) => {
      const { error } = reader.safeParse(example);
      return error ? [`${name}: ${z.prettifyError(error)}`] : [];
    });
  });
  expect(wrong).toEqual([]);
});

function mediaOf(name: string, content: Record<string, Media> = {}) {
  return Object.values(content).map(({ schema, example, examples }) => ({
    name,
    schema,
    examples: example === undefined ? Object.values(examples ?? {}).map(({ value }) => value) : [example],
  }));
}

/** An answer may grow, so its schema is open: for an example it is closed. */
function closeObjects(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  if ('properties' in node && !('additionalProperties' in node))
    (node as { additionalProperties?: boolean }).additionalProperties = false;
  for (const child of Object.values(node)) closeObjects(child);
}
