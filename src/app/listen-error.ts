import { ConfigError } from '../platform/config/index.js';

/** An error of listening, in the operator's words. */
export function listenError(error: unknown, host: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new ConfigError(`PORT: ${port} on ${host} is in use; stop the other program or set PORT`);
  if (code === 'EACCES')
    return new ConfigError(`PORT: ${port} needs more rights than this user has; set PORT above 1023`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new ConfigError(`HOST: ${host} is no address of this machine`);
  return error;
}
