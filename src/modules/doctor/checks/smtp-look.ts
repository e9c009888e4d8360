import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls';

/** What a server shows of its TLS before anybody signs in. */
export interface TlsSession {
  /** `TLSv1.3` */
  readonly protocol: string;
  /** Why the certificate is not to be trusted (an authority nobody knows, its time is over); null where it is. */
  readonly distrust: string | null;
  /** Why it is not for this name; null where it is. */
  readonly otherName: string | null;
  readonly validTo: Date;
}

/**
 * Connects, asks for TLS as a mail would, and hangs up. Takes any certificate, to tell what is wrong with it.
 * @returns null where TLS is not offered
 * @throws when there is no connection, no SMTP, or no answer in time
 */
export async function lookAtTls(
  { host, port, tls, helloName }: { host: string; port: number; tls: string; helloName: string },
  timeoutMs: number,
): Promise<TlsSession | null> {
  const signal = AbortSignal.timeout(timeoutMs);
  let socket: Socket = connect({ host, port });
  try {
    await eventOf(socket, 'connect', signal);
    if (tls === 'implicit') {
      const secured = await secure(socket, host, signal);
      socket = secured;
      return sessionOf(secured, host);
    }
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    await reply(lines, signal);
    socket.write(`EHLO ${isIP(helloName) === 0 ? helloName : `[${helloName}]`}\r\n`);
    const offers = await reply(lines, signal);
    if (!offers.some((line) => /^250[ -]STARTTLS\s*$/i.test(line))) return null;
    socket.write('STARTTLS\r\n');
    const [answer = ''] = await reply(lines, signal);
    if (!answer.startsWith('220')) throw new Error(`STARTTLS is offered and then answered with "${answer}"`);
    socket.removeAllListeners('data');
    const secured = await secure(socket, host, signal);
    socket = secured;
    return sessionOf(secured, host);
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

/**
 * What a mail server says to whoever connects, such as `220 mail.example.com ESMTP`.
 * @throws when there is no connection, no SMTP, or no answer in time
 */
export async function greetingOf(host: string, port: number, timeoutMs: number): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  const socket = connect({ host, port });
  try {
    await eventOf(socket, 'connect', signal);
    const [line = ''] = await reply(createInterface({ input: socket })[Symbol.asyncIterator](), signal);
    return line;
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

async function secure(socket: Socket, host: string, signal: AbortSignal): Promise<TLSSocket> {
  const secured = connectTls({
    socket,
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: false,
  });
  await eventOf(secured, 'secureConnect', signal);
  return secured;
}

function sessionOf(socket: TLSSocket, host: string): TlsSession {
  const certificate = socket.getPeerCertificate();
  // Of a name that is not in it this says nothing: `checkServerIdentity` does.
  const distrust = socket.authorized ? null : String(socket.authorizationError);
  return {
    protocol: socket.getProtocol() ?? 'TLS',
    distrust: distrust === 'ERR_TLS_CERT_ALTNAME_INVALID' ? null : distrust,
    otherName: checkServerIdentity(host, certificate)?.message ?? null,
    validTo: new Date(certificate.valid_to),
  };
}

/** All lines of one reply (RFC 5321 §4.2.1). */
async function reply(lines: AsyncIterator<string>, signal: AbortSignal): Promise<string[]> {
  const heard: string[] = [];
  for (;;) {
    const { value, done } = await orAborted(lines.next(), signal);
    if (done) throw new Error('the server closed the connection');
    heard.push(value);
    if (/^\d{3}-/.test(value) && heard.length < 100) continue;
    if (!/^[23]\d\d( |$)/.test(value)) throw new Error(`the server said "${value}"`);
    return heard;
  }
}

async function eventOf(socket: Socket, event: string, signal: AbortSignal): Promise<void> {
  try {
    await once(socket, event, { signal });
  } catch (error) {
    throw signal.aborted ? new Error('no answer in time') : error;
  }
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(new Error('no answer in time'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
