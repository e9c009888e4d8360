/** `start` tells its processes where its inbox is. */
export function inboxPort(): number | undefined {
  const port = process.env['POSTRIDER_INBOX_PORT'];
  return port === undefined ? undefined : Number(port);
}
