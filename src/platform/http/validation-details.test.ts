import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { detailsOf } from './validation-details.js';

const consent = z.strictObject({ ip: z.ipv4('is not an IP address').optional(), text: z.string() });
const schema = z.strictObject({ name: z.string(), consent });

const details = (value: unknown) => detailsOf(schema.safeParse(value).error?.issues ?? []);

test('every mistake names its field', () => {
  expect(details({ name: 'x', consent: { ip: '1', text: 'Yes', foo: 1 }, a: 1, b: 2 })).toEqual([
    { field: 'consent.ip', message: 'is not an IP address' },
    { field: 'consent.foo', message: 'is not a field of this call' },
    { field: 'a', message: 'is not a field of this call' },
    { field: 'b', message: 'is not a field of this call' },
  ]);
});

test('what is missing is said to be missing', () => {
  expect(details({ consent: {} })).toEqual([
    { field: 'name', message: 'is missing' },
    { field: 'consent.text', message: 'is missing' },
  ]);
  expect(details(undefined)).toEqual([{ field: '', message: expect.stringContaining('expected object') }]);
});
