import type { Socket } from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { parseReply } from '../../../domain/index.js';
import type { HandOver } from '../courier.js';
import type { RelaySettings } from './relay-settings.js';
import { readExtensions, type Extensions } from './extensions.js';
import type { SmtpTimeouts } from './timeouts.js';

export interface SignedIn {
  readonly kind: 'signedIn';
  readonly socket: Socket;
  readonly relay: Extensions;
}

/** Connects, starts TLS, greets and signs in, all by nodemailer; then the socket is the caller's. */
export async function signIn(settings: RelaySettings, timeouts: SmtpTimeouts): Promise<SignedIn | HandOver> {
  const smtp = new SMTPConnection({
    host: settings.host,
    port: settings.port,
    secure: settings.tls === 'implicit',
    requireTLS: settings.tls === 'required',
    ignoreTLS: settings.tls === 'off',
    name: settings.helloName,
    // For nodemailer the greeting is a part of connecting.
    connectionTimeout: timeouts.connect + timeouts.greeting,
    greetingTimeout: timeouts.greeting,
    socketTimeout: timeouts.signIn,
    ...(!settings.verifyCertificate && { tls: { rejectUnauthorized: false } }),
  });
  smtp.on('error', () => undefined);
  let stage: 'connect' | 'auth' = 'connect';
  try {
    await connect(smtp, timeouts.connect);
    if (settings.tls !== 'off' && settings.tls !== 'opportunistic' && !smtp.secure) {
      throw new Error('The connection to the relay is not encrypted, and it must be');
    }
    // The last answer to EHLO: after STARTTLS nodemailer asks again, and what was said in clear is forgotten (RFC 3207 §4.2).
    const relay = readExtensions(smtp.lastServerResponse || '');
    stage = 'auth';
    await login(smtp, settings);
    await nothingLeft(smtp);
    return { kind: 'signedIn', socket: takeOver(smtp), relay };
  } catch (error) {
    smtp.close();
    return trouble(error as SmtpError, stage);
  }
}

interface SmtpError extends Error {
  readonly response?: string;
  readonly responseCode?: number;
}

async function connect(smtp: SMTPConnection, timeoutMs: number): Promise<void> {
  await settled(smtp, (done) => {
    const problem = `No connection to the relay within ${timeoutMs / 1000} seconds`;
    setTimeout(() => smtp.stage === 'init' && done(new Error(problem)), timeoutMs).unref();
    smtp.connect(done);
  });
}

async function login(smtp: SMTPConnection, { user, password }: RelaySettings): Promise<void> {
  if (user === null) return;
  await settled(smtp, (done) => smtp.login({ user, credentials: { user, pass: password ?? '' } }, done));
}

/** nodemailer does not call back when the connection ends in the middle of AUTH: its events say so. */
async function settled(
  smtp: SMTPConnection,
  run: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    smtp.once('error', reject);
    smtp.once('end', () => reject(new Error('The relay closed the connection before we were signed in')));
    run((error) => (error ? reject(error) : resolve()));
  });
}

/** Lets nodemailer look at what came along with the last answer: it takes a word too many for an error, and so do we. */
async function nothingLeft(smtp: SMTPConnection): Promise<void> {
  await settled(smtp, (done) => setImmediate(done));
}

/** Its handlers for the end of the connection may stay: without a command under way they only note it. */
function takeOver(smtp: SMTPConnection): Socket {
  const socket = smtp._socket;
  if (!socket || socket.destroyed) throw new Error('The relay closed the connection after we were signed in');
  socket.setTimeout(0);
  socket.removeAllListeners('timeout');
  socket.removeAllListeners('data');
  return socket;
}

function trouble(error: SmtpError, stage: 'connect' | 'auth'): HandOver {
  const { response: text, responseCode: code = 0 } = error;
  if (text === undefined || code < 400) return { kind: 'unreached', problem: error.message };
  return { kind: 'refused', stage, reply: parseReply(text) ?? { code, enhanced: null, text } };
}
