import { HttpException, NotFoundException } from '@nestjs/common';
import { expect, test } from '@jest/globals';
import { invalid } from './api-error.js';
import { toApiError } from './to-api-error.js';

const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code });

test.each<[unknown, number, string]>([
  [invalid('email', 'is missing'), 422, 'validation_failed'],
  [new NotFoundException('Cannot GET /x'), 404, 'not_found'],
  [coded('ECONNREFUSED'), 503, 'database_unavailable'],
  [coded('57P01', 'terminating connection due to administrator command'), 503, 'database_unavailable'],
  [coded('53300', 'sorry, too many clients already'), 503, 'database_unavailable'],
  [new Error('Connection terminated unexpectedly'), 503, 'database_unavailable'],
  [coded('22021', 'invalid byte sequence for encoding "UTF8": 0x00'), 422, 'validation_failed'],
  [coded('FST_ERR_CTP_BODY_TOO_LARGE'), 413, 'body_too_large'],
  [coded('FST_ERR_CTP_INVALID_MEDIA_TYPE'), 415, 'unsupported_media_type'],
  [
    new HttpException('Unsupported', 415, { cause: coded('FST_ERR_CTP_INVALID_MEDIA_TYPE') }),
    415,
    'unsupported_media_type',
  ],
  [new Error('Unexpected end of multipart data'), 400, 'bad_multipart'],
  [new Error('Multipart: Boundary not found'), 400, 'bad_multipart'],
  [Object.assign(new Error('Unexpected token'), { statusCode: 400 }), 400, 'bad_request'],
])('%s', (thrown, statusCode, name) => expect(toApiError(thrown)).toMatchObject({ statusCode, name }));

test('a defect of ours is not dressed up', () => {
  expect(toApiError(new TypeError('x is not a function'))).toBeUndefined();
  expect(toApiError(coded('23505', 'duplicate key'))).toBeUndefined();
});
