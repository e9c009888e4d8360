/** What each page needs to be told. The renderer is strict: a value that is missing is an error, so `null` is said. */

/** A field of the sign-up form and what is wrong with it; the wording is in the phrases. */
export interface SubscribeErrors {
  email?: 'missing' | 'invalid';
  name?: 'tooLong' | 'invalid';
  lists?: 'missing' | 'unknown';
  /** Not the fault of one field: open too long or too briefly, sent too often, or in another charset than UTF-8. */
  form?: 'expired' | 'tooMany' | 'tooFast' | 'charset';
}

export interface ListAbout {
  slug: string;
  name: string;
  description: string | null;
}

export interface ListChoice extends ListAbout {
  checked: boolean;
}

/** A privacy policy as a page shows it. */
export interface ShownPolicy {
  version: string;
  /** `YYYY-MM-DD`. */
  revisedOn: string;
  /** Of the text, which may be there in fewer languages than the page. */
  locale: string;
  /** Made of Markdown, safe to stand in a page. */
  html: string;
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
    /** The privacy policy that is current, by its day (ISO 8601); null where none is published. */
    policy: { revisedOn: string } | null;
    /** Opaque, signed by the caller: when the form was handed out. */
    started: string;
  };
  'check-your-inbox': {
    /** As typed by this visitor a moment ago, or masked; null where the page does not know it. */
    email: string | null;
    /** The built-in inbox, where mail lands while no relay is set; null otherwise. */
    inboxUrl: string | null;
    /** Where it says whether mail can reach the domain; null where nobody looks. */
    statusUrl: string | null;
  };
  'sign-up-refused': {
    /** As typed. */
    domain: string;
    /** The form with the same lists. */
    formUrl: string;
  };
  confirm: {
    /** Several become checkboxes, all of them ticked. */
    lists: readonly Omit<ListChoice, 'checked'>[];
    maskedEmail: string;
    /** The button was pressed with nothing ticked. */
    noneTicked: boolean;
  };
  'confirm-expired': { lists: readonly string[]; maskedEmail: string; againUrl: string };
  confirmed: { lists: readonly string[]; maskedEmail: string };
  unsubscribe: {
    /** Null where the token speaks of no single list. */
    list: string | null;
    /** Whether there is anything to pause or to make less of. */
    isOn: boolean;
    maskedEmail: string;
    preferencesUrl: string | null;
    /** What may be chosen; the wording is in the phrases. */
    reasons: readonly string[];
    /** In days. */
    pauses: readonly number[];
    frequencies: readonly number[];
  };
  unsubscribed: {
    /** What was left; null for all news. */
    list: string | null;
    maskedEmail: string;
    subscribeUrl: string;
    /** Opaque, sealed by the caller: what this page can undo. Null where there is nothing to undo. */
    undo: string | null;
  };
  /** Somebody came to leave and stays, with less mail or after all. */
  staying: {
    change: 'pause' | 'fewer' | 'undone';
    list: string;
    maskedEmail: string;
    pausedUntil: Date | null;
    minDaysBetween: number | null;
    preferencesUrl: string | null;
  };
  preferences: {
    /** Whether this page answers a press of its button. */
    saved: boolean;
    errors: { name?: 'invalid' };
    /** False for a person who is not there any more: then there is nothing to choose. */
    isKnown: boolean;
    maskedEmail: string;
    /** What the person receives now; none is said in words. */
    lists: readonly (ListAbout & { frequency: number | 'all' })[];
    /** What the person could ask for. */
    others: readonly ListAbout[];
    /** Null when nothing is paused. */
    pausedUntil: Date | null;
    name: string;
    languages: readonly { locale: string; chosen: boolean }[];
    /** What may be chosen, in days. */
    pauses: readonly number[];
    frequencies: readonly (number | 'all')[];
    /** Whether the person agreed; null where no list of theirs tracks. */
    tracking: boolean | null;
    /** Where the button goes that asks for a link by mail. */
    linkPath: string;
  };
  'ask-link': { email: string; error: 'missing' | 'invalid' | null };
  'link-sent': {
    /** `asked` at /preferences, where nobody is told whether the address is known; `sent` to the person of the page. */
    state: 'asked' | 'sent' | 'newAddress' | 'tooMany';
    /** As typed by this visitor a moment ago, or masked; null where there is nobody. */
    email: string | null;
  };
  'change-address': { maskedEmail: string; email: string; error: 'missing' | 'invalid' | 'same' | null };
  'new-address': { state: 'open' | 'done' | 'taken'; maskedEmail: string };
  privacy: {
    /** Null while none is published. */
    policy: ShownPolicy | null;
    isCurrent: boolean;
    /** All others, the newest first; the current one has no version in its address. */
    others: readonly { url: string; version: string; revisedOn: string; isCurrent: boolean }[];
  };
  'privacy-accept': {
    policy: ShownPolicy | null;
    /** Word for word what the person agrees to; the same text goes into the consent ledger. */
    text: string;
    accepted: boolean;
    /** Null for a person who is not there any more. */
    maskedEmail: string | null;
  };
  'privacy-proof': {
    person: { id: string; address: string | null; name: string | null };
    madeAt: Date;
    /** Whether each row is as it was written. */
    isIntact: boolean;
    rows: readonly {
      id: number;
      at: Date;
      act: 'asked' | 'confirmed' | 'changed' | 'left' | 'imported' | 'revived' | 'erased';
      list: string | null;
      text: string | null;
      textVersion: string | null;
      policyVersion: string | null;
      source: string | null;
      ip: string | null;
      client: string | null;
      mail: { id: string; subject: string | null; sentAt: Date | null } | null;
      isIntact: boolean;
      /** The number of the seal that covers it; null while it is too young for one. */
      seal: number | null;
    }[];
  };
  'my-data': {
    /** For the links to what is below this page. */
    token: string;
    maskedEmail: string;
    /** How much of each kind; `label` is the key of a phrase. */
    held: readonly { label: string; count: number }[];
    /** What was agreed to and ended, the newest first. */
    history: readonly {
      at: Date;
      act: 'asked' | 'confirmed' | 'changed' | 'left' | 'imported' | 'revived' | 'erased';
      list: string | null;
      text: string | null;
      policyVersion: string | null;
    }[];
  };
  'my-data-erase': { token: string; maskedEmail: string };
  'my-data-erased': Record<string, never>;
  /** The link is too old, or nobody is there any more: which of the two is nobody's business. */
  'my-data-ended': Record<string, never>;
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
  url: string;
  from: string;
  to: string;
  subject: string;
  /** ISO 8601 for machines, and `time` as the list shows it. */
  receivedAt: string;
  time: string;
  size: string;
}

