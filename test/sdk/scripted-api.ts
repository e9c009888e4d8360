import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An HTTP server that answers as a test says, and keeps what it was asked. */
export class ScriptedApi {
  readonly asked: Asked[] = [];
  /** Answers in this order; then 200 with `{}`. */
  answers: ((response: ServerResponse) => void)[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void text(request).then((body) => {
        const { method = '', url = '', headers } = request;
        this.asked.push({ method, path: url, headers, body });
        (this.answers.shift() ?? says(200, {}))(response);
      });
    });
  }

  static async start(): Promise<ScriptedApi> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptedApi(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

export function says(status: number, body: unknown, headers: Record<string, string> = {}) {
  return (response: ServerResponse): void => {
    const isJson = typeof body !== 'string';
    response
      .writeHead(status, { 'Content-Type': isJson ? 'application/json' : 'text/html', ...headers })
      .end(isJson ? JSON.stringify(body) : body);
  };
}

export const hangsUp = (response: ServerResponse): void => void response.socket?.destroy();
export const saysNothing = (): void => undefined;
