import type { OpenAPIObject } from '@nestjs/swagger';
import { calls, pathValues } from './calls.js';
import { campaigns } from './campaigns.js';
import { keys } from './keys.js';
import { mail } from './mail.js';
import { people } from './people.js';
import { policies } from './policies.js';
import { running } from './running.js';
import type { Examples } from './story.js';
import { templates } from './templates.js';
import { webhooks } from './webhooks.js';

/** By the name of the schema. One that is not here brings its own: `.meta({ id, example })`. */
const bySchema: Examples = {
  ...people,
  ...policies,
  ...mail,
  ...campaigns,
  ...templates,
  ...webhooks,
  ...running,
  ...keys,
};

interface Media {
  schema?: { $ref?: string };
  example?: unknown;
  examples?: unknown;
}
interface Operation {
  parameters?: { name: string; in: string; example?: unknown }[];
  requestBody?: { content?: Record<string, Media> };
  responses?: Record<string, { content?: Record<string, Media> }>;
}

/** Gives each call of the document an example of what is asked and of what is answered. `test/docs` fails where one is missing or wrong. */
export function addExamples({ paths, components }: OpenAPIObject): void {
  const schemas = (components?.schemas ?? {}) as Record<string, { example?: unknown }>;
  const add = (media: Media, own: unknown): void => {
    const name = media.schema?.$ref?.split('/').at(-1) ?? '';
    const example = own ?? bySchema[name] ?? schemas[name]?.example;
    if (example !== undefined) media.example = example;
  };

  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods as Record<string, Operation>)) {
      const { request, requests, answer } = calls[`${method.toUpperCase()} ${path}`] ?? {};
      for (const media of Object.values(operation.requestBody?.content ?? {})) {
        if (requests) media.examples = requests;
        else add(media, request);
      }
      for (const [status, response] of Object.entries(operation.responses ?? {}))
        if (status.startsWith('2'))
          for (const media of Object.values(response.content ?? {})) add(media, answer);
      for (const parameter of operation.parameters ?? []) {
        const value = pathValues[parameter.name] ?? pathValues[start(path)];
        if (parameter.in === 'path' && value !== undefined) parameter.example = value;
      }
    }
  }
}

/** `/v1/emails/{id}/cancel` → `/v1/emails/{id}` */
function start(path: string): string {
  return path.split('/').slice(0, 4).join('/');
}
