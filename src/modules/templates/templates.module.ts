import { Module } from '@nestjs/common';
import { TemplatesRepository } from './templates.repository.js';
import { Templates } from './templates.service.js';

@Module({
  providers: [Templates, TemplatesRepository],
  exports: [Templates],
})
export class TemplatesModule {}
