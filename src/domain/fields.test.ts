import { expect, test } from '@jest/globals';
import { oneLine } from './fields.js';

test.each([
  ['  Anna ', 'Anna'],
  ['Anna\u202Etxt.exe', 'Annatxt.exe'],
  ['\u2068Anna\u2069', 'Anna'],
  ['‎أنا‏', '‎أنا‏'],
  ['👩‍👩‍👧 Ännä', '👩‍👩‍👧 Ännä'],
])('one line: %j is taken as %j', (given, taken) => expect(oneLine(200).parse(given)).toBe(taken));

test.each(['Anna\r\nBcc: x', 'Anna\u2028Bcc: x', 'a\0', '\ud800', ' ', '\u202E', 'x'.repeat(201)])(
  'one line: %j is refused',
  (given) => expect(oneLine(200).safeParse(given).success).toBe(false),
);
