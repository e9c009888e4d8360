/**
 * Every mail and page as a picture, to be looked at: npm run pictures -- FOLDER
 * The three scripts read the folder from the command line themselves.
 */
for (const subject of ['./mails.ts', './pages.ts', './inbox.ts']) await import(subject);
