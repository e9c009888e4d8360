import { readTagList } from './tag-list.js';

/** What a TXT record at `selector._domainkey.domain` says (RFC 6376 §3.6.1). */
export type DkimRecord =
  | {
      readonly kind: 'key';
      readonly keyType: string;
      /** Base64 without white space. */
      readonly publicKey: string;
      /** The domain tests DKIM: a bad signature is no reason to treat a mail otherwise. */
      readonly testing: boolean;
    }
  /** An empty key: mail with this selector is not signed by the domain any more. */
  | { readonly kind: 'revoked' }
  | { readonly kind: 'invalid'; readonly problem: string };

/** @param text the record, its strings joined */
export function readDkimRecord(text: string): DkimRecord {
  const tags = readTagList(text);
  if (!tags) return invalid('it is no list of tags such as "v=DKIM1; k=rsa; p=…"');
  const version = tags.get('v');
  if (version !== undefined && (version !== 'DKIM1' || [...tags.keys()][0] !== 'v'))
    return invalid('v=DKIM1 does not stand first');
  const services = listed(tags.get('s') ?? '*');
  if (!services.includes('*') && !services.includes('email'))
    return invalid('s= says that it is not for mail');
  const hashes = tags.get('h');
  if (hashes !== undefined && !listed(hashes).includes('sha256')) return invalid('h= does not allow sha256');
  const key = tags.get('p')?.replaceAll(/\s/g, '');
  if (key === undefined) return invalid('it has no p=');
  if (key === '') return { kind: 'revoked' };
  return {
    kind: 'key',
    keyType: tags.get('k') ?? 'rsa',
    publicKey: key,
    testing: listed(tags.get('t') ?? '').includes('y'),
  };
}

const invalid = (problem: string): DkimRecord => ({ kind: 'invalid', problem });

const listed = (value: string): string[] => value.split(':').map((part) => part.trim());
