import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Amount } from '../amount/index.js';
import { instant } from '../time/index.js';
import {
  completeDraft,
  decideCatalog,
  draftNumberOf,
  evolveCatalog,
  featureCost,
  findAnswer,
  findCreditSystem,
  findPlan,
  findPlanHistory,
  foldCatalog,
  initialCatalog,
  listCreditSystems,
  listPlanHistories,
  type Catalog,
  type CatalogCommand,
  type CatalogDecision,
  type CatalogEvent,
  type PlanDraft,
} from './index.js';

const now = instant('2026-11-22T10:00:00Z');
const amount = (text: string) => Amount.parse(text);
const decide = (state: Catalog, command: CatalogCommand) => decideCatalog(state, command, { now });
const after = (state: Catalog, decision: CatalogDecision) =>
  decision.kind === 'decided' ? decision.events.reduce(evolveCatalog, state) : state;
const given = (...commands: readonly CatalogCommand[]): Catalog =>
  commands.reduce((state, command) => after(state, decide(state, command)), initialCatalog);

const tokens: CatalogCommand = {
  type: 'DefineCreditSystem',
  name: 'AI Tokens',
  key: 'define',
  fingerprint: 'define',
};
const draftOf = (creditCost: string): PlanDraft => ({
  name: 'Pro',
  credits: [
    {
      creditSystem: 'ai-tokens',
      included: { allowance: amount('500'), resetInterval: { unit: 'month', count: 1 } },
    },
  ],
  features: [
    { feature: 'image', creditSystem: 'ai-tokens', creditCost: amount(creditCost) },
    { feature: 'export', creditSystem: 'ai-tokens', creditCost: amount('1'), prepaid: false },
  ],
});
const save = (draft: PlanDraft, key: string, expectedDraftNumber?: number): CatalogCommand => ({
  type: 'SavePlanDraft',
  planId: 'pro',
  draft,
  expectedDraftNumber,
  key,
  fingerprint: JSON.stringify(draft),
});
const publish = (key: string, expectedDraftNumber?: number): CatalogCommand => ({
  type: 'PublishPlan',
  planId: 'pro',
  expectedDraftNumber,
  key,
  fingerprint: 'publish pro',
});
const typesOf = (decision: CatalogDecision) =>
  decision.kind === 'decided' ? decision.events.map((event) => event.type) : decision.kind;

describe('saving a draft', () => {
  it('records all its terms, with the defaults spelled out, and publishes nothing', () => {
    const decision = decide(given(tokens), save(draftOf('1'), 's1'));
    expect(decision).toEqual({
      kind: 'decided',
      answer: { kind: 'plan', planId: 'pro', version: null },
      events: [
        {
          type: 'PlanDraftSaved',
          planId: 'pro',
          name: 'Pro',
          timeZone: 'UTC',
          credits: [
            {
              creditSystem: 'ai-tokens',
              included: {
                allowance: amount('500'),
                resetInterval: { unit: 'month', count: 1 },
                rollover: null,
                priority: 50,
              },
              priced: null,
              onEmpty: 'block',
              lowCreditLimit: null,
              mandatoryPurchase: false,
              expiresAfter: null,
              minQuantity: null,
              maxQuantity: null,
            },
          ],
          features: [
            { feature: 'image', creditSystem: 'ai-tokens', creditCost: amount('1'), prepaid: true },
            { feature: 'export', creditSystem: 'ai-tokens', creditCost: amount('1'), prepaid: false },
          ],
          cause: { kind: 'command', key: 's1', fingerprint: JSON.stringify(draftOf('1')) },
          occurredAt: now,
          recordedAt: now,
        },
      ],
    });
    expect(findPlan(after(given(tokens), decision), 'pro')).toBeUndefined();
  });

  it('replaces the draft before it', () => {
    const state = given(tokens, save(draftOf('1'), 's1'), save(draftOf('2'), 's2'));
    expect(findPlanHistory(state, 'pro')?.draft).toEqual(completeDraft(draftOf('2')));
  });

  it('changes nothing when the draft says the same, spelled out or not', () => {
    const state = given(tokens, save(draftOf('1'), 's1'));
    expect(typesOf(decide(state, save(completeDraft(draftOf('1.0')), 's2')))).toEqual([
      'CatalogLeftUnchanged',
    ]);
  });
});

