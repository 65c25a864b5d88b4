import { describe, expect, it } from '@jest/globals';
import { BEFORE_ALL } from '../port.js';
import { allRequest, subscriptionRequest } from './read-requests.js';

describe('requests to read $all', () => {
  const both = [
    allRequest(BEFORE_ALL, ['account-', 'catalog'], 5),
    subscriptionRequest(BEFORE_ALL, ['account-', 'catalog']),
  ].map((request) => request.getOptions());

  it('search by a thousand records, and have a checkpoint as often', () => {
    for (const options of both) {
      expect(options?.getFilter()?.getMax()).toBe(1024);
      expect(options?.getFilter()?.getCheckpointintervalmultiplier()).toBe(1);
    }
  });

  it('begin at the start where nothing is before', () => {
    for (const options of both) expect(options?.getAll()?.hasStart()).toBe(true);
  });

  it.each([
    [['account-', 'catalog'], '^(?:account-|catalog)'],
    [['a.b(c)[d]{e}|f*g+h?i^j$k\\l'], String.raw`^(?:a\.b\(c\)\[d\]\{e\}\|f\*g\+h\?i\^j\$k\\l)`],
    [['', 'account-'], '^[^$]'],
  ])('name %j as one regular expression', (prefixes, regex) => {
    const filter = allRequest(undefined, prefixes, 5).getOptions()?.getFilter();
    expect(filter?.getStreamIdentifier()?.getRegex()).toBe(regex);
    expect(filter?.getStreamIdentifier()?.getPrefixList()).toEqual([]);
  });
});
