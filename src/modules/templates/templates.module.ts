import { Module } from '@nestjs/common';
import { TemplateFiles } from './template-files.js';
import { TemplateRevisionsRepository } from './template-revisions.repository.js';
import { TemplateRevisions } from './template-revisions.service.js';
import { TemplateViews } from './template-views.service.js';
import { TemplatesRepository } from './templates.repository.js';
import { Templates } from './templates.service.js';

@Module({
  providers: [
    TemplateFiles,
    TemplateRevisions,
    TemplateRevisionsRepository,
    Templates,
    TemplatesRepository,
    TemplateViews,
  ],
  exports: [TemplateRevisions, Templates, TemplateViews],
})
export class TemplatesModule {}
