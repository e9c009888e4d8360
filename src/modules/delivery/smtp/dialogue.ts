import type { Socket } from 'node:net';
import { NoSmtpReply, ReplyReader, type RawReply } from './reply-reader.js';

/** The connection is of no more use; the message says why. */
export class ConnectionLost extends Error {}

/** Our side of an SMTP dialogue on a socket, plain or TLS: writes commands, waits for replies, each within its time. */
export class Dialogue {
  private readonly reader = new ReplyReader();
  private lost: string | undefined;
  private wake: (() => void) | undefined;

  constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.hear(chunk));
    socket.on('drain', () => this.wake?.());
    socket.on('error', (error) => this.lose(`The connection to the relay failed (${error.message})`));
    socket.on('end', () => {
      this.reader.end();
      this.lose('The relay closed the connection');
    });
    socket.on('close', () => this.lose('The connection to the relay was closed'));
    if (socket.destroyed || socket.readableEnded) this.lose('The relay closed the connection');
  }

  get usable(): boolean {
    return this.lost === undefined;
  }

  /** Whether the relay has said nothing, not half a line, that was not taken. */
  get quiet(): boolean {
    return this.reader.empty;
  }

  /**
   * @param justBefore called when nothing stands between it and the write
   * @throws ConnectionLost when the connection is known to be gone
   */
  write(octets: string | Buffer, justBefore?: () => void): void {
    if (this.lost !== undefined) throw new ConnectionLost(this.lost);
    justBefore?.();
    this.socket.write(octets);
  }

  /**
   * The next reply.
   * @param to what it answers, for the message of the error
   * @throws ConnectionLost
   */
  async reply(to: string, timeoutMs: number): Promise<RawReply> {
    for (;;) {
      const reply = this.reader.take();
      if (reply) return reply;
      if (this.lost !== undefined) throw new ConnectionLost(`${this.lost} instead of answering ${to}`);
      await this.change(timeoutMs);
    }
  }

  /**
   * Waits until the network has taken what was written, or the relay says something meanwhile.
   * @throws ConnectionLost
   */
  async flushed(timeoutMs: number): Promise<void> {
    while (this.socket.writableNeedDrain && !this.reader.hasReply) await this.change(timeoutMs);
    if (this.lost !== undefined && !this.reader.hasReply) {
      throw new ConnectionLost(`${this.lost} in the middle of a mail`);
    }
  }

  /** Ends the connection without a word, where the dialogue no longer makes sense. */
  abandon(): void {
    this.lose('The connection was given up');
  }

  /** RFC 5321 §4.1.1.10: QUIT, and a moment for its answer. */
  async quit(timeoutMs: number): Promise<void> {
    try {
      this.write('QUIT\r\n');
      await this.reply('QUIT', timeoutMs);
      this.lose('The connection was closed after QUIT', 'destroySoon');
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
    }
  }

  private hear(chunk: Buffer): void {
    try {
      this.reader.push(chunk);
    } catch (error) {
      if (!(error instanceof NoSmtpReply)) throw error;
      this.lose(`The relay ${error.message},`);
    }
    if (this.reader.hasReply) this.wake?.();
  }

  /** @param close `destroySoon` waits until the relay has taken what was written: only for one that still listens */
  private lose(problem: string, close: 'destroy' | 'destroySoon' = 'destroy'): void {
    if (this.lost !== undefined) return;
    this.lost = problem;
    this.socket[close]();
    this.wake?.();
  }

  /** Until something happens: a reply, room to write, the end. The end of the time is an end too. */
  private change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => this.lose(`The relay was silent for ${timeoutMs / 1000} seconds`),
        timeoutMs,
      );
      this.wake = () => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
    });
  }
}
