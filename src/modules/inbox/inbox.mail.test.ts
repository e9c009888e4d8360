import { expect, test } from '@jest/globals';
import { downloadHeaders, frameDocument, frameHeaders, parseMail } from './inbox.mail.js';

test('a multipart mail: its parts, its attachments, and pictures named by Content-ID as data', async () => {
  const raw = `Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=
MIME-Version: 1.0
Content-Type: multipart/related; boundary=b

--b
Content-Type: text/html; charset=utf-8

<img src="cid:logo@shop"><img src="cid:page@shop">
--b
Content-Type: image/png
Content-ID: <logo@shop>
Content-Disposition: inline; filename=logo.png
Content-Transfer-Encoding: base64

AAEC
--b
Content-Type: text/html
Content-ID: <page@shop>
Content-Disposition: attachment; filename=page.html

<script>alert(1)</script>
--b--
`;
  const mail = await parseMail(Buffer.from(raw.replaceAll('\n', '\r\n')));
  expect(mail.html).toContain('src="data:image/png;base64,AAEC"');
  // Not a picture: it stays a name that leads nowhere.
  expect(mail.html).toContain('src="cid:page@shop"');
  expect(mail.attachments.map(({ name, content }) => [name, content.length])).toEqual([
    ['logo.png', 3],
    ['page.html', 26],
  ]);
  expect(mail.headers).toContainEqual({ name: 'Subject', value: 'Grüße' });
});

test('a mail that cannot be parsed has no parts, and does not stop the page', async () => {
  const nested = Array.from(
    { length: 400 },
    (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`,
  ).join('');
  expect(await parseMail(Buffer.from(nested))).toEqual({
    html: null,
    text: null,
    headers: [],
    attachments: [],
  });
});

test('the document of the frame: links open a new tab, and the scheme is the one that is played', () => {
  const html =
    '<html><head><style>@media (prefers-color-scheme: dark) {p{color:#fff}} :root{color-scheme:light dark}</style></head><p>';
  expect(frameDocument(html, 'dark')).toBe(
    '<html><head><base target="_blank"><meta name="color-scheme" content="dark">' +
      '<style>@media (min-width: 0) {p{color:#fff}} :root{color-scheme:dark}</style></head><p>',
  );
  expect(frameDocument(html, 'light')).toContain('@media (max-width: 0)');
  expect(frameDocument('<p>Plain</p>', 'dark')).toBe('<base target="_blank"><p>Plain</p>');
  expect(frameDocument('<header>a</header>', 'light')).toBe('<base target="_blank"><header>a</header>');
});

test('the policy of the frame lets nothing run, post, frame or have our origin', () => {
  const policy = frameHeaders['content-security-policy']!;
  for (const rule of [
    "default-src 'none'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ]) {
    expect(policy).toContain(rule);
  }
  expect(policy).not.toMatch(/script-src|allow-scripts|allow-same-origin|allow-forms|allow-top-navigation/);
});

test('a download is a download, whatever its name', () => {
  const headers = downloadHeaders('Rechnung "März"\r\nSet-Cookie: a=b \ud800.pdf');
  expect(headers['content-disposition']).toBe(
    'attachment; filename="Rechnung _M_rz___Set-Cookie_ a_b _.pdf"; ' +
      "filename*=UTF-8''Rechnung%20%22M%C3%A4rz%22%0D%0ASet-Cookie%3A%20a%3Db%20%EF%BF%BD.pdf",
  );
  expect(headers['content-type']).toBe('application/octet-stream');
});
