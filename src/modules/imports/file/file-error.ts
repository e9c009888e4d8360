/** The file as a whole cannot be imported; the message says why, in words for whoever made the file. */
export class FileError extends Error {}
