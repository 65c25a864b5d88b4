import type { Catalog } from '../../catalog/index.js';
import type { AccountCommand, Decision } from '../index.js';
import { tellDecision } from './tell.js';
import { TestAccount } from './test-account.js';

/** A command and when it arrives. */
export interface Step {
  readonly now: string;
  readonly command: AccountCommand;
}

export function at(now: string, command: AccountCommand): Step {
  return { now, command };
}

/** An account with a past: every command of it must have been let through. */
export function given(catalog: Catalog, ...past: readonly Step[]): Given {
  const account = new TestAccount(catalog, past[0]?.now, { forgetClosedGrants: true });
  for (const { now, command } of past) {
    const decision = account.at(now).send(command);
    if (decision.kind !== 'decided') throw new Error(`${now}: ${tellDecision(decision).join('; ')}`);
  }
  return new Given(account);
}

export class Given {
  constructor(readonly account: TestAccount) {}

  /** Sends commands one after the other; what they came to, line by line. */
  when(...steps: readonly Step[]): readonly string[] {
    return steps.flatMap(({ now, command }) => tellDecision(this.account.at(now).send(command)));
  }

  decision(step: Step): Decision {
    return this.account.at(step.now).send(step.command);
  }

  /** What a customer sees at an instant. */
  availableAt(now: string, creditSystem = 'credits'): string {
    return this.account.at(now).available(creditSystem);
  }
}
