/** A process with Fastify that reads JSON and answers 200, and does nothing else. Sends its port. */
import fastify from 'fastify';

const app = fastify();
app.post('/hooks/mail/:provider', async () => ({ stored: true }));
await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.({ port: (app.server.address() as { port: number }).port });
