/** What is known of a file in a mail besides its content. */
interface AttachmentFacts {
  /** Safe to show and to save under. */
  readonly filename: string;
  /** `type/subtype`, in lower case, with a charset where the caller named one. */
  readonly contentType: string;
  /** Without angle brackets; the HTML shows the file as `cid:…`. */
  readonly contentId: string | null;
  readonly disposition: 'attachment' | 'inline';
}

/** A file that was checked, to be stored with its mail. */
export interface NewAttachment extends AttachmentFacts {
  readonly content: Buffer;
}

/** As it stands in a message's content: the octets are a row of `blobs`. */
export interface StoredAttachment extends AttachmentFacts {
  /** Hex, of the octets. */
  readonly sha256: string;
  readonly octets: number;
}
