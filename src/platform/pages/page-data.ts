/** What each page needs to be told. The renderer is strict: a value that is missing is an error, so `null` is said. */

/** A field of the sign-up form and what is wrong with it; the wording is in the phrases. */
export interface SubscribeErrors {
  email?: 'missing' | 'invalid';
  name?: 'tooLong';
  lists?: 'missing' | 'unknown';
  /** Not the fault of one field: the form lay open too long, or the same page was sent too often. */
  form?: 'expired' | 'tooMany';
}

export interface ListChoice {
  slug: string;
  name: string;
  description: string | null;
  checked: boolean;
}

export interface PublicPageData {
  home: {
    /** For the person who runs this install: where things are. Null for every other visitor. */
    operator: { inboxUrl: string | null; docsUrl: string } | null;
  };
  subscribe: {
    /** One list becomes a hidden field and its name the title; several become checkboxes; none is said in words. */
    lists: readonly ListChoice[];
    /** As typed before, so that a mistake does not cost the visitor the whole form. */
    values: { email: string; name: string };
    errors: SubscribeErrors;
    /** Word for word what the visitor agrees to; the same text goes into the consent ledger. */
    consentText: string;
    /** Opaque, signed by the caller: when the form was handed out. */
    started: string;
  };
  'check-your-inbox': {
    /** As typed by this visitor a moment ago; never an address that was looked up. */
    email: string;
    /** The built-in inbox, where mail lands while no relay is set; null otherwise. */
    inboxUrl: string | null;
  };
  confirm: { lists: readonly string[]; maskedEmail: string };
  confirmed: { lists: readonly string[]; maskedEmail: string };
  unsubscribe: {
    /** Null where the token speaks of no single list. */
    list: string | null;
    maskedEmail: string;
  };
  unsubscribed: {
    /** What was left; null for all news. */
    list: string | null;
    maskedEmail: string;
    subscribeUrl: string;
  };
  error: {
    kind: 'notFound' | 'badRequest' | 'expired' | 'tooManyRequests' | 'serverError' | 'unavailable';
    /** From Retry-After; null where nobody knows. */
    waitSeconds: number | null;
    /** For the person who asks for help, and the log line to find it by. */
    requestId: string | null;
  };
}

export interface InboxRow {
  id: string;
  from: string;
  to: string;
  subject: string;
  /** ISO 8601 for machines, and as the list shows it. */
  receivedAt: string;
  time: string;
  size: string;
}

/** The list beside or instead of a message. URLs are made by the caller, who knows the query string. */
export interface InboxListing {
  rows: readonly InboxRow[];
  q: string;
  /** How many are kept in all, whatever the search. */
  count: number;
  /** Ends every link into a message, so that a search survives: '' or '?q=…'. */
  query: string;
  olderUrl: string | null;
  newestUrl: string | null;
  refreshUrl: string;
}

export type InboxView = 'html' | 'text' | 'source' | 'headers';

export interface InboxPageData {
  'inbox/list': { listing: InboxListing };
  'inbox/message': {
    listing: InboxListing;
    message: {
      id: string;
      subject: string;
      from: string;
      to: string;
      /** Everybody the envelope named, which is who really got it. */
      recipients: string;
      receivedAt: string;
      time: string;
      size: string;
      attachments: readonly { name: string; size: string; url: string }[];
    };
    view: InboxView;
    views: readonly { name: InboxView; url: string }[];
    /** Address of the document in the frame, for the view `html`; null when the mail has none. */
    frameUrl: string | null;
    /** For the views `text` and `source`; null when the mail has none. */
    text: string | null;
    /** The source is cut where it is very long; the download is not. */
    cut: boolean;
    sourceUrl: string;
    headers: readonly { name: string; value: string }[];
  };
  'inbox/refused': {
    reason: 'remote' | 'host' | 'relay' | 'missing' | 'crossSite';
    /** The command that reaches the inbox from elsewhere. */
    tunnel: string;
  };
}

export type PageData = PublicPageData & InboxPageData;
export type PageName = keyof PageData;
