/** Who may import whom: the table of docs/architecture.md. Modules meet only through their index.ts, and only downward. */
const mayImport = {
  access: [],
  consent: [],
  suppression: [],
  lists: [],
  templates: [],
  inbound: [],
  inbox: [],
  subscribers: ['lists', 'consent'],
  delivery: ['suppression', 'consent', 'templates', 'subscribers', 'lists'],
  'opt-in': ['lists', 'consent', 'suppression', 'subscribers', 'delivery', 'inbound'],
  unsubscribe: ['lists', 'consent', 'suppression', 'subscribers', 'delivery', 'inbound'],
  imports: ['opt-in', 'subscribers', 'lists', 'consent', 'suppression'],
  emails: ['delivery', 'templates', 'subscribers', 'inbound', 'lists'],
  inquiries: ['delivery', 'templates', 'subscribers', 'inbound'],
  orders: ['emails', 'delivery', 'templates', 'subscribers'],
  campaigns: ['lists', 'subscribers', 'delivery', 'templates'],
  bounces: ['suppression', 'delivery', 'inbound'],
  webhooks: [],
  alerts: ['delivery', 'subscribers'],
  doctor: ['delivery', 'lists'],
  reports: ['suppression'],
  privacy: ['consent', 'delivery', 'subscribers', 'lists', 'templates'],
};

const onlyTheseModules = Object.entries(mayImport).map(([module, allowed]) => ({
  name: `${module}-imports-its-table`,
  comment: `${module} may import ${allowed.join(', ') || 'no other module'}, besides platform and domain`,
  severity: 'error',
  from: { path: `^src/modules/${module}/` },
  to: { path: '^src/modules/', pathNot: `^src/modules/(${[module, ...allowed].join('|')})/` },
}));

const onlyFrom = (name, packages, folders) => ({
  name: `only-${name}-knows-${packages.join('-and-')}`.replaceAll(/[^a-z-]/g, ''),
  severity: 'error',
  from: { path: '^src/', pathNot: [...folders, '\\.test\\.ts$'] },
  to: { path: `node_modules/(${packages.join('|')})/` },
});

module.exports = {
  forbidden: [
    ...onlyTheseModules,
    {
      name: 'no-cycles',
      comment: 'A cycle dies at load under ESM with decorator metadata',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'modules-meet-through-their-index',
      severity: 'error',
      from: { path: '^src/modules/([^/]+)/' },
      to: { path: '^src/modules/([^/]+)/', pathNot: ['^src/modules/$1/', '^src/modules/[^/]+/index\\.ts$'] },
    },
    {
      name: 'app-uses-modules-through-their-index',
      severity: 'error',
      from: { path: '^src/app/' },
      to: { path: '^src/(modules|platform)/[^/]+/', pathNot: '/index\\.ts$' },
    },
    {
      name: 'modules-use-platform-through-its-index',
      severity: 'error',
      from: { path: '^src/modules/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/platform/[^/]+/', pathNot: '/index\\.ts$' },
    },
    {
      name: 'platform-knows-no-module',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/(modules|app)/' },
    },
    {
      name: 'modules-do-not-know-the-composition',
      severity: 'error',
      from: { path: '^src/modules/' },
      to: { path: '^src/app/' },
    },
    {
      name: 'domain-is-pure',
      comment: 'Rules without Nest and without I/O',
      severity: 'error',
      from: { path: '^src/domain/', pathNot: '\\.test\\.ts$' },
      to: {
        path: [
          '^src/(platform|modules|app)/',
          'node_modules/(@nestjs|kysely|pg|bullmq|nodemailer)/',
          '^(node:)?(fs|net|http|child_process)',
        ],
      },
    },
    {
      name: 'sdk-stands-alone',
      comment: 'It is published by itself, without a dependency',
      severity: 'error',
      from: { path: '^sdk/src/' },
      to: { pathNot: '^sdk/src/' },
    },
    {
      name: 'examples-know-only-the-sdk',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^(src|test|bin|bench)/|^sdk/(?!src/index\\.ts$)' },
    },
    onlyFrom('delivery', ['nodemailer'], ['^src/modules/delivery/']),
    onlyFrom('templates', ['mjml'], ['^src/modules/templates/']),
    onlyFrom('platform', ['pg', 'bullmq', 'ioredis'], ['^src/platform/']),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
    moduleSystems: ['es6'],
  },
};