describe('publishing a plan', () => {
  it('makes the draft version 1, and a changed draft version 2', () => {
    const state = given(
      tokens,
      save(draftOf('1'), 's1'),
      publish('p1'),
      save(draftOf('2'), 's2'),
      publish('p2'),
    );
    expect(findPlan(state, 'pro')).toEqual({ id: 'pro', version: 2, ...completeDraft(draftOf('2')) });
    expect(findPlan(state, 'pro', 2)).toBe(findPlan(state, 'pro'));
  });

  it('never changes a published version', () => {
    const before = given(tokens, save(draftOf('1'), 's1'), publish('p1'));
    const published = findPlan(before, 'pro', 1);
    expect(published).toBeDefined();
    const state = [save(draftOf('2'), 's2'), publish('p2')].reduce(
      (s, command) => after(s, decide(s, command)),
      before,
    );
    expect(findPlan(state, 'pro', 1)).toBe(published);
  });

  it('makes no new version of an identical draft, and answers with the one there is', () => {
    const state = given(
      tokens,
      save(draftOf('1'), 's1'),
      publish('p1'),
      save(draftOf('2'), 's2'),
      save(draftOf('1'), 's3'),
    );
    const decision = decide(state, publish('p2'));
    expect(typesOf(decision)).toEqual(['CatalogLeftUnchanged']);
    expect(decision).toMatchObject({ answer: { kind: 'plan', planId: 'pro', version: 1 } });
  });

  it('refuses a plan that nobody has drafted', () => {
    expect(decide(given(tokens), publish('p1'))).toMatchObject({ kind: 'rejected', reason: 'PLAN_UNKNOWN' });
  });

  it.each([0, 3, -1, 1.5])('has no version %s', (version) => {
    const state = given(
      tokens,
      save(draftOf('1'), 's1'),
      publish('p1'),
      save(draftOf('2'), 's2'),
      publish('p2'),
    );
    expect(findPlan(state, 'pro', version)).toBeUndefined();
    expect(findPlan(state, 'other')).toBeUndefined();
  });
});

describe('the number of a draft', () => {
  const numberAfter = (...commands: readonly CatalogCommand[]) =>
    draftNumberOf(given(tokens, ...commands), 'pro');

  it('is 0 before the first, and one more with each draft that says something else', () => {
    expect(numberAfter()).toBe(0);
    expect(numberAfter(save(draftOf('1'), 's1'))).toBe(1);
    expect(numberAfter(save(draftOf('1'), 's1'), save(draftOf('1.0'), 's2'))).toBe(1);
    expect(numberAfter(save(draftOf('1'), 's1'), save(draftOf('2'), 's2'))).toBe(2);
  });

  it('stays when the draft is published', () => {
    expect(numberAfter(save(draftOf('1'), 's1'), publish('p1'))).toBe(1);
  });

  it('never comes again, also where a draft goes back to what was there before', () => {
    expect(numberAfter(save(draftOf('1'), 's1'), save(draftOf('2'), 's2'), save(draftOf('1'), 's3'))).toBe(3);
  });

  it('is remembered with the answer to a command, as it was then', () => {
    const state = given(
      tokens,
      save(draftOf('1'), 's1'),
      publish('p1'),
      save(draftOf('1.0'), 's2'),
      save(draftOf('2'), 's3'),
    );
    const numbers = ['define', 's1', 'p1', 's2', 's3'].map((key) => findAnswer(state, key)?.draftNumber);
    expect(numbers).toEqual([null, 1, 1, 1, 2]);
  });
});

