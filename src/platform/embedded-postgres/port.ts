import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections (32768 and up), so that none of those takes it. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** The preferred port when it is free on 127.0.0.1, else a random free one. */
export async function freePort(preferred: number | undefined): Promise<number> {
  for (let port = preferred ?? randomPort(); ; port = randomPort()) {
    if (await isFree(port)) return port;
  }
}

function randomPort(): number {
  return randomInt(LOWEST, HIGHEST);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
