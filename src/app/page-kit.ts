import type { FastifyRequest } from 'fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Senders, visitorLanguage } from '../modules/lists/index.js';
import { Database } from '../platform/database/index.js';
import type { ApiError, ErrorPages } from '../platform/http/index.js';
import { Pages, type Brand, type PageData } from '../platform/pages/index.js';

type ErrorKind = PageData['error']['kind'];

const kinds: Record<number, ErrorKind> = {
  404: 'notFound',
  410: 'expired',
  429: 'tooManyRequests',
  500: 'serverError',
  503: 'unavailable',
};

/** Shown while the database, which knows the brand, is away. */
const houseBrand: Brand = {
  name: 'Postrider',
  logoUrl: null,
  colour: '#b4441c',
  postalAddress: null,
  websiteUrl: null,
};

const machinePaths = /^\/(v1|health|metrics|hooks|openapi\.json)(\/|$)/;

/** Errors of the public pages as pages: a person reads them, not a program. */
export function errorPages(app: NestFastifyApplication): ErrorPages {
  const pages = app.get(Pages);
  return {
    wants: (request) =>
      !machinePaths.test(pathOf(request)) && (request.headers.accept ?? '').includes('text/html'),
    send: async (request, reply, error) => {
      const { html, headers } = pages.render(
        'error',
        { kind: kindOf(error), waitSeconds: error.retryAfter ?? null, requestId: request.id },
        { locale: visitorLanguage(pages, request), brand: await brandOf(app) },
      );
      await reply.status(error.statusCode).headers(headers).send(html);
    },
  };
}

async function brandOf(app: NestFastifyApplication): Promise<Brand> {
  try {
    return (await app.get(Senders, { strict: false }).first(app.get(Database)))?.brand ?? houseBrand;
  } catch {
    return houseBrand;
  }
}

function kindOf({ statusCode }: ApiError): ErrorKind {
  return kinds[statusCode] ?? (statusCode >= 500 ? 'serverError' : 'badRequest');
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '';
}
