import { z } from 'zod';
import type { NewAttachment } from './attachment.types.js';
import { mayBe, programIn } from './file-content.js';
import { endingOf, runnableEnding, safeFileName } from './file-name.js';

const MEGABYTE = 1024 * 1024;
/** Of one mail, decoded. Most mailbox providers take 20 to 25 MB, in which a file is a third longer. */
const MAX_OCTETS = 10 * MEGABYTE;
const MAX_FILES = 20;

const TYPE_BY_ENDING: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  csv: 'text/csv; charset=utf-8',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  gif: 'image/gif',
  ics: 'text/calendar; charset=utf-8',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  pdf: 'application/pdf',
  pkpass: 'application/vnd.apple.pkpass',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  webp: 'image/webp',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  xml: 'application/xml',
  zip: 'application/zip',
};

/** RFC 2045 §5.1, with no parameter but the one that says how to read a text. */
const MEDIA_TYPE =
  /^(?<type>[a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62})(?:; ?charset="?[\w.:-]{1,40}"?)?$/i;
/** RFC 2046 §5: these are mails, or parts of one, and may not stand in base64. */
const COMPOSITE = /^(?:multipart|message)\//;
const RUNNABLE_TYPE =
  /^(?:application\/(?:x-(?:msdownload|msdos-program|ms-installer|msi|ms-shortcut|sh|bat|csh|executable|elf|java-archive|iso9660-image)|java-archive|hta|vnd\.microsoft\.portable-executable|javascript|ecmascript)|text\/(?:javascript|vbscript|x-sh))$/;
/** RFC 2392, in the part of it that every reader agrees on. */
const CONTENT_ID = /^[A-Za-z0-9][\w.+-]{0,79}(?:@[A-Za-z0-9][\w.-]{0,79})?$/;
/** RFC 4648 §4; line breaks are what many encoders write. One class alone: a group that repeats overflows the stack at some megabytes. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The `=` at its end may be left out, but not be wrong. */
function isBase64(text: string): boolean {
  const padding = /=*$/.exec(text.slice(-3))?.[0].length ?? 0;
  return BASE64.test(text) && (padding > 0 ? text.length % 4 === 0 : text.length % 4 !== 1);
}

const base64 = z
  .string()
  .min(1)
  .max(MAX_OCTETS * 1.5, `is larger than a mail takes (${MAX_OCTETS / MEGABYTE} MB of attachments)`)
  .transform((value, context) => {
    const text = /\s/.test(value) ? value.replaceAll(/\s/g, '') : value;
    const content = isBase64(text) ? Buffer.from(text, 'base64') : undefined;
    if (content && content.length > 0) return content;
    context.addIssue({ code: 'custom', message: content ? 'is empty' : 'is not base64' });
    return z.NEVER;
  });

const filename = z
  .string()
  .min(1)
  .max(1_000)
  .transform((value, context) => {
    const name = safeFileName(value);
    const ending = runnableEnding(name);
    if (name !== '' && ending === undefined) return name;
    const message =
      name === ''
        ? 'is no name of a file'
        : `ends in .${ending}: mailbox providers refuse files that can be run`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const contentType = z
  .string()
  .max(200)
  .transform((value, context) => {
    const type = MEDIA_TYPE.exec(value)?.groups?.['type']?.toLowerCase();
    const problem = type === undefined ? 'is not a media type, such as application/pdf' : typeProblem(type);
    if (type !== undefined && problem === undefined) return type + value.slice(type.length);
    context.addIssue({ code: 'custom', message: problem ?? '' });
    return z.NEVER;
  });

function typeProblem(type: string): string | undefined {
  if (COMPOSITE.test(type))
    return `"${type}" is a mail or a part of one; send it as application/octet-stream`;
  return RUNNABLE_TYPE.test(type)
    ? `"${type}" can be run, and mailbox providers refuse such files`
    : undefined;
}

const fields = {
  filename: filename.describe('Shown, and saved under; folders and control characters are taken out of it.'),
  content: base64.describe('Base64.'),
  contentType: contentType.optional().describe('Default: by the ending of the name.'),
};

interface Given {
  filename: string;
  content: Buffer;
  contentType?: string | undefined;
  contentId?: string | undefined;
  disposition?: 'attachment' | 'inline' | undefined;
}

function checked(given: Given, context: z.RefinementCtx): NewAttachment {
  const { filename: name, content, contentId = null } = given;
  const type = given.contentType ?? TYPE_BY_ENDING[endingOf(name)] ?? 'application/octet-stream';
  const refuse = (field: keyof Given, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message });
  const program = programIn(content);
  if (program !== undefined)
    refuse('content', `is ${program}: mailbox providers refuse files that can be run`);
  else if (!mayBe(type.split(';')[0] ?? '', content)) {
    refuse(
      given.contentType === undefined ? 'content' : 'contentType',
      `says ${type}, and the content is none`,
    );
  }
  if (content.length > MAX_OCTETS) refuse('content', `has more than ${MAX_OCTETS / MEGABYTE} MB`);
  const disposition = given.disposition ?? (contentId === null ? 'attachment' : 'inline');
  return { filename: name, contentType: type, contentId, disposition, content };
}

/** One file that is not shown in the text: an invoice. */
export const attachedFile = z.strictObject(fields).transform(checked).meta({ id: 'AttachedFile' });

const attachment = z
  .strictObject({
    ...fields,
    contentId: z
      .string()
      .regex(CONTENT_ID, 'must be made of letters, digits and . _ + -, with at most one @')
      .optional()
      .describe('Of a picture in the HTML, which names it as `<img src="cid:…">`.'),
    disposition: z
      .enum(['attachment', 'inline'])
      .optional()
      .describe('Default: inline where there is a contentId.'),
  })
  .transform(checked)
  .meta({ id: 'Attachment' });

/** The files of one mail. */
export const attachments = z
  .array(attachment)
  .max(MAX_FILES)
  .superRefine((files, context) => {
    const octets = files.reduce((sum, { content }) => sum + content.length, 0);
    if (octets > MAX_OCTETS) {
      const megabytes = (octets / MEGABYTE).toFixed(1);
      const message = `have ${megabytes} MB together; a mail takes ${MAX_OCTETS / MEGABYTE} MB`;
      context.addIssue({ code: 'custom', message });
    }
    const ids = files.map(({ contentId }) => contentId);
    for (const [index, id] of ids.entries()) {
      if (id === null || ids.indexOf(id) === index) continue;
      context.addIssue({ code: 'custom', path: [index, 'contentId'], message: 'is that of another file' });
    }
  })
  .describe(
    `At most ${MAX_FILES} files with ${MAX_OCTETS / MEGABYTE} MB in all; no programs and scripts, in ZIP archives neither.`,
  );
