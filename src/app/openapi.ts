import { readFileSync } from 'node:fs';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { addExamples } from './api-examples/index.js';

const description = [
  'Mailing lists and transactional email for one shop.',
  'Send the API key as `Authorization: Bearer pr_…`. Every POST that creates takes an `Idempotency-Key`: the same request again gets the same answer.',
  'Errors have one shape, `{statusCode, name, message, details}`; a 422 names the field. Lists page by cursor: `limit`, `after`.',
].join('\n\n');

/** In the order in which a reader meets them: what a store calls comes first. */
const tags = [
  ['Orders', 'One call from the store, one mail to the customer.'],
  ['Emails', 'Any other mail, and what became of each.'],
  ['Templates', 'The built-in mails, and your own.'],
  ['Subscriptions', 'Joining and leaving lists.'],
  ['Subscribers', 'People, and what is held about them.'],
  ['Lists', 'What people subscribe to.'],
  ['Campaigns', 'News, to everybody on a list.'],
  ['Webhooks', 'What happens, told to your servers.'],
  ['Suppressions', 'Who must not be mailed, and why.'],
  ['Imports', 'Subscribers from CSV.'],
  ['Reports', 'How mail arrives, who reads, what is kept.'],
  ['Privacy policies', 'Versions, and word of them.'],
  ['Relays', 'The servers that mail leaves through, and how fast.'],
  ['API keys', 'Who may call what.'],
  ['Webhooks of shop platforms', 'Orders as Stripe and Shopify tell them.'],
  ['Webhooks of mail providers', 'Bounces and complaints as providers tell them.'],
] as const;

/** The API as an OpenAPI document, from the zod schemas of the routes. `openapi.json` in the repository is this, committed. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Postrider')
    .setDescription(description)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key, pr_…' })
    .addSecurityRequirements('bearer');
  for (const [tag, about] of tags) builder.addTag(tag, about);
  const document = SwaggerModule.createDocument(app, builder.build());
  dropPatterns(document);
  addExamples(document);
  return document;
}

/** zod writes the pattern behind each format too: a line of regular expression that no reader of the reference wants. */
function dropPatterns(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  if ('format' in node && 'pattern' in node) delete node.pattern;
  for (const child of Object.values(node)) dropPatterns(child);
}

/** `/openapi.json` and `/docs`, both from this process: nothing is fetched from the internet. */
export function serveDocs(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Postrider API',
    customCss: readFileSync(new URL('../../pages/docs/docs.css', import.meta.url), 'utf8'),
    swaggerOptions: {
      persistAuthorization: true,
      defaultModelsExpandDepth: 0,
      docExpansion: 'list',
      tryItOutEnabled: false,
    },
  });
}
