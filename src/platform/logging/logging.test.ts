import { expect, test } from '@jest/globals';
import { withoutPersonalData } from './logging.js';

test.each([
  ['550 5.1.1 <ada.l+x@example.com>: unknown', '550 5.1.1 <<address>>: unknown'],
  ['/v1/x?q=ada%40example.com', '/v1/x?q=<address>'],
  ['Jörg jörg@bücher.example wrote', 'Jörg <address> wrote'],
  ['POST /unsubscribe/AAEC-_x9 200', 'POST /unsubscribe/<token> 200'],
  ['@nestjs/core 12.5.1', '@nestjs/core 12.5.1'],
])('%s', (line, expected) => expect(withoutPersonalData(line)).toBe(expected));
