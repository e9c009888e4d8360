import { createTransport } from 'nodemailer';
import type { SendMailOptions } from 'nodemailer';

/** A picture of one pixel. */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

const shop = { name: 'Fernweh & Sons', address: 'post@fernweh.example' };

/** A mail that tries everything a mail could try against the page that shows it; `PWNED` is what must never come true. */
export const hostileHtml = `<!doctype html><html><head><title>x</title>
<base href="https://evil.example/">
<meta http-equiv="refresh" content="0;url=/inbox">
<script>top.document.title = 'PWNED'; parent.document.title = 'PWNED'; document.title = 'PWNED';</script>
<style>@import url('https://evil.example/track.css'); body { font-family: sans-serif; padding: 2rem; }</style>
</head><body>
<h1>Your parcel is waiting</h1>
<img src="x" onerror="document.title = 'PWNED'"><svg onload="document.title = 'PWNED'"></svg>
<iframe src="javascript:top.document.title='PWNED'"></iframe><object data="/inbox"></object><embed src="/inbox">
<form id="empty" method="post" action="/inbox/empty"><button>Claim it</button></form>
<p><a id="top" href="/inbox" target="_top">leave the frame</a> <a href="javascript:alert(1)">run</a></p>
</body></html>`;

const letter = `<!doctype html><html lang="en"><head><meta name="color-scheme" content="light dark"><style>
body{margin:0;background:#faf8f5;color:#1c1917;font:16px/1.6 Arial,sans-serif}.card{max-width:520px;margin:24px auto;padding:32px;background:#fff;border:1px solid #e7e2da;border-radius:12px}
h1{font:28px Georgia,serif;margin:0 0 12px}.b{display:inline-block;padding:12px 20px;background:#b4441c;color:#fff;border-radius:8px;text-decoration:none}
@media (prefers-color-scheme:dark){body{background:#171513;color:#f3efe9}.card{background:#211e1b;border-color:#38332d}}
</style></head><body><div class="card"><h1>Please confirm</h1><p>You asked for The Sunday Letter. One press of the button and it will come.</p>
<p><a class="b" href="/confirm/abc">Confirm subscription</a></p><p><img src="cid:logo@fernweh" width="24" height="24" alt="Logo"></p></div></body></html>`;

export const sampleMails: readonly SendMailOptions[] = [
  {
    from: shop,
    to: 'ada@example.com',
    subject: 'Please confirm: The Sunday Letter',
    text: 'You asked for The Sunday Letter.\n\nConfirm: http://127.0.0.1:3000/confirm/abc\n\nDid not ask? Do nothing.',
    html: letter,
    attachments: [{ filename: 'logo.png', content: pixel, cid: 'logo@fernweh' }],
  },
  {
    from: shop,
    to: { name: 'Grüße Müller', address: 'mueller@example.com' },
    subject: 'Deine Bestellung №1042 ist unterwegs 📦 — danke für dein Vertrauen und bis bald in Hamburg',
    text: 'Unterwegs: https://track.example/1042',
    attachments: [
      { filename: 'Rechnung März "2026".pdf', content: Buffer.alloc(48_000, 'x') },
      { filename: 'agb.html', content: '<script>alert(1)</script>' },
    ],
  },
  { from: shop, to: 'eve@example.com', subject: 'Claim <script>alert(1)</script>', html: hostileHtml },
  {
    from: 'robot@shop.example',
    to: 'ops@example.com',
    bcc: 'audit@example.com',
    subject: '',
    text: 'No subject, text only.',
  },
  {
    from: shop,
    to: ['grace@example.com', 'joan@example.com'],
    subject: 'Order 1043 confirmed',
    html: '<p>Thank you, Grace.</p>',
  },
];

/** Sends them one after the other, so that the newest is the last. */
export async function sendSamples(
  smtpUrl: string,
  mails: readonly SendMailOptions[] = sampleMails,
): Promise<void> {
  const transport = createTransport(smtpUrl);
  for (const mail of mails) await transport.sendMail(mail);
  transport.close();
}
