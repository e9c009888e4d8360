import { expect } from '@jest/globals';

/** The one shape of an error, and that it names the thing. */
export function expectError(
  answer: { status: number; body: unknown },
  expected: { status: number; name: string; says: string | RegExp; field?: string },
): void {
  const { status, name, says, field } = expected;
  expect(answer).toEqual({
    ...answer,
    status,
    body: { statusCode: status, name, message: expect.stringMatching(says), details: expect.any(Array) },
  });
  const { details } = answer.body as { details: { field?: string; message: string }[] };
  for (const detail of details) expect(detail).toMatchObject({ message: expect.stringMatching(/\S/) });
  if (field !== undefined) expect(details.map((detail) => detail.field)).toContain(field);
}
