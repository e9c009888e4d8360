import { Injectable } from '@nestjs/common';
import { mailgun } from './mailgun.js';
import type { MailProvider } from './mail-provider.js';
import { postmark } from './postmark.js';
import { sendgrid } from './sendgrid.js';
import { Ses } from './ses.js';
import { SnsPages } from './sns-pages.js';
import { SnsSignatures } from './sns.js';

/** A fifth one is a file of its own beside these, and a line here. */
@Injectable()
export class MailProviders {
  private readonly all: readonly MailProvider[];

  constructor(ses: Ses) {
    this.all = [ses, sendgrid, postmark, mailgun];
  }

  /** @param name as it stands in the URL */
  named(name: string): MailProvider | undefined {
    const wanted = name.toLowerCase().replace(/^amazon[-_]/, '');
    return this.all.find((provider) => provider.name === wanted);
  }

  /** For a sentence. */
  list(): string {
    return this.all.map(({ name }) => name).join(', ');
  }
}

export const mailProviderParts = [MailProviders, Ses, SnsPages, SnsSignatures];