describe('a command about the draft that its sender has seen', () => {
  const mine = [tokens, save(draftOf('1'), 's1')];
  const replaced = given(...mine, save(draftOf('2'), 's2'));
  const changed = (message: string, expected: string, found: string) => ({
    kind: 'rejected',
    reason: 'DRAFT_CHANGED',
    message,
    numbers: { expected, found },
  });

  it('publishes that one', () => {
    expect(typesOf(decide(given(...mine), publish('p1', 1)))).toEqual(['PlanPublished']);
    expect(typesOf(decide(replaced, publish('p1', 2)))).toEqual(['PlanPublished']);
  });

  it('publishes no other one, and names both', () => {
    const refusal = changed('plan pro has draft 2, and draft 1 was expected', '1', '2');
    expect(decide(replaced, publish('p1', 1))).toEqual(refusal);
    // Nor where the other one has been published, or says what a version says already.
    expect(decide(after(replaced, decide(replaced, publish('theirs'))), publish('p1', 1))).toEqual(refusal);
  });

  it('publishes no later one that says the same: somebody may have seen the one between', () => {
    const back = given(...mine, save(draftOf('2'), 's2'), save(draftOf('1'), 's3'));
    expect(decide(back, publish('p1', 1))).toMatchObject({ reason: 'DRAFT_CHANGED' });
  });

  it('finds its draft published by somebody else', () => {
    const published = given(...mine, publish('theirs'));
    expect(decide(published, publish('mine', 1))).toMatchObject({ kind: 'decided', answer: { version: 1 } });
  });

  it('replaces that one', () => {
    expect(typesOf(decide(given(...mine), save(draftOf('3'), 's3', 1)))).toEqual(['PlanDraftSaved']);
  });

  it('replaces no other one, even by what it says already', () => {
    const refusal = changed('plan pro has draft 2, and draft 1 was expected', '1', '2');
    expect(decide(replaced, save(draftOf('3'), 's3', 1))).toEqual(refusal);
    expect(decide(replaced, save(draftOf('2'), 's3', 1))).toEqual(refusal);
  });

  it('saves the first draft where it expects none', () => {
    expect(typesOf(decide(given(tokens), save(draftOf('1'), 's1', 0)))).toEqual(['PlanDraftSaved']);
    expect(decide(given(...mine), save(draftOf('3'), 's3', 0))).toEqual(
      changed('plan pro has draft 1, and none was expected', '0', '1'),
    );
    expect(decide(given(tokens), save(draftOf('1'), 's1', 4))).toEqual(
      changed('plan pro has no draft yet, and draft 4 was expected', '4', '0'),
    );
  });

  it('is told first that there is no such plan, or what is wrong with the draft', () => {
    expect(decide(given(tokens), publish('p1', 1))).toMatchObject({ reason: 'PLAN_UNKNOWN' });
    expect(decide(replaced, save({ name: '' }, 's3', 1))).toMatchObject({ reason: 'PLAN_INVALID' });
  });

  it('sent again gets its first answer, though another draft has been saved since', () => {
    const state = given(...mine, publish('p1', 1), save(draftOf('2'), 's2', 1), save(draftOf('3'), 's3'));
    expect(decide(state, publish('p1', 1))).toMatchObject({ kind: 'duplicate', answer: { version: 1 } });
    expect(decide(state, save(draftOf('2'), 's2', 1))).toMatchObject({ kind: 'duplicate' });
  });
});

