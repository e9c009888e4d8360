export { loadBuiltinTemplates } from './builtin-templates.js';
export { newsSource, verbatimSource, type NewsContent } from './news-source.js';
export { paletteOf, type Palette } from './palette.js';
export { PreparedTemplate } from './prepared-template.js';
export { TemplateCompiler } from './template-compiler.js';
export { describeProblem, TemplateError, type TemplateProblem } from './template-error.js';
export type {
  BuiltinTemplate,
  CompiledTemplate,
  FilledTemplate,
  Phrases,
  TemplateSource,
  Variables,
} from './types.js';
export { TemplatesModule } from './templates.module.js';
export { Templates, type BuiltinRevision } from './templates.service.js';
