import type { SmtpReply } from './smtp-reply.js';

/** Addresses to try out with: mail to them goes through everything up to the hand-over, and never leaves this machine. */

/** What becomes of mail to a test address, by its local part. */
export const sandboxFates = ['delivered', 'bounced', 'complained', 'deferred'] as const;
export type SandboxFate = (typeof sandboxFates)[number];

/** The relay that deliveries to test addresses name. No real one can be called so. */
export const SANDBOX_RELAY = '(sandbox)';

/** The bounce that comes back for `bounced@`. */
export const SANDBOX_BOUNCE = '550 5.1.1 No such user here: the sandbox bounces this address';

/** @param address on the sandbox domain; `delivered+anything@` is `delivered@`. @returns undefined for an unknown one */
export function sandboxFate(address: string): SandboxFate | undefined {
  const localPart = address.slice(0, address.lastIndexOf('@')).toLowerCase();
  const [name] = localPart.split('+');
  return sandboxFates.find((fate) => fate === name);
}

/** What the sandbox's server says at the hand-over, as a real one would. @param tries that were made before this one */
export function sandboxReply(fate: SandboxFate | undefined, tries: number): SmtpReply {
  if (fate === undefined)
    return { code: 550, enhanced: '5.1.1', text: `No such user: the sandbox has ${sandboxFates.join(', ')}` };
  if (fate === 'deferred' && tries === 0)
    return { code: 451, enhanced: '4.7.1', text: 'Greylisted by the sandbox, try again in 5 seconds' };
  return { code: 250, enhanced: '2.0.0', text: 'Taken by the sandbox: it goes to nobody' };
}
