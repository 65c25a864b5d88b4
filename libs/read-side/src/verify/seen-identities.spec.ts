import { describe, expect, it } from '@jest/globals';
import { SeenIdentities } from './seen-identities.js';

describe('seen identities', () => {
  it('knows every id again, and takes no new one for seen, through all its growth', () => {
    const seen = new SeenIdentities();
    const ids = Array.from({ length: 20_000 }, (_, index) => `usage/source/${index}`);
    expect(ids.filter((id) => !seen.add(id))).toEqual([]);
    expect(ids.filter((id) => seen.add(id))).toEqual([]);
  });
});
