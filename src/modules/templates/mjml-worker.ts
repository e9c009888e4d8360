import { Worker } from 'node:worker_threads';
import type { CompileReply, CompileRequest } from './mjml.worker.js';
import { TemplateError } from './template-error.js';

/** From dist the worker is JavaScript; in tests it is the TypeScript source, whose types Node strips. */
const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? './mjml.worker.ts' : './mjml.worker.js',
  import.meta.url,
);

/**
 * MJML to HTML in a worker thread: started by the first compile, one compile at a time, started anew after it died
 * or was stopped for taking too long. An idle worker does not keep the process alive.
 */
export class MjmlWorker {
  private worker: Worker | null = null;
  private queue: Promise<unknown> = Promise.resolve();
  private lastId = 0;
  private isClosed = false;
  private readonly timeoutMs: number;

  /** @param timeoutMs for one compile; the first one also loads MJML (about 0.5 s) */
  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** @throws TemplateError with MJML's problems, or when the worker dies or takes too long */
  compile(mjml: string): Promise<string> {
    const result = this.queue.then(() => this.compileNow(mjml));
    this.queue = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.worker?.terminate();
  }

  private async compileNow(mjml: string): Promise<string> {
    if (this.isClosed) throw new TemplateError([{ message: 'the template compiler is closed' }]);
    const worker = (this.worker ??= this.start());
    worker.ref();
    try {
      const { html, problems } = await this.ask(worker, { id: ++this.lastId, mjml });
      if (html === undefined) throw new TemplateError(problems ?? [{ message: 'MJML gave no HTML' }]);
      return html;
    } finally {
      worker.unref();
    }
  }

  private ask(worker: Worker, request: CompileRequest): Promise<CompileReply> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        finish();
      };
      const fail = (message: string) => settle(() => reject(new TemplateError([{ message }])));
      const onMessage = (reply: CompileReply) => {
        if (reply.id === request.id) settle(() => resolve(reply));
      };
      const onError = (error: Error) => fail(`the MJML compiler failed: ${error.message}`);
      const onExit = () => fail('the MJML compiler stopped');
      const timer = setTimeout(() => {
        this.forget(worker);
        void worker.terminate();
        fail(`the MJML compile took longer than ${this.timeoutMs} ms`);
      }, this.timeoutMs);
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      worker.postMessage(request);
    });
  }

  private start(): Worker {
    const worker = new Worker(WORKER_URL, { resourceLimits: { maxOldGenerationSizeMb: 256 } });
    worker.on('error', () => this.forget(worker));
    worker.on('exit', () => this.forget(worker));
    worker.unref();
    return worker;
  }

  private forget(worker: Worker): void {
    if (this.worker === worker) this.worker = null;
  }
}
