import type { FastifyInstance } from 'fastify';
import { ApiError } from './api-error.js';

interface Route {
  readonly method: string;
  readonly path: RegExp;
}

/**
 * A URL that is there, but not for this method, is a 405 that says which are (RFC 9110 §15.5.6); Fastify's router calls it 404. Must be
 * called before any route is registered, because it listens for them.
 */
export function nameAllowedMethods(fastify: Pick<FastifyInstance, 'addHook'>): void {
  const routes: Route[] = [];
  fastify.addHook('onRoute', ({ method, url }) => {
    const path = pathOf(url);
    for (const one of [method].flat()) routes.push({ method: one, path });
  });
  fastify.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return;
    const [asked = ''] = request.url.split('?');
    const methods = routes.filter(({ path }) => path.test(asked)).map(({ method }) => method);
    if (methods.length === 0) return;
    const allowed = [...new Set(methods)].toSorted().join(', ');
    void reply.header('Allow', allowed);
    throw new ApiError(405, 'method_not_allowed', `Cannot ${request.method} ${asked}: it takes ${allowed}`);
  });
}

/** `/v1/emails/:id/cancel`, with anything but a slash for the id. */
function pathOf(url: string): RegExp {
  const literal = url.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replaceAll(/:\w+/g, '[^/]+')}$`);
}
