import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { selfSigned } from '../../../../test/support/certificate.js';
import { DnsServer } from '../../../../test/support/dns.js';
import { dnsNames } from './names.js';
import { Connections, post, type Answer } from './post.js';

let dns: DnsServer;
const connections = new Connections(4);
const open: Server[] = [];
const certificate = selfSigned();

beforeAll(async () => {
  dns = await DnsServer.start({
    'inner.example': { a: ['127.0.0.1'] },
    'localhost.example': { a: ['1.1.1.1', '127.0.0.1'] },
    'metadata.example': { a: ['169.254.169.254'] },
    'mapped.example': { aaaa: ['0000:0000:0000:0000:0000:ffff:7f00:0001'] },
    'silent.example': 'silent',
  });
});
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(async () => {
  connections.close();
  await dns.stop();
});

async function serve(listener: RequestListener, tls?: { key: string; cert: string }): Promise<number> {
  const server = tls ? createHttps(tls, listener) : createServer(listener);
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function send(
  url: string,
  more: { loopback?: boolean; timeoutMs?: number; ca?: string } = {},
): Promise<Answer> {
  const { loopback = true, timeoutMs = 10_000, ca } = more;
  const reachable = { loopback, privateNetworks: false };
  const options = { names: dnsNames([dns.server]), reachable, timeoutMs, ca };
  const headers = { 'content-type': 'application/json', 'webhook-id': 'msg_1' };
  return post(new URL(url), headers, '{"a":"ä"}', connections, options, new AbortController().signal);
}

describe('an endpoint that', () => {
  test('takes it', async () => {
    let got = '';
    const port = await serve((request, response) => {
      request.on('data', (part) => (got += String(part)));
      request.on('end', () => response.end(`${request.method} ${String(request.headers['webhook-id'])}`));
    });
    const answer = await send(`http://inner.example:${port}/hook`);
    expect(answer).toMatchObject({ statusCode: 200, body: 'POST msg_1', error: null });
    expect(got).toBe('{"a":"ä"}');
  });

  test('does not answer', async () => {
    const port = await serve(() => undefined);
    const answer = await send(`http://localhost:${port}/`, { timeoutMs: 300 });
    expect(answer).toMatchObject({ statusCode: null, error: 'no answer within 0.3 s' });
    // The usual limit is far above.
    expect(answer.durationMs).toBeLessThan(3_000);
  });

  test('drips its head for ever', async () => {
    const port = await serve((_, response) => {
      const drip = setInterval(() => response.writeProcessing(), 20);
      response.on('close', () => clearInterval(drip));
    });
    const answer = await send(`http://localhost:${port}/`, { timeoutMs: 400 });
    expect(answer).toMatchObject({ statusCode: null, error: 'no answer within 0.4 s' });
  });

  test('streams for ever: 1 KB is read, then the connection is cut', async () => {
    let closed: Promise<unknown> | undefined;
    let written = 0;
    const port = await serve((_, response) => {
      closed = once(response, 'close');
      response.writeHead(200);
      const stream = setInterval(() => {
        written += 500;
        response.write('x'.repeat(500));
      }, 1);
      response.on('close', () => clearInterval(stream));
    });
    const answer = await send(`http://localhost:${port}/`);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe('x'.repeat(1_024));
    await closed;
    expect(written).toBeLessThan(100_000);
  });

  test('drips its body: the status was the answer', async () => {
    const port = await serve((_, response) => {
      response.writeHead(202);
      response.write('ok');
      const drip = setInterval(() => response.write('.'), 50);
      response.on('close', () => clearInterval(drip));
    });
    const answer = await send(`http://localhost:${port}/`, { timeoutMs: 600 });
    expect(answer).toMatchObject({ statusCode: 202, error: null });
    expect(answer.body).toMatch(/^ok\.+$/);
    expect(answer.durationMs).toBeLessThan(5_000);
  });

  test('closes in the middle of its body, or of its head', async () => {
    const body = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => request.socket.destroy());
    });
    expect(await send(`http://localhost:${body}/`)).toMatchObject({ statusCode: 200, body: 'half' });
    const head = await serve(
      (request) => void request.socket.write('HTTP/1.1 20', () => request.socket.destroy()),
    );
    const answer = await send(`http://localhost:${head}/`);
    expect(answer.statusCode).toBeNull();
    expect(answer.error).not.toBeNull();
  });

  test('redirects inward: nobody follows', async () => {
    let inner = 0;
    const target = await serve((_, response) => {
      inner += 1;
      response.end();
    });
    for (const status of [301, 302, 307, 308]) {
      const port = await serve((_, response) => {
        response.writeHead(status, { location: `http://127.0.0.1:${target}/admin` }).end();
      });
      expect((await send(`http://localhost:${port}/`)).statusCode).toBe(status);
    }
    expect(inner).toBe(0);
  });

  test('is not there', async () => {
    const port = await serve(() => undefined);
    open.pop()?.close();
    expect((await send(`http://127.0.0.1:${port}/`)).error).toContain('ECONNREFUSED');
  });

  test('has a certificate that nobody vouches for', async () => {
    const port = await serve((_, response) => response.end('secret'), certificate);
    const refused = await send(`https://localhost:${port}/`);
    expect(refused).toMatchObject({ statusCode: null, body: null });
    expect(refused.error).toMatch(/self.signed/);
    expect(await send(`https://localhost:${port}/`, { ca: certificate.cert })).toMatchObject({
      statusCode: 200,
    });
  });

  test('has a certificate of another name', async () => {
    const port = await serve((_, response) => response.end('secret'), certificate);
    const answer = await send(`https://inner.example:${port}/`, { ca: certificate.cert });
    expect(answer.statusCode).toBeNull();
    expect(answer.error).toContain("does not match certificate's altnames");
  });
});

describe('DNS', () => {
  test.each([
    'inner.example',
    'localhost.example',
    'metadata.example',
    'mapped.example',
    '127.0.0.1',
    '[::1]',
  ])('%s leads inside: no connection is made', async (host) => {
    let connected = 0;
    const port = await serve(() => undefined);
    open[0]!.on('connection', () => (connected += 1));
    const answer = await send(`https://${host}:${port}/`, { loopback: false });
    expect(answer.error).toContain('may not reach');
    expect(connected).toBe(0);
  });

  test('is asked once for the check and the connection: an answer that changes in between finds nobody', async () => {
    const port = await serve((_, response) => response.end('inner'));
    dns.zones['rebind.example'] = { a: ['127.0.0.1'] };
    const before = dns.questions.length;
    const sent = send(`http://rebind.example:${port}/`);
    // From the second question on it would lead to where nobody may go.
    while (dns.questions.length < before + 2) await new Promise((resolve) => setImmediate(resolve));
    dns.zones['rebind.example'] = { a: ['10.255.255.1'] };
    expect(await sent).toMatchObject({ statusCode: 200 });
    expect(dns.questions.slice(before).toSorted()).toEqual(['A rebind.example', 'AAAA rebind.example']);
    expect((await send(`http://rebind.example:${port}/`)).error).toContain('10.255.255.1');
  });

  test('that is silent, or knows nothing, is an error like any other', async () => {
    const silent = await send('https://silent.example/', { timeoutMs: 300 });
    expect(silent).toMatchObject({ statusCode: null, error: 'no answer within 0.3 s' });
    expect((await send('https://unknown.example/')).error).toContain(
      'DNS knows no address of unknown.example',
    );
  });
});
