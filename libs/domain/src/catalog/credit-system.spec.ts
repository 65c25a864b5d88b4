import { describe, expect, it } from '@jest/globals';
import { instant } from '../time/index.js';
import {
  decideCatalog,
  evolveCatalog,
  findCreditSystem,
  initialCatalog,
  keyFromName,
  listCreditSystems,
  type Catalog,
  type CatalogCommand,
  type CatalogDecision,
  type DefineCreditSystem,
} from './index.js';

const now = instant('2026-11-22T10:00:00Z');
let keys = 0;
const fresh = () => ({ key: `k${++keys}`, fingerprint: `f${keys}` });
const decide = (state: Catalog, command: CatalogCommand) => decideCatalog(state, command, { now });
const define = (name: string, more: Partial<DefineCreditSystem> = {}): DefineCreditSystem => ({
  type: 'DefineCreditSystem',
  name,
  ...fresh(),
  ...more,
});
/** The catalog after these commands, each of which must be accepted. */
const given = (...commands: readonly CatalogCommand[]): Catalog =>
  commands.reduce((state, command) => {
    const decision = decide(state, command);
    if (decision.kind !== 'decided') throw new Error(`given ${command.type}: ${JSON.stringify(decision)}`);
    return decision.events.reduce(evolveCatalog, state);
  }, initialCatalog);
const eventsOf = (decision: CatalogDecision) => (decision.kind === 'decided' ? decision.events : []);
const outcome = (decision: CatalogDecision) =>
  decision.kind === 'rejected' ? decision.reason : eventsOf(decision).map((event) => event.type);
const faultPaths = (decision: CatalogDecision) =>
  decision.kind === 'rejected' ? (decision.faults ?? []).map((fault) => fault.path) : [];

const tokens = define('AI Tokens');

