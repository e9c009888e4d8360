/** Feedback that says nothing against the sender's mail: authentication reports (RFC 6591, RFC 7489) and "this is no spam" (RFC 6430). */
const noComplaint = /^(auth-failure|dmarc|not-spam)$/i;

/** Whether feedback of this type (RFC 5965 §7.3) is a complaint; a type that nobody knows is one. */
export const isComplaint = (feedbackType: string): boolean => !noComplaint.test(feedbackType.trim());