describe('the same command again', () => {
  const state = given(tokens, save(draftOf('1'), 's1'), publish('p1'), save(draftOf('2'), 's2'));

  it('appends nothing and gets the first answer, though the catalog has changed since', () => {
    expect(decide(state, publish('p1'))).toEqual({
      kind: 'duplicate',
      answer: { kind: 'plan', planId: 'pro', version: 1 },
    });
    expect(decide(state, tokens)).toEqual({
      kind: 'duplicate',
      answer: { kind: 'creditSystem', creditSystem: 'ai-tokens' },
    });
  });

  it('gets the first answer even where that was "it is so already"', () => {
    const unchanged = given(
      tokens,
      save(draftOf('1'), 's1'),
      publish('p1'),
      publish('p2'),
      save(draftOf('2'), 's2'),
    );
    expect(decide(unchanged, publish('p2'))).toMatchObject({ kind: 'duplicate', answer: { version: 1 } });
  });

  it('is refused with other content', () => {
    expect(decide(state, { ...publish('p1'), fingerprint: 'other' })).toMatchObject({
      kind: 'rejected',
      reason: 'IDEMPOTENCY_KEY_REUSED',
    });
    expect(decide(state, save(draftOf('7'), 'define'))).toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('may be sent again with its key after a refusal, which was not recorded', () => {
    const refused = decide(initialCatalog, save(draftOf('1'), 's1'));
    expect(refused).toMatchObject({ kind: 'rejected', reason: 'PLAN_INVALID' });
    expect(typesOf(decide(given(tokens), save(draftOf('1'), 's1')))).toEqual(['PlanDraftSaved']);
  });

  it.each(['', 'x'.repeat(257)])('needs a usable key (case %#)', (key) => {
    expect(decide(state, publish(key))).toMatchObject({ kind: 'rejected', reason: 'COMMAND_MALFORMED' });
  });

  it('may have any other text for its key', () => {
    const odd = after(state, decide(state, publish('__proto__')));
    expect(findAnswer(odd, '__proto__')?.answer).toEqual({ kind: 'plan', planId: 'pro', version: 2 });
    expect(findAnswer(odd, 'constructor')).toBeUndefined();
  });
});

describe('what a feature costs', () => {
  const terms = completeDraft(draftOf('0.5'));

  it('is found by its name', () => {
    expect(featureCost(terms, 'image')).toEqual({
      feature: 'image',
      creditSystem: 'ai-tokens',
      creditCost: amount('0.5'),
      prepaid: true,
    });
  });

  it('is nothing where the plan does not know it, or does not have it paid with credits', () => {
    expect(featureCost(terms, 'video')).toBeUndefined();
    expect(featureCost(terms, 'export')).toBeUndefined();
  });
});

describe('every history of the catalog', () => {
  const key = fc.integer({ min: 1, max: 12 }).map((n) => `key-${n}`);
  const names = fc.constantFrom('AI Tokens', 'ai tokens', 'API calls', 'Seats', 'クレジット');
  const systems = fc.constantFrom('ai-tokens', 'api-calls', 'seats');
  const expectedDraftNumber = fc.option(fc.nat({ max: 3 }), { nil: undefined });
  const body = fc.oneof(
    names.map((name) => ({ type: 'DefineCreditSystem' as const, name })),
    fc.record({ type: fc.constant('RenameCreditSystem' as const), creditSystem: systems, name: names }),
    fc.record({
      type: fc.constant('DescribeCreditSystem' as const),
      creditSystem: systems,
      description: names,
    }),
    fc.record({
      type: fc.constant('ChangeLateUsageGrace' as const),
      creditSystem: systems,
      lateUsageGraceMs: fc.nat({ max: 3 }),
    }),
    fc.record({
      type: fc.constant('SavePlanDraft' as const),
      planId: fc.constantFrom('pro', 'basic'),
      draft: fc.nat({ max: 3 }).map((cost) => draftOf(String(cost))),
      expectedDraftNumber,
    }),
    fc.record({
      type: fc.constant('PublishPlan' as const),
      planId: fc.constantFrom('pro', 'basic'),
      expectedDraftNumber,
    }),
  );
  const commands = fc.array(
    fc.tuple(key, body).map(([chosen, content]): CatalogCommand => ({
      ...content,
      key: chosen,
      fingerprint: JSON.stringify(content),
    })),
    { maxLength: 40 },
  );

  function play(list: readonly CatalogCommand[]): { events: CatalogEvent[]; state: Catalog } {
    let state = initialCatalog;
    const events: CatalogEvent[] = [];
    for (const command of list) {
      const decision = decide(state, command);
      if (decision.kind === 'decided') events.push(...decision.events);
      state = after(state, decision);
    }
    return { events, state };
  }

  it('folds to the same state whole, in two parts, and as it was decided', () => {
    fc.assert(
      fc.property(commands, fc.nat(), (list, cut) => {
        const { events, state } = play(list);
        const at = cut % (events.length + 1);
        const prefix = events.slice(0, at).reduce(evolveCatalog, initialCatalog);
        expect(events.reduce(evolveCatalog, initialCatalog)).toEqual(state);
        expect(events.slice(at).reduce(evolveCatalog, prefix)).toEqual(state);
        expect(foldCatalog(prefix, events.slice(at))).toEqual(state);
      }),
    );
  });

  it('answers every accepted command the same for ever after', () => {
    fc.assert(
      fc.property(commands, (list) => {
        let state = initialCatalog;
        const answered = new Map<CatalogCommand, unknown>();
        for (const command of list) {
          const decision = decide(state, command);
          if (decision.kind === 'decided') answered.set(command, decision.answer);
          state = after(state, decision);
        }
        for (const [command, answer] of answered) {
          expect(decide(state, command)).toEqual({ kind: 'duplicate', answer });
        }
      }),
    );
  });

  it('keeps names unique, versions contiguous and credit systems defined', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const { state } = play(list);
        const inUse = listCreditSystems(state).map((system) => system.name.toLowerCase());
        expect(new Set(inUse).size).toBe(inUse.length);
        for (const history of listPlanHistories(state)) {
          expect(history.versions.map((version) => version.version)).toEqual(
            history.versions.map((_, i) => i + 1),
          );
          for (const { creditSystem } of history.draft.credits) {
            expect(findCreditSystem(state, creditSystem)).toBeDefined();
          }
        }
      }),
    );
  });

  it('publishes and replaces no draft but the expected one', () => {
    fc.assert(
      fc.property(commands, (list) => {
        let state = initialCatalog;
        for (const command of list) {
          const decision = decide(state, command);
          if ('planId' in command && decision.kind === 'decided') {
            const found = draftNumberOf(state, command.planId);
            expect(command.expectedDraftNumber ?? found).toBe(found);
          }
          state = after(state, decision);
        }
      }),
    );
  });

  it('refuses to fold a stream that is broken', () => {
    const renamed = play([
      tokens,
      { type: 'RenameCreditSystem', creditSystem: 'ai-tokens', name: 'x', key: 'r', fingerprint: 'r' },
    ]);
    expect(() => renamed.events.slice(1).reduce(evolveCatalog, initialCatalog)).toThrow(
      'undefined credit system ai-tokens',
    );
  });
});
