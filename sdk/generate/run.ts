/** Writes the generated types of the SDK: `npm run sdk`. */
import { writeFile } from 'node:fs/promises';
import { openApiTypes } from './openapi-types.js';
import { templateTypes } from './template-types.js';

const source = new URL('../src/', import.meta.url);
await writeFile(new URL('openapi.ts', source), await openApiTypes());
await writeFile(new URL('templates.ts', source), await templateTypes());
