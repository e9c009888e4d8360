/** A step that could not be done. The message is for the operator; there is no stack to show. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {number} exitCode
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Tells the operator what happens, in one line. On stderr: stdout belongs to the command. */
export function say(line) {
  process.stderr.write(`postrider: ${line}\n`);
}
