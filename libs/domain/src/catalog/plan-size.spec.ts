import { describe, expect, it } from '@jest/globals';
import { completeDraft } from './index.js';
import { planSizeFaults } from './plan-size.js';

const around = Buffer.byteLength(JSON.stringify(completeDraft({ name: '' })));

describe('the size of a plan', () => {
  it.each(['x', 'é', '界', '𝒳'])('is counted in bytes of UTF-8: %s', (letter) => {
    const most = Math.floor((1_000_000 - around) / Buffer.byteLength(letter));
    expect(planSizeFaults(completeDraft({ name: letter.repeat(most) }))).toEqual([]);
    const bytes = around + (most + 1) * Buffer.byteLength(letter);
    expect(planSizeFaults(completeDraft({ name: letter.repeat(most + 1) }))).toEqual([
      {
        path: 'credits',
        message: `too many tiers and features together: the plan takes ${bytes} bytes of at most 1000000`,
      },
    ]);
  });
});
