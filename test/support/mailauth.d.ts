/** mailauth brings no types; this is the part that the tests use. */
declare module 'mailauth/lib/dkim/verify.js' {
  const verify: {
    dkimVerify(raw: Buffer, options: object): Promise<{ results: { status: { result: string } }[] }>;
  };
  export default verify;
}
