/**
 * A worker thread that compiles MJML: one compile blocks its thread for 30 to 100 ms.
 * It imports no file of ours, so that Node runs it from source (types stripped) as well as from dist.
 */
import { parentPort } from 'node:worker_threads';
import mjml2html from 'mjml';

export interface CompileRequest {
  id: number;
  mjml: string;
}

export interface CompileReply {
  id: number;
  html?: string;
  problems?: { line?: number; message: string }[];
}

interface MjmlProblem {
  line?: number;
  message: string;
  tagName?: string;
}

const options = {
  validationLevel: 'strict',
  keepComments: true,
  ignoreIncludes: true,
  // Only used by <mj-style inline="inline">: keeps the HTML parser away from {% if a < b %}.
  juicePreserveTags: { liquid: { start: '{%', end: '%}' } },
  fonts: {},
} as const;

parentPort?.on('message', ({ id, mjml }: CompileRequest) => {
  void compile(id, mjml).then((reply) => parentPort?.postMessage(reply));
});

async function compile(id: number, mjml: string): Promise<CompileReply> {
  try {
    return { id, html: (await mjml2html(mjml, options)).html };
  } catch (error) {
    const { errors, message } = error as Error & { errors?: MjmlProblem[] };
    return { id, problems: errors?.map(describe) ?? [{ message }] };
  }
}

function describe({ line, message, tagName }: MjmlProblem): { line?: number; message: string } {
  return { ...(line !== undefined && { line }), message: tagName ? `<${tagName}>: ${message}` : message };
}