describe('defining a credit system', () => {
  it('records everything a replay needs, with the defaults spelled out', () => {
    const command = define('AI Tokens', { key: 'k', fingerprint: 'f', actor: 'ops@example.com' });
    expect(decide(initialCatalog, command)).toEqual({
      kind: 'decided',
      answer: { kind: 'creditSystem', creditSystem: 'ai-tokens' },
      events: [
        {
          type: 'CreditSystemDefined',
          creditSystem: 'ai-tokens',
          name: 'AI Tokens',
          description: null,
          unitLabels: { singular: 'credit', plural: 'credits' },
          scale: 6,
          lateUsageGraceMs: 3_600_000,
          cause: { kind: 'command', key: 'k', fingerprint: 'f', actor: 'ops@example.com' },
          occurredAt: now,
          recordedAt: now,
        },
      ],
    });
  });

  it('takes a key of the caller’s own', () => {
    const state = given(define('Compute hours', { creditSystem: 'GPU_h.1', scale: 0 }));
    expect(findCreditSystem(state, 'GPU_h.1')).toMatchObject({ name: 'Compute hours', scale: 0 });
  });

  it.each([
    ['AI Tokens', 'ai-tokens'],
    ['  Storage — Zugänge (GB) ', 'storage-zugange-gb'],
    ['Ⅳ credits', 'iv-credits'],
    ['クレジット', ''],
    ['x'.repeat(100), 'x'.repeat(64)],
  ])('derives from the name %j the key %j', (name, key) => {
    expect(keyFromName(name)).toBe(key);
  });

  it('changes nothing when it is defined again as it is, but remembers that it answered', () => {
    expect(outcome(decide(given(tokens), define('AI Tokens')))).toEqual(['CatalogLeftUnchanged']);
  });

  it.each([
    [
      'the same key with another name',
      define('Tokens of AI', { creditSystem: 'ai-tokens' }),
      'CREDIT_SYSTEM_KEY_TAKEN',
    ],
    ['a name whose derived key is taken', define('AI: tokens!'), 'CREDIT_SYSTEM_KEY_TAKEN'],
    [
      'the same key with another description',
      define('AI Tokens', { description: 'x' }),
      'CREDIT_SYSTEM_KEY_TAKEN',
    ],
    [
      'the same key with another label for one',
      define('AI Tokens', { unitLabels: { singular: 'token', plural: 'credits' } }),
      'CREDIT_SYSTEM_KEY_TAKEN',
    ],
    [
      'the same key with another label for many',
      define('AI Tokens', { unitLabels: { singular: 'credit', plural: 'tokens' } }),
      'CREDIT_SYSTEM_KEY_TAKEN',
    ],
    [
      'the same key with another grace',
      define('AI Tokens', { lateUsageGraceMs: 0 }),
      'CREDIT_SYSTEM_KEY_TAKEN',
    ],
    ['another scale', define('AI Tokens', { scale: 2 }), 'SCALE_IMMUTABLE'],
    [
      'the same name under another key',
      define('AI Tokens', { creditSystem: 'other' }),
      'CREDIT_SYSTEM_NAME_TAKEN',
    ],
    [
      'a name that looks the same',
      define('ai  tokens', { creditSystem: 'other' }),
      'CREDIT_SYSTEM_NAME_TAKEN',
    ],
  ])('refuses %s', (_, command, reason) => {
    expect(outcome(decide(given(tokens), command))).toBe(reason);
  });

  it('names every fault at once', () => {
    const command = define(' ', {
      creditSystem: '-x',
      description: 'bell \u0007',
      unitLabels: { singular: '', plural: 'a\nb' },
      scale: 13,
      lateUsageGraceMs: -1,
    });
    const decision = decide(initialCatalog, command);
    expect(outcome(decision)).toBe('CREDIT_SYSTEM_INVALID');
    expect(faultPaths(decision)).toEqual([
      'name',
      'key',
      'description',
      'unitLabels.singular',
      'unitLabels.plural',
      'scale',
      'lateUsageGrace',
    ]);
  });

  it.each([
    ['name', { name: ' Tokens' }],
    ['name', { name: 'Tokens ' }],
    ['name', { name: 'x'.repeat(201) }],
    ['description', { description: 'x'.repeat(2001) }],
    ['scale', { scale: -1 }],
    ['scale', { scale: 0.5 }],
    ['lateUsageGrace', { lateUsageGraceMs: 0.5 }],
    ['lateUsageGrace', { lateUsageGraceMs: 366 * 86_400_000 + 1 }],
  ])('refuses the %s of %j', (path, more) => {
    expect(faultPaths(decide(initialCatalog, define('Tokens', more)))).toEqual([path]);
  });

  it.each([
    { name: 'x'.repeat(200) },
    { description: 'x'.repeat(2000) },
    { scale: 0 },
    { scale: 12 },
    { lateUsageGraceMs: 0 },
    { lateUsageGraceMs: 366 * 86_400_000 },
  ])('goes as far as its limits: %j', (more) => {
    expect(outcome(decide(initialCatalog, define('Tokens', more)))).toEqual(['CreditSystemDefined']);
  });

  it.each(['', '-a', 'a b', 'ключ', 'a/b', 'constructor', 'toString', 'x'.repeat(65)])(
    'refuses the key %j',
    (key) => {
      expect(faultPaths(decide(initialCatalog, define('Name', { creditSystem: key })))).toEqual(['key']);
    },
  );

  it('asks for a key where the name gives none', () => {
    expect(faultPaths(decide(initialCatalog, define('クレジット')))).toEqual(['key']);
  });

  it('finds nothing under the names that every object inherits', () => {
    expect(findCreditSystem(initialCatalog, 'constructor')).toBeUndefined();
    expect(findCreditSystem(initialCatalog, '__proto__')).toBeUndefined();
  });
});

