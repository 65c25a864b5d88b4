import { describe, expect, it } from '@jest/globals';
import { Amount } from '#domain';
import { differences } from './differences.js';

describe('differences', () => {
  it('names what changed, what is new and what is gone, by path', () => {
    const before = { name: 'A', limits: { min: Amount.parse('5'), max: Amount.parse('9') }, note: null };
    const after = { name: 'B', limits: { min: Amount.parse('5.5') }, note: 'x' };
    expect(differences(before, after)).toEqual([
      'name: A → B',
      'limits.min: 5 → 5.5',
      'limits.max: 9 (gone)',
      'note: x (new)',
    ]);
  });

  it('follows an entry of a list by what it is about, wherever it stands', () => {
    const chat = { feature: 'chat', creditSystem: 'tokens', creditCost: '1' };
    const image = { feature: 'image', creditSystem: 'tokens', creditCost: '12' };
    expect(
      differences({ features: [chat, image] }, { features: [image, { ...chat, creditCost: '2' }] }),
    ).toEqual(['features[chat].creditCost: 1 → 2']);
  });

  it('says so when the same entries stand in another order, and nothing when nothing changed', () => {
    const [one, two] = [{ creditSystem: 'a' }, { creditSystem: 'b' }];
    expect(differences([one, two], [two, one])).toEqual(['another order of the same entries']);
    expect(differences([one], [one])).toEqual([]);
  });
});
