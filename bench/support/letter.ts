import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Mail } from '../../src/modules/delivery/mime/compose-mime.js';
import { loadBuiltinTemplates } from '../../src/modules/templates/builtin-templates.js';
import { newsSource } from '../../src/modules/templates/news-source.js';
import { PreparedTemplate } from '../../src/modules/templates/prepared-template.js';
import { TemplateCompiler } from '../../src/modules/templates/template-compiler.js';
import type { BuiltinTemplate } from '../../src/modules/templates/types.js';

const HTML_SIZE = 16 * 1024;
const TEXT_SIZE = 4 * 1024;

/** As MJML compiles it: short lines, long lines, an equals sign every sixty characters. */
const HTML_BLOCK = `
      <!--[if mso | IE]><table align="center" border="0" cellpadding="0" cellspacing="0" role="presentation" style="width:600px;" width="600"><tr><td style="line-height:0px;font-size:0px;mso-line-height-rule:exactly;"><![endif]-->
      <div style="margin:0px auto;max-width:600px;">
        <table align="center" border="0" cellpadding="0" cellspacing="0" role="presentation" style="width:100%;">
          <tbody>
            <tr>
              <td style="font-family:Georgia, serif;font-size:17px;line-height:1.6;text-align:left;color:#22201d;">
                <p style="margin:0 0 16px;">It took four attempts. The first three were too heavy, and the fourth is the one that stands in our own kitchen now.</p>
              </td>
            </tr>
          </tbody>
        </table>
      </div>
`;
const TEXT_BLOCK = `The oak stool

It took four attempts. The first three were too heavy, and the fourth is the one that stands in our own kitchen now.

See the oak stool (https://shop.example/stool)

`;

/** A news mail of 16 KB HTML and 4 KB text to one reader after the other. @param firstName decides whether all is ASCII */
export function letterTo(firstName: string): (number: number) => Mail {
  const html = HTML_BLOCK.repeat(Math.ceil(HTML_SIZE / HTML_BLOCK.length)).slice(0, HTML_SIZE);
  const text = TEXT_BLOCK.repeat(Math.ceil(TEXT_SIZE / TEXT_BLOCK.length)).slice(0, TEXT_SIZE);
  return (number) => ({
    from: { name: 'Bench', address: 'news@bench.example' },
    to: [{ name: `${firstName} ${number}`, address: `bench-${number}@example.com` }],
    subject: 'A quiet month in the workshop',
    date: new Date(),
    messageId: `0198f2a0-1111-7222-8333-444455556666.${number}@bench.example`,
    fields: {
      'List-Unsubscribe': `<https://bench.example/unsubscribe/${'x'.repeat(75)}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'List-Id': '"Bench" <bench.lists.bench.example>',
      'Feedback-ID': '0198f2a0-1111-7222-8333-444455556666:bench:news:bench-example',
      'X-Postrider-Delivery': String(number),
    },
    text: `Hello ${firstName} ${number},\n${text}`,
    html: `<p>Hello ${firstName} ${number},</p>\n${html}`,
  });
}

/** The letter of the blast, `letter.md`, in the layout of the built-in news mail. */
export async function newsTemplate(): Promise<PreparedTemplate> {
  const builtins = await loadBuiltinTemplates(fileURLToPath(new URL('../../templates', import.meta.url)));
  const content = await readFile(new URL('letter.md', import.meta.url), 'utf8');
  const compiler = new TemplateCompiler();
  const source = newsSource(
    { subject: 'A quiet month in the workshop', content },
    builtins.get('news') as BuiltinTemplate,
  );
  const compiled = await compiler.compile(source, 'en');
  await compiler.close();
  return new PreparedTemplate(compiled);
}
