import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { Logger } from '@nestjs/common';
import { ConfigError } from '../../platform/config/index.js';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const LOOK_EVERY_MS = 60_000;

/**
 * Certificate and key from files that something else renews. They are read once a minute and compared: certbot swaps links, others
 * write in place, and watchers miss the one or the other. A pair that does not fit, as while it is half written, changes nothing.
 */
export class TlsFiles {
  private readonly logger = new Logger('Inbound');
  private timer: NodeJS.Timeout | undefined;
  current: Certificate;

  /** @throws ConfigError for files that cannot be read, or that hold no certificate with its key */
  constructor(
    private readonly certFile: string,
    private readonly keyFile: string,
  ) {
    try {
      this.current = this.read();
    } catch (error) {
      throw new ConfigError(`INBOUND_TLS_CERT and INBOUND_TLS_KEY: ${(error as Error).message}`);
    }
  }

  watch(changed: (certificate: Certificate) => void, everyMs = LOOK_EVERY_MS): void {
    this.timer = setInterval(() => this.look(changed), everyMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(changed: (certificate: Certificate) => void): void {
    try {
      const found = this.read();
      if (found.cert === this.current.cert && found.key === this.current.key) return;
      this.current = found;
      changed(found);
      this.logger.log('The certificate has changed: new connections get the new one');
    } catch (error) {
      this.logger.warn(
        `The certificate stays as it is, because the new one is of no use: ${(error as Error).message}`,
      );
    }
  }

  private read(): Certificate {
    const pair = { cert: readFileSync(this.certFile, 'utf8'), key: readFileSync(this.keyFile, 'utf8') };
    createSecureContext(pair);
    return pair;
  }
}