describe('changing a credit system', () => {
  const creditSystem = 'ai-tokens';

  it('renames it, keeps its key, and frees the old name', () => {
    const state = given(tokens, {
      type: 'RenameCreditSystem',
      creditSystem,
      name: 'Model tokens',
      ...fresh(),
    });
    expect(findCreditSystem(state, creditSystem)).toMatchObject({
      key: creditSystem,
      name: 'Model tokens',
      scale: 6,
    });
    expect(outcome(decide(state, define('AI Tokens', { creditSystem: 'second' })))).toEqual([
      'CreditSystemDefined',
    ]);
  });

  it('never gives its key to another one, though the name has changed', () => {
    const state = given(tokens, {
      type: 'RenameCreditSystem',
      creditSystem,
      name: 'Model tokens',
      ...fresh(),
    });
    expect(outcome(decide(state, define('AI Tokens')))).toBe('CREDIT_SYSTEM_KEY_TAKEN');
  });

  it('keeps its place among the others, and stands there once', () => {
    const state = given(tokens, define('API calls'), {
      type: 'RenameCreditSystem',
      creditSystem,
      name: 'Model tokens',
      ...fresh(),
    });
    expect(listCreditSystems(state).map(({ name }) => name)).toEqual(['Model tokens', 'API calls']);
  });

  it('may change the case of its own name', () => {
    const command: CatalogCommand = {
      type: 'RenameCreditSystem',
      creditSystem,
      name: 'AI TOKENS',
      ...fresh(),
    };
    expect(outcome(decide(given(tokens), command))).toEqual(['CreditSystemRenamed']);
  });

  it('refuses the name of another one', () => {
    const state = given(tokens, define('API calls'));
    const command: CatalogCommand = {
      type: 'RenameCreditSystem',
      creditSystem,
      name: 'api calls',
      ...fresh(),
    };
    expect(outcome(decide(state, command))).toBe('CREDIT_SYSTEM_NAME_TAKEN');
  });

  it('describes it: what is left out stays, null takes the description away', () => {
    const described = given(tokens, {
      type: 'DescribeCreditSystem',
      creditSystem,
      description: '1 = 1k',
      ...fresh(),
    });
    const unitLabels = { singular: 'token', plural: 'tokens' };
    const labelled = decide(described, {
      type: 'DescribeCreditSystem',
      creditSystem,
      unitLabels,
      ...fresh(),
    });
    expect(eventsOf(labelled)).toMatchObject([
      { type: 'CreditSystemDescribed', description: '1 = 1k', unitLabels },
    ]);
    const bare = decide(described, {
      type: 'DescribeCreditSystem',
      creditSystem,
      description: null,
      ...fresh(),
    });
    expect(eventsOf(bare)).toMatchObject([{ description: null, unitLabels: { singular: 'credit' } }]);
  });

  it('takes an empty description for none, from the definition on', () => {
    const defined = given(define('AI Tokens', { description: '' }));
    expect(findCreditSystem(defined, creditSystem)?.description).toBeNull();
    const describedAs = (description: string): CatalogCommand => ({
      type: 'DescribeCreditSystem',
      creditSystem,
      description,
      ...fresh(),
    });
    expect(outcome(decide(defined, describedAs('')))).toEqual(['CatalogLeftUnchanged']);
    const described = given(tokens, describedAs('1 = 1k'), describedAs(''));
    expect(findCreditSystem(described, creditSystem)?.description).toBeNull();
  });

  it('changes how long late usage is waited for', () => {
    const command: CatalogCommand = {
      type: 'ChangeLateUsageGrace',
      creditSystem,
      lateUsageGraceMs: 0,
      ...fresh(),
    };
    expect(findCreditSystem(given(tokens, command), creditSystem)?.lateUsageGraceMs).toBe(0);
  });

  it.each<[string, CatalogCommand]>([
    ['a rename', { type: 'RenameCreditSystem', creditSystem, name: 'AI Tokens', ...fresh() }],
    ['a description', { type: 'DescribeCreditSystem', creditSystem, description: null, ...fresh() }],
    ['a grace', { type: 'ChangeLateUsageGrace', creditSystem, lateUsageGraceMs: 3_600_000, ...fresh() }],
  ])('leaves it unchanged by %s that says what is so', (_, command) => {
    expect(outcome(decide(given(tokens), command))).toEqual(['CatalogLeftUnchanged']);
  });

  it.each<[string, CatalogCommand]>([
    ['rename', { type: 'RenameCreditSystem', creditSystem: 'none', name: 'x', ...fresh() }],
    ['describe', { type: 'DescribeCreditSystem', creditSystem: 'none', ...fresh() }],
    ['wait for', { type: 'ChangeLateUsageGrace', creditSystem: 'none', lateUsageGraceMs: 1, ...fresh() }],
  ])('cannot %s one that nobody defined', (_, command) => {
    expect(outcome(decide(given(tokens), command))).toBe('CREDIT_SYSTEM_UNKNOWN');
  });

  it.each<[string, CatalogCommand, string]>([
    ['an empty name', { type: 'RenameCreditSystem', creditSystem, name: '', ...fresh() }, 'name'],
    [
      'a label of two lines',
      {
        type: 'DescribeCreditSystem',
        creditSystem,
        unitLabels: { singular: 'a\nb', plural: 'c' },
        ...fresh(),
      },
      'unitLabels.singular',
    ],
    [
      'half a surrogate pair',
      { type: 'DescribeCreditSystem', creditSystem, description: '\ud800', ...fresh() },
      'description',
    ],
    [
      'a grace beyond a year',
      { type: 'ChangeLateUsageGrace', creditSystem, lateUsageGraceMs: 1e12, ...fresh() },
      'lateUsageGrace',
    ],
  ])('refuses %s', (_, command, path) => {
    expect(faultPaths(decide(given(tokens), command))).toEqual([path]);
  });
});
