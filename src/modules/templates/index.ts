import { TemplatesController } from './templates.controller.js';

export type { FormLetter } from './form-letter.js';
export { verbatimSource } from './news-source.js';
export { textFromHtml } from './plain-text.js';
export { PreparedTemplate } from './prepared-template.js';
export { fillProblems } from './liquid-problems.js';
export { fieldsOf, TemplateError } from './template-error.js';
export { TemplatesModule } from './templates.module.js';
export { Templates } from './templates.service.js';
export type { FilledTemplate, Variables } from './types.js';

export const templatesControllers = [TemplatesController];
