import { describe, expect, it } from '@jest/globals';
import { allowance, planOf, plans } from './testing/catalogs.js';
import { settleNow, start } from './testing/commands.js';
import { at, given } from './testing/given.js';
import type { Decision } from './index.js';

const account = () => given(plans(planOf(allowance(100))));

/** The types of a command's own events, and of those that they made due. */
function typesOf(decision: Decision): readonly (readonly string[])[] {
  if (decision.kind !== 'decided') throw new Error(`decided nothing: ${decision.kind}`);
  const types = decision.events.map(({ type }) => type);
  return [types.slice(0, decision.own), types.slice(decision.own)];
}

describe('a decision', () => {
  it("tells a command's own events from those that they made due", () => {
    const missed = account().decision(at('2026-02-10', start({ startsAt: '2026-01-05' })));
    expect(typesOf(missed)).toEqual([
      ['SubscriptionStarted'],
      ['CreditsGranted', 'CreditsExpired', 'CreditsGranted'],
    ]);
    expect(typesOf(account().decision(at('2026-02-10', settleNow)))).toEqual([[], []]);
  });

  it('would make them due by itself, had there been nothing but its own', () => {
    const whole = account();
    const decision = whole.decision(at('2026-02-10', start({ startsAt: '2026-01-05' })));
    if (decision.kind !== 'decided') throw new Error('the subscription was not started');
    const ownAlone = account();
    ownAlone.account.append(decision.events.slice(0, decision.own));
    ownAlone.decision(at('2026-02-10', settleNow));
    expect(ownAlone.account.state).toEqual(whole.account.state);
  });
});
