import { describe, expect, it } from '@jest/globals';
import { Amount } from '#domain';
import { walletMessage } from './wallet-messages.js';

const amounts = (included: string, purchased: string, promotional: string) => ({
  included: Amount.parse(included),
  purchased: Amount.parse(purchased),
  promotional: Amount.parse(promotional),
});

describe('the wallet in an answer', () => {
  const balance = { ...amounts('190', '20.5', '7'), held: Amount.parse('3') };

  it('is the balance of the event', () => {
    expect(walletMessage({ creditSystem: 'credits', balance })).toEqual({
      creditSystem: 'credits',
      totalAvailable: '217.5',
      included: '190',
      purchased: '20.5',
      promotional: '7',
      held: '3',
    });
  });

  it('leaves out what cannot be used: credits that have ended or have yet to begin', () => {
    expect(
      walletMessage({ creditSystem: 'credits', balance, unusable: amounts('100', '0', '7') }),
    ).toMatchObject({ totalAvailable: '110.5', included: '90', purchased: '20.5', promotional: '0' });
  });
});
