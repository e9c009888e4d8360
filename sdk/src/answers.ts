import { PostriderError, type ErrorDetail } from './error.js';

/** What a 2xx says; undefined for an empty body. @throws PostriderError for a page of something else */
export function answerOf(response: Response, text: string): unknown {
  const body = text === '' ? undefined : parse(text);
  if (text === '' || body !== undefined) return body;
  throw errorWith(response, 'bad_answer', `${response.url} answered with something that is no JSON`);
}

/** The error as Postrider says it; something in between (a proxy) has a page of its own. */
export function errorOf(response: Response, text: string): PostriderError {
  const body = parse(text) as { name?: string; message?: string; details?: ErrorDetail[] } | undefined;
  const { name, message, details } = body ?? {};
  if (name !== undefined && message !== undefined) return errorWith(response, name, message, details);
  const target = response.headers.get('Location');
  return errorWith(
    response,
    'bad_answer',
    target === null
      ? `The answer ${response.status} is not from Postrider`
      : `baseUrl leads on to ${target}; name the address that answers`,
  );
}

function errorWith(
  { status, headers }: Response,
  name: string,
  message: string,
  details: readonly ErrorDetail[] = [],
): PostriderError {
  return new PostriderError({
    statusCode: status,
    name,
    message,
    details,
    requestId: headers.get('X-Request-Id'),
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
