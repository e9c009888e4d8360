/** Mail and replies that are meant to cost much to read. */

export const MEGABYTE = 1_048_576;
export const head =
  'From: MAILER-DAEMON@mx.example.com\r\nTo: b.k3v9x@bounces.shop.example\r\nSubject: Undelivered Mail\r\n';
const status = [
  'Content-Type: message/delivery-status',
  '',
  'Reporting-MTA: dns; mx.example.com',
  '',
  'Final-Recipient: rfc822; one@example.com',
  'Action: failed',
  'Status: 5.1.1',
  '',
].join('\r\n');
export const report = `${head}Content-Type: multipart/report; report-type=delivery-status; boundary=b1\r\n\r\n--b1\r\n${status}\r\n`;

export const zipHead = 'Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n';
const deep = (levels: number): string =>
  Array.from(
    { length: levels },
    (_, at) => `Content-Type: multipart/mixed; boundary=n${at}\r\n\r\n--n${at}\r\n`,
  ).join('');

/** About as many octets of it. */
export const filled = (start: string, unit: string, octets: number): Buffer =>
  Buffer.from(start + unit.repeat(Math.max(1, Math.round(octets / unit.length))), 'latin1');

/** What there is of it, and a mail with about so many octets of that. */
export const hostileMails: readonly (readonly [what: string, of: (octets: number) => Buffer])[] = [
  ['text', (octets) => filled(`${head}\r\n`, 'could not be delivered ', octets)],
  ['one line', (octets) => filled(`${head}\r\n`, 'a', octets)],
  ['addresses', (octets) => filled(`${head}\r\n`, '<one@example.com>: 550 ', octets)],
  ['lines with addresses', (octets) => filled(`${head}\r\n`, '<one@example.com>: 550 no\r\n', octets)],
  ['fields', (octets) => filled(head, 'X-A: b\r\n', octets)],
  ['a field that never ends', (octets) => filled(`${head}X-Long: `, 'a ', octets)],
  ['a field folded for ever', (octets) => filled(`${head}X-Long: a\r\n`, ' a\r\n', octets)],
  ['levels of parts', (octets) => Buffer.from(head + deep(Math.round(octets / 60)))],
  [
    'parts',
    (octets) =>
      filled(`${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n`, '--b\r\n\r\nx\r\n', octets),
  ],
  [
    'mails in mails',
    (octets) => filled(head, 'Content-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\n', octets),
  ],
  ['a zip', (octets) => filled(`${report}--b1\r\n${zipHead}`, 'UEsDBBQAAAAIAA', octets)],
  ['tags that never close', (octets) => filled(`${head}Content-Type: text/html\r\n\r\n`, '<style ', octets)],
  [
    'style that never closes',
    (octets) => filled(`${head}Content-Type: text/html\r\n\r\n`, '<style>', octets),
  ],
  ['quoted lines', (octets) => filled(`${head}\r\n`, '> ', octets)],
  ['dashes', (octets) => filled(`${head}\r\n`, '-', octets)],
  ['lines of dashes', (octets) => filled(`${head}\r\n`, '----\r\n', octets)],
  ['encoded words', (octets) => filled(`${head}Subject: `, '=?utf-8?B?', octets)],
  [
    'recipients',
    (octets) => filled(report, 'Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n\r\n', octets),
  ],
];

/** What a reply may repeat without end. */
export const hostileUnits = [
  'a',
  '-',
  '.',
  ' ',
  '<',
  'x@',
  'mailbox ',
  'is ',
  'not ',
  'a.',
  'user a ',
  'quota ',
  '550 ',
  'ユーザ',
] as const;
