import { createHash } from 'node:crypto';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newsSource } from './news-source.js';
import type { BuiltinTemplate, Phrases, TemplateSource, Variables } from './types.js';

/** Folders that hold what the mails share. */
const SHARED = new Set(['layouts', 'partials', 'phrases']);

/**
 * Reads the built-in mails: one folder a mail, by folder name.
 * A mail with a `sample.md` is filled with it, so that it can be compiled and looked at without a campaign.
 * @throws Error that names the file that is missing or is no JSON
 */
export async function loadBuiltinTemplates(dir: string): Promise<Map<string, BuiltinTemplate>> {
  const shared = await readShared(dir);
  const names = await templateNames(dir);
  const templates = await Promise.all(names.map((name) => loadTemplate(join(dir, name), name, shared)));
  return new Map(templates.map((template) => [template.name, template]));
}

/** Folders of mails, in the order of their names. */
export async function templateNames(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !SHARED.has(entry.name))
    .map(({ name }) => name)
    .sort();
}

/** What the mails of a folder share. @throws Error that names the file that is missing or is no JSON */
export async function readShared(dir: string): Promise<SharedFiles> {
  return {
    files: { ...(await readFolder(dir, 'layouts')), ...(await readFolder(dir, 'partials')) },
    phrases: await readPhrases(join(dir, 'phrases')),
    sample: await readJson<Variables>(join(dir, 'sample.json')),
  };
}

export interface SharedFiles {
  files: Record<string, string>;
  phrases: Record<string, Phrases>;
  /** The shop, the customer and the order that the samples have in common; a mail's own sample comes on top. */
  sample: Variables;
}

async function loadTemplate(folder: string, name: string, shared: SharedFiles): Promise<BuiltinTemplate> {
  const [mjml, text, subject, ownSample, own] = await Promise.all([
    readFile(join(folder, 'body.mjml'), 'utf8'),
    readFile(join(folder, 'text.liquid'), 'utf8'),
    readFile(join(folder, 'subject.liquid'), 'utf8'),
    readJson<Variables>(join(folder, 'sample.json')),
    readPhrases(join(folder, 'phrases')),
  ]);
  const source: TemplateSource = {
    mjml,
    text,
    subject,
    phrases: mergePhrases(shared.phrases, own),
    partials: usedFiles([mjml, text, subject], shared.files),
  };
  const sample = { ...shared.sample, ...ownSample };
  const template = { name, source, sample, checksum: checksumOf(source) };
  const sampleContent = join(folder, 'sample.md');
  if (!(await exists(sampleContent))) return template;
  const content = await readFile(sampleContent, 'utf8');
  const { campaign } = sample as { campaign: { subject: string; preheader?: string } };
  const filled = newsSource({ ...campaign, content }, template);
  return { ...template, source: filled, checksum: checksumOf(filled) };
}

/** The shared files that some templates name, and those that these name. */
export function usedFiles(templates: string[], files: Record<string, string>): Record<string, string> {
  const used: Record<string, string> = {};
  const visit = (template: string) => {
    for (const [, name] of template.matchAll(/\[%-?\s*(?:layout|render)\s+'([^']+)'/g)) {
      const file = files[name as string];
      if (file === undefined || name === undefined || name in used) continue;
      used[name] = file;
      visit(file);
    }
  };
  templates.forEach(visit);
  return Object.fromEntries(Object.entries(used).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function mergePhrases(
  shared: Record<string, Phrases>,
  own: Record<string, Phrases>,
): Record<string, Phrases> {
  const locales = [...new Set([...Object.keys(shared), ...Object.keys(own)])].sort();
  return Object.fromEntries(locales.map((locale) => [locale, { ...shared[locale], ...own[locale] }]));
}

export async function readPhrases(folder: string): Promise<Record<string, Phrases>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  return Object.fromEntries(
    await Promise.all(
      files.map(async (file) => [
        file.slice(0, -'.json'.length),
        await readJson<Phrases>(join(folder, file)),
      ]),
    ),
  );
}

export async function readFolder(dir: string, folder: string): Promise<Record<string, string>> {
  const files = (await readdir(join(dir, folder))).sort();
  return Object.fromEntries(
    await Promise.all(
      files.map(async (file) => [`${folder}/${file}`, await readFile(join(dir, folder, file), 'utf8')]),
    ),
  );
}

export async function readJson<T>(path: string): Promise<T> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new Error(`${path} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

export function checksumOf(source: TemplateSource): string {
  return createHash('sha256').update(JSON.stringify(source)).digest('hex');
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
