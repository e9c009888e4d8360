import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  mergePhrases,
  readFolder,
  readJson,
  readPhrases,
  usedFiles,
  type SharedFiles,
} from './builtin-templates.js';
import type { Phrases, TemplateSource, Variables } from './types.js';

/** What an operator writes of a mail; what is left out comes from the mail in whose place it stands, or from what all mails share. */
export interface WrittenTemplate {
  readonly subject: string;
  readonly mjml: string;
  readonly text?: string | null | undefined;
  readonly preheader?: string | null | undefined;
  readonly phrases?: Readonly<Record<string, Phrases>> | undefined;
  readonly sample?: Variables | undefined;
}

/** With the layouts, partials and phrases that come with Postrider, so that it compiles the same for ever. */
export function sourceOf(
  written: WrittenTemplate,
  shared: SharedFiles,
  replaced?: TemplateSource,
): TemplateSource {
  const { subject, mjml, text = null, preheader } = written;
  return {
    mjml,
    text,
    subject,
    ...(preheader && { preheader }),
    phrases: mergePhrases(replaced?.phrases ?? shared.phrases, { ...written.phrases }),
    partials: usedFiles([mjml, subject, text ?? ''], shared.files),
  };
}

/**
 * The shared files of an operator's folder, over those that come with Postrider. Each of its folders may be missing.
 * @throws Error that names the file that is no JSON
 */
export async function readOwnShared(dir: string, shipped: SharedFiles): Promise<SharedFiles> {
  const layouts = await ifThere(readFolder(dir, 'layouts'));
  const partials = await ifThere(readFolder(dir, 'partials'));
  return {
    files: { ...shipped.files, ...layouts, ...partials },
    phrases: mergePhrases(shipped.phrases, (await ifThere(readPhrases(join(dir, 'phrases')))) ?? {}),
    sample: { ...shipped.sample, ...(await ifThere(readJson<Variables>(join(dir, 'sample.json')))) },
  };
}

/** One mail's folder: `body.mjml` and `subject.liquid`; `text.liquid`, `phrases/` and `sample.json` may be missing. */
export async function readOwnTemplate(folder: string): Promise<WrittenTemplate> {
  return {
    mjml: await readFile(join(folder, 'body.mjml'), 'utf8'),
    subject: await readFile(join(folder, 'subject.liquid'), 'utf8'),
    text: (await ifThere(readFile(join(folder, 'text.liquid'), 'utf8'))) ?? null,
    phrases: await ifThere(readPhrases(join(folder, 'phrases'))),
    sample: await ifThere(readJson<Variables>(join(folder, 'sample.json'))),
  };
}

async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
