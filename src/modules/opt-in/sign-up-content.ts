import { z } from 'zod';

const proof = z.object({
  text: z.string().nullable(),
  textVersion: z.string().optional(),
  policyVersion: z.string().optional(),
  source: z.string(),
  ip: z.string().optional(),
  userAgent: z.string().optional(),
});

const mailing = z.object({
  personId: z.uuid(),
  /** The request that this asking opened: its mail has to go out. Null where one is out already, or nothing waits. */
  requestId: z.uuid().nullable(),
  /** Subscriptions that were confirmed at once and are to be welcomed. */
  welcome: z.array(z.uuid()),
  /** Subscriptions that had been confirmed before, where there was nothing else to ask for. */
  already: z.array(z.uuid()),
});

/** What is still to be mailed after somebody asked for lists. */
export type Mailing = z.infer<typeof mailing>;

/**
 * What a sign-up waits with, sealed in its row. `form`: as a visitor posted it; who that is nobody has looked up yet. `mail`: from the API,
 * where the person is known already and only the mail is left.
 */
export const signUpContent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('form'),
    email: z.string(),
    name: z.string().nullable(),
    locale: z.string().nullable(),
    /** Ids. */
    lists: z.array(z.uuid()),
    proof,
  }),
  z.object({ kind: z.literal('mail'), email: z.string(), mailing }),
]);
export type SignUpContent = z.infer<typeof signUpContent>;
export type FormContent = Extract<SignUpContent, { kind: 'form' }>;
export type MailContent = Extract<SignUpContent, { kind: 'mail' }>;
