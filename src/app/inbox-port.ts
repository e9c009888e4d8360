/** `start` tells its processes where its inbox is. */
export function inboxPort(): number | undefined {
  const port = process.env['POSTRIDER_INBOX_PORT'];
  return port === undefined ? undefined : Number(port);
}

/** The same as a relay. */
export function inboxRelay(): string | undefined {
  const port = inboxPort();
  return port === undefined ? undefined : `smtp://127.0.0.1:${port}?tls=off`;
}