/** The list beside or instead of a message. */
export interface InboxListing {
  rows: readonly InboxRow[];
  /** What was searched for, or ''. */
  q: string;
  /** How many are kept in all, whatever the search. */
  count: number;
  /** Where the list as it is now can be fetched again; null on an older page, which stays as it is. */
  liveUrl: string | null;
  /** The page with the messages that came before these, and the way back to the newest; null where there is none. */
  olderUrl: string | null;
  newestUrl: string | null;
}

export type InboxView = 'html' | 'text' | 'source' | 'headers';

/** A run of plain text, and where it leads when it is a link. */
export interface TextRun {
  text: string;
  url: string | null;
}

export interface InboxPageData {
  'inbox/list': { listing: InboxListing };
  'inbox/message': {
    listing: InboxListing;
    listUrl: string;
    message: {
      id: string;
      subject: string;
      from: string;
      to: string;
      /** The bounce address, and the recipients that no header names. */
      envelope: string;
      receivedAt: string;
      time: string;
      size: string;
      attachments: readonly { name: string; size: string; url: string }[];
    };
    view: InboxView;
    views: readonly { name: InboxView; url: string }[];
    /** The document of the frame in the view `html`; null when the mail has no such part. */
    frameUrl: string | null;
    /** The views `text` and `source`; null when the mail has no such part. */
    text: readonly TextRun[] | null;
    /** Whether the source that is shown was cut; the download never is. */
    cut: boolean;
    sourceUrl: string;
    headers: readonly { name: string; value: string }[];
  };
  'inbox/refused': {
    reason: 'remote' | 'proxy' | 'host' | 'crossSite' | 'relay' | 'missing';
    /** What brings the inbox to another machine, and where it is then; null for the reasons it does not help with. */
    tunnel: { command: string; url: string } | null;
  };
}

/** For those who build the shop's website. */
export interface DocsPageData {
  'docs/sign-up-form': {
    lists: readonly ListChoice[];
    locales: readonly { tag: string; name: string; chosen: boolean }[];
    /** The form to paste, for the lists that are checked; null where none is. */
    snippet: string | null;
    publicUrl: string;
    hostedUrl: string;
  };
}

export type PageData = PublicPageData & InboxPageData & DocsPageData;
export type PageName = keyof PageData;
