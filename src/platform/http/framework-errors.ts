import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, nameOfStatus } from './api-error.js';
import { toApiError } from './to-api-error.js';

/** A URL that the router cannot read never reaches a route or the error filter; it gets the one error shape here. */
export function onRouterError(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const answer = toApiError(error) ?? new ApiError(400, 'bad_request', error.message);
  void reply.status(answer.statusCode).header('X-Request-Id', request.id).send(answer.toJSON());
}

const problems: Record<string, [status: number, message: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers of this request are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time'],
};

/** What is no HTTP does not even become a request: answered on the socket, which is then closed. */
export function onClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = problems[error.code ?? ''] ?? [400, 'This is not an HTTP request'];
  const body = JSON.stringify(new ApiError(status, nameOfStatus(status), message));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
