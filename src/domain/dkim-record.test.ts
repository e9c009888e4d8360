import { expect, test } from '@jest/globals';
import { readDkimRecord } from './dkim-record.js';

test.each([
  // RFC 6376 appendix C, folded as a zone file folds it
  [
    'v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ KBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt',
    {
      keyType: 'rsa',
      publicKey: 'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt',
    },
  ],
  // RFC 8463 appendix A.2
  [
    'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
    { keyType: 'ed25519', publicKey: '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=' },
  ],
  ['k=rsa; t=y:s; h=sha1:sha256; s=email; p=AAAA', { keyType: 'rsa', publicKey: 'AAAA', testing: true }],
])('%s', (text, expected) => {
  expect(readDkimRecord(text)).toMatchObject({ kind: 'key', ...expected });
});

test.each([
  ['v=DKIM1; p=', 'revoked'],
  ['p=AAAA; v=DKIM1', 'invalid'],
  ['v=DKIM2; p=AAAA', 'invalid'],
  ['v=DKIM1; k=rsa', 'invalid'],
  ['v=DKIM1; s=tlsrpt; p=AAAA', 'invalid'],
  ['v=DKIM1; h=sha1; p=AAAA', 'invalid'],
  ['v=DKIM1; p=AAAA; p=BBBB', 'invalid'],
  ['google-site-verification=abc def', 'invalid'],
  ['', 'invalid'],
])('%s is %s', (text, kind) => expect(readDkimRecord(text).kind).toBe(kind));
