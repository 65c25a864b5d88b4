/** The import table of docs/architecture.md, held by CI. */
const lib = (name) => `^libs/${name}/`;
const others = (...allowed) => `^(?:libs/(?!(?:${allowed.join('|')})/)|apps/)`;
/** `folder` may import these libs and nothing else of ours. */
const mayImport = (folder, ...libs) => ({
  name: `${folder}-imports`,
  comment: `libs/${folder} may import only: ${libs.join(', ') || 'itself'}`,
  severity: 'error',
  from: { path: lib(folder) },
  to: { path: others(folder, ...libs) },
});
const onlyIn = (name, modules, where) => ({
  name,
  severity: 'error',
  from: { path: '^(libs|apps)/', pathNot: where },
  to: { path: modules.map((m) => `node_modules/${m}(/|$)`) },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'nothing-imports-test',
      comment: 'but contract suites, which get their servers from test/support',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: '\\.contract\\.ts$' },
      to: { path: '^test/' },
    },
    {
      name: 'apps-never-import-each-other',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    mayImport('domain'),
    {
      name: 'domain-is-pure',
      comment: 'decimal.js and a Temporal polyfill; nothing of Node',
      severity: 'error',
      from: { path: lib('domain'), pathNot: '\\.spec\\.ts$|/testing/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev'],
        pathNot: 'node_modules/(decimal\\.js|temporal-polyfill|temporal-utils)/',
      },
    },
    mayImport('projections', 'domain'),
    {
      name: 'projections-are-pure',
      severity: 'error',
      from: { path: lib('projections'), pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'] },
    },
    mayImport('wire'),
    mayImport('contracts', 'domain', 'wire'),
    mayImport('usage-stream'),
    mayImport('event-store', 'wire'),
    mayImport('read-store', 'domain', 'projections'),
    mayImport('journal', 'domain', 'contracts', 'event-store'),
    mayImport('platform', 'domain', 'wire', 'contracts'),
    mayImport('adapters', 'event-store', 'read-store', 'usage-stream'),
    mayImport(
      'runtime',
      'platform',
      'adapters',
      'write-side',
      'read-side',
      'usage-stream',
      'event-store',
      'read-store',
    ),
    mayImport(
      'write-side',
      'domain',
      'projections',
      'wire',
      'contracts',
      'platform',
      'journal',
      'usage-stream',
      'event-store',
      'read-store',
    ),
    mayImport(
      'read-side',
      'domain',
      'projections',
      'contracts',
      'platform',
      'journal',
      'usage-stream',
      'event-store',
      'read-store',
    ),
    {
      name: 'sides-know-ports-only',
      comment: 'only apps choose adapters',
      severity: 'error',
      from: { path: '^libs/(write-side|read-side)/', pathNot: '\\.spec\\.ts$|/testing/' },
      to: {
        path: '^libs/(usage-stream|event-store|read-store)/src/(kafka|eventstoredb|embedded|postgres|testing)/',
      },
    },
    onlyIn('kafkajs-in-its-adapter', ['kafkajs'], '^(libs/usage-stream/src/(kafka|testing)|test/bench)/'),
    onlyIn(
      'db-client-in-its-adapter',
      ['@eventstore/db-client'],
      '^libs/event-store/src/(eventstoredb|testing)/',
    ),
    onlyIn('pg-in-its-adapter', ['pg'], '^libs/read-store/src/(postgres|testing)/'),
    onlyIn('sqlite-in-its-adapters', ['better-sqlite3'], '^libs/(event-store|read-store)/src/embedded/'),
    onlyIn('zod-in-contracts-and-platform', ['zod'], '^libs/(contracts|platform)/'),
    onlyIn(
      'nest-in-nest-libs',
      ['@nestjs'],
      '^(apps/|libs/(write-side|read-side|platform|runtime)/|libs/usage-stream/src/kafka/)',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
