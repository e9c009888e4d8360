import { Injectable } from '@nestjs/common';
import { Logger, LoggerModule } from 'nestjs-pino';
import type { DynamicModule } from '@nestjs/common';
import type { Config } from '../config/index.js';

const address = /[\p{L}\p{N}._%+'-]+(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;
const linkToken = /\/(confirm|unsubscribe|preferences)\/[\w-]+/g;

/** Servers put addresses into their replies, libraries into their errors: whatever is logged goes through here (promise 6). */
export function withoutPersonalData(line: string): string {
  return line.replace(address, '<address>').replace(linkToken, '/$1/<token>');
}

/** JSON lines on standard output. Requests are logged when they fail; all of them at LOG_LEVEL=debug. */
export function loggingModule(config: Config, processName: string): DynamicModule {
  const pino = LoggerModule.forRoot({
    pinoHttp: {
      level: config.env.LOG_LEVEL,
      base: { process: processName },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: withoutPersonalData },
      redact: ['req.headers', 'res.headers'],
      customLogLevel: (_request, response, error) =>
        error || response.statusCode >= 500 ? 'error' : response.statusCode >= 400 ? 'info' : 'debug',
      serializers: {
        req: (request: { id: string; method: string; url: string }) => ({
          id: request.id,
          method: request.method,
          url: request.url,
        }),
        res: (response: { statusCode: number }) => ({ statusCode: response.statusCode }),
      },
    },
  });
  return {
    ...pino,
    providers: [...(pino.providers ?? []), NestLogger],
    exports: [...(pino.exports ?? []), NestLogger],
  };
}

/** Nest tells of every module and route it sets up: that is for someone who looks for a fault in the composition. */
const setUp = new Set([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestFactory',
  'NestApplication',
]);

@Injectable()
export class NestLogger extends Logger {
  override log(message: unknown, ...rest: unknown[]): void {
    if (setUp.has(String(rest.at(-1)))) this.debug(message, ...rest);
    else super.log(message, ...rest);
  }
}
