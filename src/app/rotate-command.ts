import { keyPurposes, RotationError, type KeyPurpose, type KeyRing } from '../platform/crypto/index.js';
import { UsageError } from './usage-error.js';

const rotating = keyPurposes.filter((purpose) => purpose !== 'erasure');

/**
 * `postrider key rotate PURPOSE`.
 * @returns the text to print
 * @throws UsageError for an unknown purpose, and for one that cannot rotate now
 */
export async function rotateCommand(keys: KeyRing, argv: readonly string[]): Promise<string> {
  const [purpose, ...more] = argv;
  if (purpose === undefined || more.length > 0 || !keyPurposes.includes(purpose as KeyPurpose))
    throw new UsageError(`Say which key: postrider key rotate ${rotating.join(' | ')}`);
  try {
    const { id, retired } = await keys.rotate(purpose as KeyPurpose);
    return (
      `The ${purpose} key is now ${id}; ${retired} has retired. Processes that run use the new one within a minute and a half. ` +
      'Links that were made with the old one work for 5 years; what it sealed in the database opens for ever.'
    );
  } catch (error) {
    throw error instanceof RotationError ? new UsageError(error.message) : error;
  }
}
