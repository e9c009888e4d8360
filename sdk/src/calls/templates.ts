import type { CallOptions, Client } from '../client.js';
import type {
  NewTemplate,
  NewTemplateRevision,
  StoredTemplateRevision,
  Template,
  TemplatePage,
  TemplatePreview,
  TemplatePreviewBody,
  TemplateRevision,
  TemplateRevisions,
  TemplateRevisionView,
} from '../openapi.js';
import type { PageQuery } from './page-query.js';

/** The built-in mails, and your own. */
export class Templates {
  constructor(private readonly client: Client) {}

  list(query: PageQuery = {}, options?: CallOptions): Promise<TemplatePage> {
    return this.client.call({ method: 'GET', path: ['v1', 'templates'], query: { ...query } }, options);
  }

  /** Its live source, and its variables. */
  get(name: string, options?: CallOptions): Promise<Template> {
    return this.client.call({ method: 'GET', path: ['v1', 'templates', name] }, options);
  }

  /** A template of your own, live at once. @throws PostriderError 422 that names the line and what is wrong with it */
  create(template: NewTemplate, options?: CallOptions): Promise<StoredTemplateRevision> {
    return this.client.call({ method: 'POST', path: ['v1', 'templates'], body: template }, options);
  }

  /** Another source for it: checked and kept, not live before it is published. */
  revise(name: string, source: NewTemplateRevision, options?: CallOptions): Promise<StoredTemplateRevision> {
    return this.client.call(
      { method: 'POST', path: ['v1', 'templates', name, 'revisions'], body: source },
      options,
    );
  }

  revisions(name: string, options?: CallOptions): Promise<TemplateRevisions> {
    return this.client.call({ method: 'GET', path: ['v1', 'templates', name, 'revisions'] }, options);
  }

  revision(name: string, id: string, options?: CallOptions): Promise<TemplateRevisionView> {
    return this.client.call({ method: 'GET', path: ['v1', 'templates', name, 'revisions', id] }, options);
  }

  /** How a mail would read. Sends nothing. */
  preview(name: string, preview: TemplatePreviewBody = {}, options?: CallOptions): Promise<TemplatePreview> {
    return this.client.call(
      { method: 'POST', path: ['v1', 'templates', name, 'preview'], body: preview },
      options,
    );
  }

  /** Live from the next mail on; an older revision too. */
  publish(name: string, revision: string, options?: CallOptions): Promise<TemplateRevision> {
    return this.client.call(
      { method: 'POST', path: ['v1', 'templates', name, 'publish'], body: { revision } },
      options,
    );
  }
}
